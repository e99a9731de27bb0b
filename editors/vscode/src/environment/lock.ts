/** One set-up at a time: several windows share a folder. */

import * as fs from "node:fs";
import * as path from "node:path";

import { SetupError } from "./errors";
import { type Places, remove } from "./places";

/** What `work` returns, done while nobody else sets up. Rejects with SetupError where somebody does. */
export async function locked<Result>(places: Places, work: () => Promise<Result>): Promise<Result> {
  fs.mkdirSync(places.root, { recursive: true });
  if (holder(places) !== undefined) {
    throw new SetupError("another window is setting polylsp up: wait for it to end");
  }
  fs.rmSync(places.lock, { force: true });
  const file = fs.openSync(places.lock, "wx");
  try {
    fs.writeSync(file, String(process.pid));
    fs.closeSync(file);
    return await work();
  } finally {
    fs.rmSync(places.lock, { force: true });
  }
}

/** The process that sets up; undefined where none does that still runs. */
function holder(places: Places): number | undefined {
  try {
    const id = Number(fs.readFileSync(places.lock, "utf8"));
    process.kill(id, 0);
    return id;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM" ? 0 : undefined;
  }
}

/** Removes environments that do not count any more, and what a set-up left that was killed. */
export async function sweep(places: Places): Promise<void> {
  if (holder(places) !== undefined || !fs.existsSync(places.environments)) {
    return;
  }
  const current = places.current();
  for (const name of fs.readdirSync(places.environments)) {
    if (name !== (current && path.basename(current.folder))) {
      await remove(path.join(places.environments, name));
    }
  }
}

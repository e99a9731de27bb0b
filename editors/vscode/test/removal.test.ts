/** Uninstalling finds what was set up, wherever the editor keeps it, and takes nothing else. */

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { clearAway, note, storages } from "../src/environment/removal";
import { files, folder } from "./wheels";

const ID = "polylsp.polylsp";

function touch(...parts: string[]): void {
  const file = path.join(...parts);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, "");
}

test("only what is ours goes", async (t) => {
  const root = path.join(folder(t), ID);
  touch(root, "current.json");
  touch(root, "environments", "1.0-abc", "bin", "python");
  touch(root, "cache", "http", "x");
  touch(root, "someone's", "notes");
  await clearAway(root);
  assert.deepEqual(files(root), ["someone's", path.join("someone's", "notes")]);
  fs.rmSync(path.join(root, "someone's"), { recursive: true });
  await clearAway(root);
  assert(!fs.existsSync(root));
  await clearAway(root);
});

test("the storage that was noted is found again, whatever was asked of the editor", (t) => {
  const root = folder(t);
  const extension = path.join(root, "some", "extensions", `${ID}-0.1.0`);
  fs.mkdirSync(extension, { recursive: true });
  const storage = path.join(root, "elsewhere", "User", "globalStorage", ID);
  note(extension, storage);
  note(extension, storage);
  assert.equal(storages(extension, ID)[0], storage);
  fs.writeFileSync(path.join(extension, "storage.json"), JSON.stringify([root, 1, "relative"]));
  assert(storages(extension, ID).every((one) => path.basename(one) === ID));
});

test("without a note, each kind of editor's own place is looked at", (t) => {
  const root = folder(t);
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  process.env = {
    ...before,
    XDG_CONFIG_HOME: path.join(root, ".config"),
    APPDATA: path.join(root, "Roaming"),
  };
  const of = (folder: string, platform: NodeJS.Platform): string[] =>
    storages(path.join(root, folder, "extensions", `${ID}-0.1.0`), ID, platform).map((one) =>
      path.relative(root, one),
    );
  const storage = path.join("User", "globalStorage", ID);
  assert(of(".vscode", "linux").includes(path.join(".config", "Code", storage)));
  assert(of(".vscode", "win32").includes(path.join("Roaming", "Code", storage)));
  assert(
    of(".vscode-insiders", "linux").includes(path.join(".config", "Code - Insiders", storage)),
  );
  assert(!of(".vscode-insiders", "linux").includes(path.join(".config", "Code", storage)));
  assert(
    of(".vscode", "darwin").some((one) =>
      one.endsWith(path.join("Application Support", "Code", storage)),
    ),
  );
  assert(of(".vscode-server", "linux").includes(path.join(".vscode-server", "data", storage)));
  assert(of("code-server", "linux").includes(path.join("code-server", storage)));
  fs.mkdirSync(path.join(root, "code-server", "User", "profiles", "-1a2b"), { recursive: true });
  const profile = path.join("code-server", "User", "profiles", "-1a2b", "globalStorage", ID);
  assert(of("code-server", "linux").includes(profile));
});

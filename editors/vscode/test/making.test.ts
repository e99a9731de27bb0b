/** Where no Python can carry an environment, uv is offered, and does it. */

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { type TestContext, test } from "node:test";

import { make, ways } from "../src/environment/making";
import { MODULE, Places } from "../src/environment/places";
import { run } from "../src/environment/run";
import { findUv } from "../src/environment/uv";
import { folder, python, wheel } from "./wheels";

const posix = { skip: process.platform === "win32" && "scripts stand in for Pythons here" };

/** A Python that says of itself what is given, and is the machine's own in all else. */
async function stand(t: TestContext, about: object): Promise<[Places, string]> {
  const root = folder(t);
  const answer = { implementation: "cpython", version: [3, 12], bits: 64, threaded: false };
  const said = JSON.stringify({ ...answer, venv: false, pip: false, ...about });
  const file = path.join(root, "python3");
  const script = `case "$*" in *find_spec*) echo '${said}';; *) exec "${await python()}" "$@";; esac`;
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  fs.mkdirSync(path.join(root, "storage"));
  return [new Places(path.join(root, "storage")), file];
}

test("where nothing can be done, the user is told what to install", posix, async (t) => {
  const [places, file] = await stand(t, {});
  const found = await ways(places, file, "", { path: "", workspace: [] });
  assert.match(found.why, /sudo apt install python3\.12-venv.*Install such a Python or uv/);
  assert(found.python === undefined && found.uv === undefined);
});

test("a pip, of an old Python even, can fetch uv, and that is said before", posix, async (t) => {
  const [places, file] = await stand(t, { version: [3, 9], pip: true });
  const found = await ways(places, file, "/wheels", { path: "", workspace: [] });
  assert.match(found.why, /3\.9, which is too old.*downloads a Python of its own.*index first/);
  const making = await found.uv?.();
  assert.equal(making?.fetch?.command, file);
  assert.equal(making.uv, places.uvCommand);
  assert.equal(making.python, "");
});

test("uv makes an environment of a Python that cannot by itself", posix, async (t) => {
  const [places, file] = await stand(t, {});
  const search = { path: process.env["PATH"] ?? "", workspace: [] };
  if (findUv(places, search) === undefined) {
    t.skip("uv is not on the PATH");
    return;
  }
  const found = await ways(places, file, "", search);
  assert.match(found.why, /uv can make the environment\.$/);
  const making = await found.uv?.();
  assert(making !== undefined);
  const shipped = wheel(path.dirname(places.root), { version: "1.0" });
  const wishes = { wheel: shipped, wheels: path.dirname(places.root), proxy: "" };
  const made = await make(places, making, wishes, new AbortController().signal, () => undefined);
  const answer = await run(made.python, [...MODULE, "--version"], { cwd: places.root });
  assert.equal(answer.stdout, "polylsp 1.0");
});

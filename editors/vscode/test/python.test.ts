/** Which Python carries an environment, and what is said of those that cannot. */

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { ask, explain, findPython } from "../src/environment/python";
import { folder, python } from "./wheels";

const posix = { skip: process.platform === "win32" && "scripts stand in for Pythons here" };

const GOOD = {
  implementation: "cpython",
  version: [3, 12],
  bits: 64,
  threaded: false,
  venv: true,
  pip: true,
};

/** A command that answers as a Python of that kind would. */
function stand(file: string, answer: object | string): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const script =
    typeof answer === "string" ? answer : `echo '${JSON.stringify({ ...GOOD, ...answer })}'`;
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

test("this machine's Python can carry an environment", async (t) => {
  const found = await ask(await python(), folder(t));
  assert.equal(found.lack, undefined);
  assert.match(found.version, /^3\.1[0-4]$/);
});

test("the first usable one is taken, and a setting goes before all", posix, async (t) => {
  const root = folder(t);
  const old = stand(path.join(root, "a", "python3"), { version: [3, 9] });
  const good = stand(path.join(root, "b", "python3"), {});
  const search = { path: `${path.dirname(old)}:${path.dirname(good)}`, workspace: [] };
  const found = await findPython("", search, root);
  assert.equal(found.usable?.path, good);
  assert.deepEqual(
    found.others.map((one) => one.lack),
    ["too old"],
  );
  assert.equal((await findPython(old, search, root)).usable, undefined);
  const inside = await findPython("", { path: path.dirname(good), workspace: [root] }, root);
  assert.notEqual(inside.usable?.path, good);
});

test("what is the matter with each is said, with its remedy", posix, async (t) => {
  const root = folder(t);
  const kinds: [string, object | string, RegExp][] = [
    ["old/python3", { version: [3, 9] }, /old\/python3 is 3\.9, which is too old/],
    ["new/python3", { version: [3, 15] }, /is 3\.15, which is newer than the packages/],
    ["debian/python3", { version: [3, 13], venv: false }, /sudo apt install python3\.13-venv/],
    [
      "Microsoft/WindowsApps/python.exe",
      "echo 'Python was not found' >&2; exit 49",
      /only opens the Microsoft Store/,
    ],
    [
      "pypy/python3",
      { implementation: "pypy" },
      /a build of Python for which there are no packages/,
    ],
    ["threads/python3", { threaded: true }, /a build of Python for which there are no packages/],
    ["broken/python3", "echo 'command not found' >&2; exit 127", /broken\/python3 cannot be run/],
  ];
  for (const [name, answer, said] of kinds) {
    const found = await ask(stand(path.join(root, name), answer), root);
    assert.match(explain([found]), said);
    assert.match(explain([found]), /polylsp needs Python 3\.10 to 3\.14/);
  }
  assert.match(explain([]), /none was found/);
});

test("Apple's Python is not run where that would open a dialogue", async (t) => {
  const found = await ask("/usr/bin/python3", folder(t), "darwin");
  assert.equal(found.lack, "developer tools");
  assert.match(explain([found]), /xcode-select --install/);
});

/** Which server is started, and that a repository has no say in it. */

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { find, remedy } from "../src/environment/find";
import { Current, Places } from "../src/environment/places";
import { folder } from "./wheels";

const NAME = process.platform === "win32" ? "polylsp.exe" : "polylsp";

function command(...parts: string[]): string {
  const file = path.join(...parts);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, "#!/bin/sh\n", { mode: 0o755 });
  return file;
}

test("the private environment goes before the setting, and that before the PATH", (t) => {
  const root = folder(t);
  const places = new Places(path.join(root, "storage"));
  const onPath = command(root, "bin", NAME);
  const set = command(root, "set", NAME);
  const search = { path: path.dirname(onPath), workspace: [] };
  assert.deepEqual(find(places, "", search), { command: onPath, args: [], origin: "path" });
  assert.deepEqual(find(places, set, search), { command: set, args: [], origin: "setting" });
  const own = new Current(path.join(places.environments, "1.0-abc"), "1.0");
  command(own.python);
  places.choose(own);
  assert.deepEqual(find(places, set, search), {
    command: own.python,
    args: ["-I", "-m", "polylsp"],
    origin: "private",
    version: "1.0",
  });
  fs.rmSync(own.python); // The Python that it stands on was removed.
  assert.equal(find(places, set, search)?.origin, "setting");
});

test("a setting that cannot be used is not replaced by something else", (t) => {
  const root = folder(t);
  const onPath = command(root, "bin", NAME);
  const search = { path: path.dirname(onPath), workspace: [] };
  const places = new Places(path.join(root, "storage"));
  assert.equal(find(places, path.join(root, "nowhere", NAME), search), undefined);
  assert.equal(find(places, path.join("bin", NAME), search), undefined);
});

test("a repository cannot put a command in the way", (t) => {
  const root = folder(t);
  const workspace = path.join(root, "repository");
  const theirs = command(workspace, ".venv", "bin", NAME);
  const ours = command(root, "bin", NAME);
  const places = new Places(path.join(root, "storage"));
  const link = path.join(root, "link");
  fs.symlinkSync(path.dirname(theirs), link, "junction");
  const relative = path.relative(process.cwd(), path.dirname(theirs));
  const entries = [".", relative, path.dirname(theirs), link, "", path.dirname(ours)];
  const search = { path: entries.join(path.delimiter), workspace: [workspace] };
  assert.equal(find(places, "", search)?.command, ours);
});

test("what current.json says is not trusted to lead elsewhere", (t) => {
  const root = folder(t);
  const places = new Places(root);
  command(new Current(path.join(root, "evil"), "1.0").python);
  for (const text of [
    '{"folder": "../evil", "version": "1.0"}',
    '{"folder": 1}',
    "[]",
    "null",
    "{",
    "",
  ]) {
    fs.writeFileSync(path.join(root, "current.json"), text);
    assert.equal(places.current(), undefined, text);
  }
});

test("the remedy for an old server is that of the tool that installed it", (t) => {
  const root = folder(t);
  const of = (...parts: string[]): string =>
    remedy({ command: command(root, ...parts), args: [], origin: "path" }, "/x/w.whl");
  assert.equal(of("uv", "tools", "polylsp", "bin", NAME), 'uv tool install --force "/x/w.whl"');
  assert.equal(of("pipx", "venvs", "polylsp", "bin", NAME), 'pipx install --force "/x/w.whl"');
  const python = command(root, "venv", "bin", "python3");
  assert.equal(
    of("venv", "bin", NAME),
    `"${fs.realpathSync(python)}" -m pip install --upgrade "/x/w.whl"`,
  );
});

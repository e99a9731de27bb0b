/** Small real wheels, a real Python, and a folder that goes when the test ends. */

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { TestContext } from "node:test";

import { findPython } from "../src/environment/python";

const WRITE = `
import json, sys, zipfile
about = json.loads(sys.argv[1])
name, version = about["name"], about["version"]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(about["file"], "w") as wheel:
    for file, text in about["files"].items():
        wheel.writestr(f"{name}/{file}", text)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in about["needs"]]
    wheel.writestr(f"{info}/METADATA", "\\n".join(lines) + "\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")`;

/** A folder of the test's own, with a blank and an umlaut in its name. */
export function folder(test: TestContext): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "polylsp über all-"));
  test.after(() => fs.rmSync(made, { recursive: true, force: true, maxRetries: 3 }));
  return made;
}

/** The machine's own Python that can carry an environment. */
export async function python(): Promise<string> {
  const search = { path: process.env["PATH"] ?? "", workspace: [] };
  const { usable, others } = await findPython("", search, os.tmpdir());
  if (usable === undefined) {
    throw new Error(`these tests need a Python: ${JSON.stringify(others)}`);
  }
  return usable.path;
}

export interface About {
  readonly name?: string;
  readonly version: string;
  readonly needs?: readonly string[];
  /** What it says when asked for its version; by default the truth. */
  readonly says?: string;
}

/** Writes a wheel into a folder: of a "server" that answers --version and no more, or of another package. */
export function wheel(into: string, about: About): { file: string; version: string } {
  const { name = "polylsp", version, needs = [], says = `polylsp ${version}` } = about;
  const file = path.join(into, `${name}-${version}-py3-none-any.whl`);
  const imports = needs.map((one) => `import ${one}\n`).join("");
  const files = { "__init__.py": "", "__main__.py": `${imports}print(${JSON.stringify(says)})\n` };
  const facts = JSON.stringify({ name, version, file, needs, files });
  const command = process.platform === "win32" ? "python" : "python3";
  const written = spawnSync(command, ["-c", WRITE, facts], { encoding: "utf8" });
  if (written.status !== 0) {
    throw new Error(written.stderr);
  }
  return { file, version };
}

/** All files below a folder. */
export function files(root: string): string[] {
  return fs.existsSync(root) ? (fs.readdirSync(root, { recursive: true }) as string[]).sort() : [];
}

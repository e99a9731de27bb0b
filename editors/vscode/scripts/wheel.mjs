// Puts the server's wheel into wheel/, from which the packaged extension sets its environment up.
//
// node scripts/wheel.mjs [--python PYTHON] [--version VERSION] [--into FOLDER]: VERSION makes one that calls itself so,
// to try upgrades with. Pip's own settings apply (PIP_NO_INDEX, PIP_FIND_LINKS): building takes hatchling.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const root = join(import.meta.dirname, "..", "..", "..");
const { values } = parseArgs({
  options: {
    python: { type: "string", default: process.platform === "win32" ? "python" : "python3" },
    version: { type: "string" },
    into: { type: "string", default: "wheel" },
  },
});
const own = JSON.parse(readFileSync("package.json", "utf8")).version;
const version = values.version ?? own;
const source = mkdtempSync(join(tmpdir(), "polylsp-wheel-"));
try {
  for (const one of ["polylsp", "pyproject.toml", "README.md", "LICENSE"]) {
    cpSync(join(root, one), join(source, one), {
      recursive: true,
      filter: (name) => !name.includes("__pycache__"),
    });
  }
  const file = join(source, "polylsp", "__init__.py");
  const text = readFileSync(file, "utf8");
  const found = /^__version__ = "(.+)"$/m.exec(text)?.[1];
  if (found !== own) {
    throw new Error(
      `package.json says version ${own}, polylsp/__init__.py ${found}: they must agree`,
    );
  }
  writeFileSync(file, text.replace(`__version__ = "${found}"`, `__version__ = "${version}"`));
  rmSync(values.into, { recursive: true, force: true });
  const args = [
    "-m",
    "pip",
    "wheel",
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--wheel-dir",
    values.into,
    source,
  ];
  const run = spawnSync(values.python, args, { stdio: "inherit" });
  if (run.status !== 0) {
    throw new Error(`${values.python} could not build the wheel`);
  }
  console.log(readdirSync(values.into).join());
} finally {
  rmSync(source, { recursive: true, force: true });
}

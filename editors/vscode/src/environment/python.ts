/**
 * The user's own Python: one that can carry an environment of ours, or what is the matter with each that was found.
 *
 * Asked with `-I`: neither the working folder nor the user's Python variables have a say.
 */

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { type Search, commands, isCommand } from "./commands";
import { run } from "./run";

const OLDEST = 10;
const NEWEST = 14;
const PATIENCE = 15_000;
const NAMES = [
  "python3",
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.14",
  "python3.10",
  "python",
];
const QUESTION = `
import importlib.util as u, json, struct, sys, sysconfig
here = lambda *names: all(u.find_spec(name) for name in names)
print(json.dumps({
    "implementation": sys.implementation.name, "version": sys.version_info[:2], "bits": 8 * struct.calcsize("P"),
    "threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "venv": here("venv", "ensurepip"), "pip": here("pip")}))`;

export interface Python {
  readonly path: string;
  readonly version: string;
  /** What keeps it from carrying an environment; undefined where nothing does. */
  readonly lack?: Lack;
  readonly pip: boolean;
}

export type Lack =
  "too old" | "too new" | "no venv" | "store stub" | "developer tools" | "other build" | "broken";

export interface Pythons {
  /** The first that has all it takes. */
  readonly usable?: Python;
  /** Those that were looked at before. */
  readonly others: readonly Python[];
}

/** Looks for a Python. `setting`: the one to use, whatever else there is; "" for none. */
export async function findPython(setting: string, search: Search, cwd: string): Promise<Pythons> {
  const others: Python[] = [];
  for (const file of setting === "" ? candidates(search) : [setting]) {
    const python = await ask(file, cwd);
    if (python.lack === undefined) {
      return { usable: python, others };
    }
    others.push(python);
  }
  return { others };
}

function candidates(search: Search): string[] {
  const named = NAMES.flatMap((name) => commands(name, search));
  return [...new Set([...named, ...usual().filter(isCommand)])];
}

/** Where installers put it, PATH or not: editors that are started by a click may know none. */
function usual(): string[] {
  const versions = [13, 12, 11, 14, 10];
  if (process.platform === "win32") {
    const local = process.env["LOCALAPPDATA"] ?? path.join(os.homedir(), "AppData", "Local");
    const programs = process.env["ProgramFiles"] ?? "C:\\Program Files";
    const roots = [path.join(local, "Programs", "Python"), programs];
    return roots.flatMap((root) =>
      versions.map((minor) => path.join(root, `Python3${minor}`, "python.exe")),
    );
  }
  const framework = "/Library/Frameworks/Python.framework/Versions";
  const brewed = ["/opt/homebrew/bin", "/usr/local/bin"].flatMap((folder) =>
    versions.map((minor) => `${folder}/python3.${minor}`),
  );
  return [
    ...brewed,
    ...versions.map((minor) => `${framework}/3.${minor}/bin/python3.${minor}`),
    "/usr/bin/python3",
  ];
}

/** What one Python is. */
export async function ask(file: string, cwd: string, platform = process.platform): Promise<Python> {
  if (platform === "darwin" && file === "/usr/bin/python3" && !(await hasDeveloperTools(cwd))) {
    return { path: file, version: "", lack: "developer tools", pip: false }; // Running it would open a dialogue.
  }
  const answer = await run(file, ["-I", "-c", QUESTION], { cwd, timeout: PATIENCE }).catch(
    () => undefined,
  );
  try {
    return judged(file, JSON.parse(answer?.stdout ?? "") as Answer);
  } catch {
    const stub = /[\\/]WindowsApps[\\/]/i.test(file);
    return { path: file, version: "", lack: stub ? "store stub" : "broken", pip: false };
  }
}

async function hasDeveloperTools(cwd: string): Promise<boolean> {
  const answer = await run("/usr/bin/xcode-select", ["-p"], { cwd, timeout: PATIENCE }).catch(
    () => undefined,
  );
  return answer?.code === 0 && fs.existsSync(answer.stdout.trim());
}

interface Answer {
  readonly implementation: string;
  readonly version: readonly [number, number];
  readonly bits: number;
  readonly threaded: boolean;
  readonly venv: boolean;
  readonly pip: boolean;
}

function judged(file: string, answer: Answer): Python {
  const lack = lacking(answer);
  const about = { path: file, version: answer.version.join("."), pip: answer.pip };
  return lack === undefined ? about : { ...about, lack };
}

function lacking(answer: Answer): Lack | undefined {
  const [major, minor] = answer.version;
  if (major < 3 || (major === 3 && minor < OLDEST)) {
    return "too old";
  }
  if (answer.implementation !== "cpython" || answer.bits !== 64 || answer.threaded) {
    return "other build";
  }
  if (major > 3 || minor > NEWEST) {
    return "too new";
  }
  return answer.venv ? undefined : "no venv";
}

/** What is the matter with the Pythons of this machine, and what to do about it: sentences for people. */
export function explain(others: readonly Python[]): string {
  const wanted = `polylsp needs Python 3.${OLDEST} to 3.${NEWEST}`;
  const told = others.filter((one) => one.lack !== "broken").map(sentence);
  if (told.length === 0) {
    return others.length === 0
      ? `${wanted}; none was found.`
      : `${wanted}; ${others.map((one) => one.path).join(", ")} cannot be run.`;
  }
  return `${wanted}. ${[...new Set(told)].slice(0, 3).join(" ")}`;
}

function sentence(python: Python): string {
  switch (python.lack) {
    case "too old":
      return `${python.path} is ${python.version}, which is too old.`;
    case "too new":
      return `${python.path} is ${python.version}, which is newer than the packages that polylsp needs.`;
    case "no venv":
      return `${python.path} cannot make environments: its packages venv and ensurepip are missing (Debian, Ubuntu: sudo apt install python${python.version}-venv).`;
    case "store stub":
      return `${python.path} is no Python, it only opens the Microsoft Store.`;
    case "developer tools":
      return `${python.path} works only with Apple's developer tools (xcode-select --install), and is too old even then.`;
    default:
      return `${python.path} is a build of Python for which there are no packages.`;
  }
}

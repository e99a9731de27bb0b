/**
 * What lies where in the folder that an editor gives us for our own.
 *
 * `environments/` holds virtual environments, each made where it stays, since none can be moved. `current.json`
 * names the one that counts: replacing that small file is the whole of an upgrade.
 */

import * as fs from "node:fs";
import * as path from "node:path";

const FOLDER = /^[\w.+!-]+$/;

export class Places {
  readonly environments: string;
  /** Of packages that were fetched: an upgrade, or another try, need not fetch them again. */
  readonly cache: string;
  readonly uv: string;
  readonly uvCommand: string;
  /** Pythons that uv has fetched. */
  readonly pythons: string;
  readonly lock: string;
  readonly #current: string;

  constructor(readonly root: string) {
    this.environments = path.join(root, "environments");
    this.cache = path.join(root, "cache");
    this.uv = path.join(root, "uv");
    this.uvCommand = path.join(this.uv, "bin", process.platform === "win32" ? "uv.exe" : "uv");
    this.pythons = path.join(root, "pythons");
    this.lock = path.join(root, "setting-up");
    this.#current = path.join(root, "current.json");
  }

  /** The environment that counts; undefined where there is none, or what it stands on is gone. */
  current(): Current | undefined {
    try {
      const { folder, version } = JSON.parse(fs.readFileSync(this.#current, "utf8")) as Partial<
        Record<string, unknown>
      >;
      if (typeof folder !== "string" || typeof version !== "string" || !FOLDER.test(folder)) {
        return undefined;
      }
      const found = new Current(path.join(this.environments, folder), version);
      return fs.existsSync(found.python) ? found : undefined;
    } catch {
      return undefined;
    }
  }

  /** From now on this one counts. */
  choose(environment: Current): void {
    const about = { folder: path.basename(environment.folder), version: environment.version };
    fs.writeFileSync(`${this.#current}.new`, `${JSON.stringify(about)}\n`);
    fs.renameSync(`${this.#current}.new`, this.#current);
  }

  /** Everything that can be ours in here, and nothing else. */
  get everything(): readonly string[] {
    const { environments, cache, uv, pythons, lock } = this;
    return [this.#current, `${this.#current}.new`, lock, environments, uv, pythons, cache];
  }
}

/** A virtual environment with a server in it. */
export class Current {
  readonly python: string;

  constructor(
    readonly folder: string,
    readonly version: string,
  ) {
    this.python = pythonOf(folder);
  }
}

/** The interpreter of a virtual environment. */
export function pythonOf(folder: string): string {
  return process.platform === "win32"
    ? path.join(folder, "Scripts", "python.exe")
    : path.join(folder, "bin", "python");
}

/** Starts polylsp, whatever PYTHONPATH says and wherever it is started. */
export const MODULE: readonly string[] = ["-I", "-m", "polylsp"];

/** Deletes a file or folder, or as much of it as the system lets go. */
export async function remove(place: string): Promise<void> {
  await fs.promises
    .rm(place, { recursive: true, force: true, maxRetries: 3 })
    .catch(() => undefined);
}

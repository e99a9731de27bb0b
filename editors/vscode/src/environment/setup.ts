/**
 * Sets an environment up: a new folder, the wheel and what it needs, and the switch once the server in it has answered.
 *
 * Until then whatever was there before stays as it was; when it fails or is cancelled, nothing of it remains.
 */

import * as fs from "node:fs";
import * as path from "node:path";

import { SetupError } from "./errors";
import { locked } from "./lock";
import { WHEELS_ONLY, from, pipInstall } from "./pip";
import { Current, MODULE, type Places, pythonOf, remove } from "./places";
import { type Outcome, run } from "./run";
import { type Wheel, told } from "./versions";

const TOLD = 12; // Lines of a program that failed.
const EXPECTED = 25; // Packages; only how the progress looks depends on it.

/** Who makes the environment: a Python by itself, or uv with a Python or, where that is "", one it fetches. */
export type Maker = { readonly python: string; readonly uv?: string };

export interface Wishes {
  readonly maker: Maker;
  readonly wheel: Wheel;
  /** A folder of wheels to use instead of any index; "" for none. */
  readonly wheels: string;
  /** The editor's own proxy; "" for none. */
  readonly proxy: string;
  /** Variables beside this process's. */
  readonly variables?: NodeJS.ProcessEnv | undefined;
}

export interface Progress {
  readonly message: string;
  /** From 0 to 1; never goes back. */
  readonly fraction: number;
}

/** The new environment, in force already. Rejects with Cancelled or SetupError. */
export function setUp(
  places: Places,
  wishes: Wishes,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<Current> {
  return locked(places, async () => {
    fs.mkdirSync(places.environments, { recursive: true });
    const folder = fs.mkdtempSync(path.join(places.environments, `${wishes.wheel.version}-`));
    const temporary = `${folder}.tmp`;
    try {
      fs.mkdirSync(temporary);
      const work = new Work(places, wishes, signal, temporary, tell);
      await work.make(folder);
      await work.install(folder);
      const environment = await work.check(folder);
      places.choose(environment);
      return environment;
    } catch (error) {
      await remove(folder);
      throw error;
    } finally {
      await remove(temporary);
    }
  });
}

class Work {
  readonly #env: NodeJS.ProcessEnv;

  constructor(
    private readonly places: Places,
    private readonly wishes: Wishes,
    private readonly signal: AbortSignal,
    temporary: string,
    private readonly tell: (progress: Progress) => void,
  ) {
    this.#env = { ...environment(process.env, wishes.proxy, temporary), ...wishes.variables };
  }

  async make(folder: string): Promise<void> {
    const { python, uv } = this.wishes.maker;
    this.tell({ message: "making an environment", fraction: 0.02 });
    if (uv === undefined) {
      await this.run("the environment could not be made", python, ["-I", "-m", "venv", folder]);
      return;
    }
    const which =
      python === "" ? ["--managed-python", "--python", ">=3.10,<3.14"] : ["--python", python];
    await this.run("the environment could not be made", uv, [
      "venv",
      "--allow-existing",
      "--no-project",
      ...which,
      folder,
    ]);
  }

  async install(folder: string): Promise<void> {
    const names = new Set<string>();
    const hear = (line: string): void => {
      const name = packageIn(line);
      if (name !== undefined) {
        names.add(name);
        this.tell({
          message: `getting packages: ${name}`,
          fraction: 0.1 + 0.6 * (1 - Math.exp(-names.size / EXPECTED)),
        });
      } else if (line.startsWith("Installing collected packages")) {
        this.tell({ message: "installing packages", fraction: 0.75 });
      }
    };
    this.tell({ message: "getting packages", fraction: 0.1 });
    const [command, ...args] = this.#installing(folder);
    await this.run("the packages could not be installed", command as string, args, hear);
  }

  #installing(folder: string): string[] {
    const { maker, wheel, wheels } = this.wishes;
    const python = pythonOf(folder);
    if (maker.uv !== undefined) {
      const uv = [maker.uv, "pip", "install", "--python", python, "--no-progress"];
      return [...uv, ...WHEELS_ONLY, ...from(wheels), wheel.file];
    }
    // A user's pip settings may ask for `user`, which environments refuse.
    return [python, ...pipInstall(this.places), "--no-user", ...from(wheels), wheel.file];
  }

  async check(folder: string): Promise<Current> {
    this.tell({ message: "asking the server for its version", fraction: 0.95 });
    const made = new Current(folder, this.wishes.wheel.version);
    const said = await this.run("the server that was installed does not start", made.python, [
      ...MODULE,
      "--version",
    ]);
    if (told(said.stdout) !== made.version) {
      throw new SetupError(
        `the server says "${said.stdout.trim()}", and ${made.version} was installed`,
      );
    }
    return made;
  }

  async run(
    failure: string,
    command: string,
    args: readonly string[],
    line?: (line: string) => void,
  ): Promise<Outcome> {
    const outcome = await run(command, args, {
      cwd: this.places.root,
      env: this.#env,
      signal: this.signal,
      ...(line && { line }),
    }).catch((error: unknown) => {
      throw error instanceof Error && "code" in error
        ? new SetupError(`${failure}: ${command} cannot be run (${String(error.code)})`)
        : error;
    });
    if (outcome.code !== 0) {
      throw new SetupError(failure, outcome.lines.filter((one) => one.trim() !== "").slice(-TOLD));
    }
    return outcome;
  }
}

/** The package that a line of pip's is about. */
function packageIn(line: string): string | undefined {
  return /^\s*(?:Collecting |Processing .*[\\/])([A-Za-z][\w.]*(?:-[A-Za-z][\w.]*)*)/.exec(
    line,
  )?.[1];
}

/** The variables for programs that install: the editor's proxy goes before the system's, and pip's own settings before both. */
export function environment(
  base: NodeJS.ProcessEnv,
  proxy: string,
  temporary: string,
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...base, TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  // They would have packages end up elsewhere.
  for (const name of [
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_REQUIRE_VIRTUALENV",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
  ]) {
    delete env[name];
  }
  if (proxy !== "") {
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]) {
      env[name] = proxy;
    }
  }
  return env;
}

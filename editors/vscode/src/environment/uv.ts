/**
 * uv, for machines without a usable Python: it makes environments by itself, and fetches a Python where there is none.
 *
 * It is used only after the user has agreed. It comes from the PATH, or as a package through a pip that is there.
 * What it fetches lies in our own folder, and goes with it.
 */

import * as path from "node:path";

import { type Search, commands, isCommand } from "./commands";
import { from, pipInstall } from "./pip";
import type { Places } from "./places";
import type { Python } from "./python";
import { run } from "./run";

/** The uv there is: the user's own, or the one fetched before. */
export function findUv(places: Places, search: Search): string | undefined {
  return [...commands("uv", search), places.uvCommand].find(isCommand);
}

/** How a pip fetches uv into our folder; undefined where none of these Pythons has one. */
export function fetching(
  pythons: readonly Python[],
  places: Places,
  wheels: string,
): { command: string; args: string[] } | undefined {
  const python = pythons.find((one) => one.pip);
  if (python === undefined) {
    return undefined;
  }
  const into = ["--upgrade", "--target", places.uv];
  return { command: python.path, args: [...pipInstall(places), ...into, ...from(wheels), "uv"] };
}

/** Variables that keep what uv writes in our folder, and let it use the indexes and certificates that pip is told of. */
export async function uvVariables(
  pythons: readonly Python[],
  places: Places,
): Promise<NodeJS.ProcessEnv> {
  const own: NodeJS.ProcessEnv = {
    UV_CACHE_DIR: path.join(places.cache, "uv"),
    UV_PYTHON_INSTALL_DIR: places.pythons,
    UV_PYTHON_INSTALL_BIN: "0",
    UV_NO_CONFIG: "1", // Its settings file is looked for in the working folder and above.
  };
  return { ...own, ...(await pipSettings(pythons, places.root)) };
}

async function pipSettings(pythons: readonly Python[], cwd: string): Promise<NodeJS.ProcessEnv> {
  const python = pythons.find((one) => one.pip);
  const said =
    python &&
    (await run(python.path, ["-I", "-m", "pip", "config", "list"], { cwd, timeout: 30_000 }).catch(
      () => undefined,
    ));
  return translated(said?.code === 0 ? said.lines : []);
}

/** What `pip config list` says, in uv's words. */
export function translated(lines: readonly string[]): NodeJS.ProcessEnv {
  const words: Record<string, string> = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    cert: "SSL_CERT_FILE",
  };
  const found: NodeJS.ProcessEnv = {};
  for (const line of lines) {
    const [, key = "", value = ""] = /^[^.]+\.([\w-]+)=['"](.*)['"]$/.exec(line) ?? [];
    const word = words[key];
    if (word !== undefined) {
      const parts = value.split(/\\n|\s/).filter((one) => one !== "");
      found[word] = parts.join(key === "find-links" ? "," : " ");
    }
  }
  return found;
}

/** How pip is asked to install: wheels only, no question, and what it fetches kept in our folder. */

import type { Places } from "./places";

const INSTALL = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"];

/** What stands between a Python and where from and what to install. */
export function pipInstall(places: Places): string[] {
  return [...INSTALL, "--cache-dir", places.cache, ...WHEELS_ONLY];
}

/** For pip and uv alike: nothing is compiled. */
export const WHEELS_ONLY: readonly string[] = ["--only-binary", ":all:"];

/** For pip and uv alike: a folder of wheels to take all from; "" for the indexes. */
export function from(wheels: string): string[] {
  return wheels === "" ? [] : ["--no-index", "--find-links", wheels];
}

/** With what an environment is made: a Python of the user's, or uv once the user has agreed to that. */

import * as os from "node:os";

import type { Search } from "./commands";
import { SetupError } from "./errors";
import type { Current, Places } from "./places";
import { explain, findPython } from "./python";
import { run } from "./run";
import { type Maker, type Progress, type Wishes, environment, setUp } from "./setup";
import { fetching, findUv, uvVariables } from "./uv";

export interface Making extends Maker {
  /** What has to be run before. */
  readonly fetch?: { readonly command: string; readonly args: readonly string[] } | undefined;
  readonly variables?: NodeJS.ProcessEnv;
}

export interface Ways {
  /** Needs no asking. */
  readonly python?: Making;
  /** Why there is none, and what can be done: sentences for people. */
  readonly why: string;
  /** There only where uv can be had. */
  readonly uv?: () => Promise<Making>;
}

/** `python` and `wheels`: settings; "" for none. */
export async function ways(
  places: Places,
  python: string,
  wheels: string,
  search: Search,
): Promise<Ways> {
  const { usable, others } = await findPython(python, search, places.root);
  if (usable !== undefined) {
    return { python: { python: usable.path }, why: "" };
  }
  const uv = findUv(places, search);
  const fetch = uv === undefined ? fetching(others, places, wheels) : undefined;
  if (uv === undefined && fetch === undefined) {
    const advice = "Install such a Python or uv (docs.astral.sh/uv), then try again.";
    return { why: `${explain(others)} ${advice}` };
  }
  const base = others.find((one) => one.lack === "no venv")?.path ?? "";
  return {
    why: `${explain(others)} ${offer(base, fetch !== undefined)}`,
    uv: async () => ({
      python: base,
      uv: uv ?? places.uvCommand,
      variables: await uvVariables(others, places),
      fetch,
    }),
  };
}

function offer(base: string, fetched: boolean): string {
  const download =
    base === ""
      ? ", and downloads a Python of its own (some 30 MB; from GitHub unless it is set up otherwise)"
      : "";
  const first = fetched ? " It is fetched from your package index first (some 20 MB)." : "";
  return `uv can make the environment${download}.${first}`;
}

/** Makes it. Rejects with Cancelled or SetupError. */
export async function make(
  places: Places,
  making: Making,
  wishes: Pick<Wishes, "wheel" | "wheels" | "proxy">,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<Current> {
  if (making.fetch !== undefined) {
    tell({ message: "getting uv", fraction: 0.01 });
    const { command, args } = making.fetch;
    const env = environment(process.env, wishes.proxy, os.tmpdir());
    const got = await run(command, args, { cwd: places.root, env, signal });
    if (got.code !== 0) {
      throw new SetupError("uv could not be fetched", got.lines.slice(-5));
    }
  }
  return setUp(places, { ...wishes, maker: making, variables: making.variables }, signal, tell);
}

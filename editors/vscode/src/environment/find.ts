/**
 * Which server is started: our own environment's, the one a setting of this machine names, or the PATH's.
 *
 * Nothing is run to find out, so it costs next to no time.
 */

import * as fs from "node:fs";
import * as path from "node:path";

import { type Search, commands, isCommand } from "./commands";
import { MODULE, type Places } from "./places";

export interface Server {
  readonly command: string;
  /** Go in front of the subcommand. */
  readonly args: readonly string[];
  readonly origin: "private" | "setting" | "path";
  /** Known without asking it only of our own environment's. */
  readonly version?: string;
}

/** The server to start; undefined where there is none. `setting` may only come from settings of this machine. */
export function find(places: Places, setting: string, search: Search): Server | undefined {
  const current = places.current();
  if (current !== undefined) {
    return { command: current.python, args: MODULE, origin: "private", version: current.version };
  }
  if (setting !== "") {
    return path.isAbsolute(setting) && isCommand(setting)
      ? { command: setting, args: [], origin: "setting" }
      : undefined;
  }
  const [command] = commands("polylsp", search);
  return command === undefined ? undefined : { command, args: [], origin: "path" };
}

/** How to bring a server to our version that somebody else has installed: a command for a terminal. */
export function remedy(server: Server, wheel: string): string {
  const real = fs.realpathSync(server.command);
  const parts = real.split(/[\\/]/);
  const quoted = `"${wheel}"`;
  if (parts.includes("uv") && parts.includes("tools")) {
    return `uv tool install --force ${quoted}`;
  }
  if (parts.includes("pipx")) {
    return `pipx install --force ${quoted}`;
  }
  const python = ["python3", "python", "python.exe"]
    .map((one) => path.join(path.dirname(real), one))
    .find((one) => fs.existsSync(one));
  return `"${python ?? "python3"}" -m pip install --upgrade ${quoted}`;
}

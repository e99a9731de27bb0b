/**
 * Run by the editor once the extension is uninstalled, without an extension host: removes what was set up.
 *
 * The editor ends it after five seconds, so a process of its own does the work.
 */

import { spawn } from "node:child_process";
import * as path from "node:path";

import { clearAway, storages } from "./removal";

const ALONE = "--alone";

if (process.argv.includes(ALONE)) {
  const extension = path.dirname(__dirname);
  const about = require(path.join(extension, "package.json")) as Record<
    "publisher" | "name",
    string
  >;
  const id = `${about.publisher}.${about.name}`.toLowerCase();
  void Promise.all(storages(extension, id).map(clearAway));
} else {
  spawn(process.execPath, [__filename, ALONE], {
    detached: true,
    stdio: "ignore",
    windowsHide: true,
  });
}

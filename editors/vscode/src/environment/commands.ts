/**
 * Commands by name, as the user's PATH finds them and a repository cannot.
 *
 * Relative folders on the PATH and those within an open workspace are passed over, and on Windows the working folder is
 * not looked into.
 */

import * as fs from "node:fs";
import * as path from "node:path";

export interface Search {
  /** The PATH. */
  readonly path: string;
  /** Folders of the open workspace. */
  readonly workspace: readonly string[];
}

/** All commands of that name, the first on the PATH first. */
export function commands(name: string, search: Search): string[] {
  const names = process.platform === "win32" ? [`${name}.exe`] : [name];
  const found = folders(search).flatMap((folder) => names.map((one) => path.join(folder, one)));
  return [...new Set(found)].filter((one) => isCommand(one) && !isWithin(one, search.workspace));
}

function folders(search: Search): string[] {
  return search.path.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

/** Whether a path names a file that can be run. */
export function isCommand(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    // The links that Windows' Store leaves as "python.exe" can be run, not looked at.
    return (
      process.platform === "win32" &&
      /\\WindowsApps\\/i.test(file) &&
      fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined
    );
  }
}

/** Whether a file lies in one of the folders, by its name or by what the name stands for. */
export function isWithin(file: string, places: readonly string[]): boolean {
  return places.some(
    (place) => inside(file, place) || inside(real(path.dirname(file)), real(place)),
  );
}

function inside(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

function real(place: string): string {
  try {
    return fs.realpathSync(place);
  } catch {
    return path.resolve(place);
  }
}

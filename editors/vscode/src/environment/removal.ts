/**
 * Removes all that was set up, also when the extension itself is gone from the editor.
 *
 * An uninstalled extension is not told where its storage was. So it notes that in its own folder while it lives; where
 * that note is missing, editors are asked for by the folder in which they keep their extensions.
 */

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { Places, remove } from "./places";

const NOTE = "storage.json";

/** Notes in the extension's folder where its storage is; several windows may have several. */
export function note(extension: string, root: string): void {
  const known = noted(extension);
  if (known.includes(root)) {
    return;
  }
  try {
    fs.writeFileSync(path.join(extension, NOTE), JSON.stringify([...known, root]));
  } catch {
    // A folder that is not the user's own: its place tells enough.
  }
}

function noted(extension: string): string[] {
  try {
    const known: unknown = JSON.parse(fs.readFileSync(path.join(extension, NOTE), "utf8"));
    return Array.isArray(known)
      ? known.filter((one) => typeof one === "string" && path.isAbsolute(one))
      : [];
  } catch {
    return [];
  }
}

/** Removes what is ours in a storage folder. */
export async function clear(root: string): Promise<void> {
  for (const place of new Places(root).everything) {
    await remove(place);
  }
}

/** Removes the folder too, where nothing else is in it. */
export async function clearAway(root: string): Promise<void> {
  await clear(root);
  await fs.promises.rmdir(root).catch(() => undefined);
}

/** Every storage folder that the extension in that folder may have had. */
export function storages(
  extension: string,
  id: string,
  platform: NodeJS.Platform = process.platform,
): string[] {
  const users = userFolders(path.dirname(extension), platform);
  const guessed = users.flatMap((user) => [
    path.join(user, "globalStorage", id),
    ...profiles(user, id),
  ]);
  return [...new Set([...noted(extension), ...guessed])].filter((one) => path.basename(one) === id);
}

function profiles(user: string, id: string): string[] {
  try {
    return fs
      .readdirSync(path.join(user, "profiles"))
      .map((one) => path.join(user, "profiles", one, "globalStorage", id));
  } catch {
    return [];
  }
}

/** The folders with an editor's settings and storage, told from the one with its extensions. */
function userFolders(extensions: string, platform: NodeJS.Platform): string[] {
  const beside = path.dirname(extensions);
  const product = PRODUCTS[path.basename(beside)];
  return [
    path.join(beside, "data", "User"), // .vscode-server/, on the machine where the code is.
    path.join(beside, "User"), // code-server
    path.join(beside, "user-data", "User"), // A portable installation.
    ...(product === undefined ? [] : [path.join(settings(platform), product, "User")]),
  ];
}

const PRODUCTS: Readonly<Record<string, string>> = {
  ".vscode": "Code",
  ".vscode-insiders": "Code - Insiders",
  ".vscode-oss": "VSCodium",
  ".vscodium": "VSCodium",
  ".vscode-oss-dev": "Code - OSS",
  ".cursor": "Cursor",
  ".windsurf": "Windsurf",
};

function settings(platform: NodeJS.Platform): string {
  const home = os.homedir();
  if (platform === "win32") {
    return process.env["APPDATA"] ?? path.join(home, "AppData", "Roaming");
  }
  if (platform === "darwin") {
    return path.join(home, "Library", "Application Support");
  }
  return process.env["XDG_CONFIG_HOME"] ?? path.join(home, ".config");
}

/** What the user or the machine has set, and nobody's repository. */

import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

import type { Search } from "./commands";

/** A setting of ours; "" where it is not set. A workspace's own does not count. */
export function machine(name: "server.path" | "environment.python" | "environment.wheels"): string {
  const value = vscode.workspace.getConfiguration("polylsp").inspect<string>(name)?.globalValue;
  const text = typeof value === "string" ? value.trim() : "";
  return text.startsWith("~/") ? path.join(os.homedir(), text.slice(2)) : text;
}

/** The editor's proxy; "" where there is none. */
export function proxy(): string {
  const http = vscode.workspace.getConfiguration("http");
  const value = http.inspect<string>("proxy")?.globalValue;
  const off = http.inspect<string>("proxySupport")?.globalValue === "off";
  return off || typeof value !== "string" ? "" : value.trim();
}

/** Where commands are looked for. */
export function search(): Search {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const workspace = folders.filter((one) => one.uri.scheme === "file").map((one) => one.uri.fsPath);
  return { path: process.env["PATH"] ?? "", workspace };
}

import * as vscode from "vscode";

/** Settings of the extension itself, which the server does not know. */
const OWN = ["server", "environment", "trace"];

/** What the server is told: everything under `polylsp.` but what is the extension's own. */
export function serverSettings(): Record<string, unknown> {
  const section = vscode.workspace.getConfiguration().get<Record<string, unknown>>("polylsp") ?? {};
  return Object.fromEntries(Object.entries(section).filter(([name]) => !OWN.includes(name)));
}

import * as vscode from "vscode";
import type { Server } from "../server/server";
import { polylsp } from "./cli";
import type { Pages } from "./pages";

/** Show what `polylsp ARGUMENTS` prints, as a page. */
export async function showReport(
  server: Server,
  pages: Pages,
  folder: string,
  title: string,
  args: readonly string[],
): Promise<void> {
  const { command } = server;
  if (command === undefined) {
    await vscode.commands.executeCommand("polylsp.setUpEnvironment");
    return;
  }
  const shown = { location: vscode.ProgressLocation.Notification, title: `polylsp ${args[0]}`, cancellable: true };
  const output = await vscode.window.withProgress(shown, (_, token) => polylsp(command, args, folder, token));
  const text = output.out === "" ? output.err : output.out;
  if (text !== "") {
    await pages.show(title, text);
  }
}

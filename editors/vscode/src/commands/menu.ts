import * as vscode from "vscode";
import { editorInFront } from "../server/documents";
import type { Server } from "../server/server";

interface Entry extends vscode.QuickPickItem {
  readonly command: string;
}

/** What a click on the status bar item offers. */
export async function showMenu(server: Server): Promise<void> {
  const placeHolder = server.status?.message || server.status?.model || "polylsp";
  const entry = await vscode.window.showQuickPick(entries(server), { placeHolder, title: "polylsp" });
  if (entry !== undefined) {
    await vscode.commands.executeCommand(entry.command);
  }
}

function entries(server: Server): Entry[] {
  const known: Entry[] = [
    entry("$(symbol-misc) Choose Model…", "polylsp.chooseModel", server.status?.model ?? ""),
    entry("$(eye) Show What Is Sent to the Model", "polylsp.showSent", "at the cursor"),
    entry("$(output) Show Log", "polylsp.showLog"),
    entry("$(graph) Show Statistics", "polylsp.showStatistics", "kept on this machine"),
    entry("$(pulse) Run Doctor", "polylsp.runDoctor", "what is installed, how fast, what is wrong"),
    entry("$(debug-restart) Restart Server", "polylsp.restart"),
    entry("$(settings-gear) Settings", "polylsp.openSettings"),
  ];
  if (server.condition.kind === "not set up") {
    return [entry("$(cloud-download) Set Up the Server…", "polylsp.setUpEnvironment"), ...known];
  }
  return [...(server.status === undefined ? [] : pauses(server)), ...known];
}

function pauses(server: Server): Entry[] {
  const by = server.status?.pausedBy ?? "";
  const editor = editorInFront();
  if (by !== "") {
    const what = { everywhere: "", language: " in This Language", file: " in This File" }[by];
    return [entry(`$(debug-start) Resume${what}`, "polylsp.resume")];
  }
  const pause = [entry("$(debug-pause) Pause Everywhere", "polylsp.pauseEverywhere", "in this window")];
  if (editor !== undefined) {
    pause.push(entry("$(debug-pause) Pause in This Language", "polylsp.pauseLanguage", editor.document.languageId));
    pause.push(entry("$(debug-pause) Pause in This File", "polylsp.pauseFile"));
  }
  return pause;
}

function entry(label: string, command: string, description = ""): Entry {
  return { label, command, description };
}

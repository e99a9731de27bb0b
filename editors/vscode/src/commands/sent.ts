import * as vscode from "vscode";
import { editorInFront } from "../server/documents";
import type { Server } from "../server/server";
import type { Pages } from "./pages";

interface Prompt {
  readonly text: string;
  readonly tokens: number;
  readonly silence: string | null;
  readonly memory: { readonly share: number; readonly origin: string };
}

/** Show what the model is given at the cursor, exactly. */
export async function showWhatIsSent(server: Server, pages: Pages): Promise<void> {
  const editor = editorInFront();
  const { client } = server;
  if (editor === undefined || client === undefined) {
    const why = client === undefined ? "The server is not running." : "Put the cursor into a source file first.";
    void vscode.window.showInformationMessage(`polylsp: ${why}`);
    return;
  }
  const { document, selection } = editor;
  const place = client.code2ProtocolConverter.asTextDocumentPositionParams(document, selection.active);
  const prompt: Prompt = await client.sendRequest("workspace/executeCommand", {
    command: "polylsp.showPrompt",
    arguments: [place],
  });
  if (prompt.silence !== null) {
    await pages.show("Nothing is sent here", `Nothing is sent to the model at this place: ${prompt.silence}.\n`);
    return;
  }
  await pages.show(`Sent to the model (${prompt.tokens} tokens)`, prompt.text, document.languageId);
}

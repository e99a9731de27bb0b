import * as vscode from "vscode";
import { editorInFront } from "./server/documents";
import type { Server } from "./server/server";

/** Tells the server which document is in front, so that it can read it beforehand. */
export function followFocus(server: Server): vscode.Disposable {
  const tell = (): void => {
    const editor = editorInFront();
    const { client } = server;
    if (editor !== undefined && client !== undefined) {
      const { document, selection } = editor;
      const place = client.code2ProtocolConverter.asTextDocumentPositionParams(document, selection.active);
      client.sendNotification("polylsp/didFocus", place).catch(() => undefined);
    }
  };
  return vscode.Disposable.from(vscode.window.onDidChangeActiveTextEditor(tell), server.onDidStart(tell));
}

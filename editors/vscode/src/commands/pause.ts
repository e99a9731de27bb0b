import { editorInFront } from "../server/documents";
import type { Server } from "../server/server";

export type Scope = "everywhere" | "language" | "file";

/** Have the server pause, or go on, for everything or for the editor in front. */
export async function pause(server: Server, scope: Scope, paused: boolean): Promise<void> {
  const { client } = server;
  const editor = editorInFront();
  if (client === undefined || (scope !== "everywhere" && editor === undefined)) {
    return;
  }
  const wish = {
    scope,
    paused,
    ...(editor && { textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(editor.document) }),
  };
  await client.sendRequest("workspace/executeCommand", { command: "polylsp.pause", arguments: [wish] });
}

/** Go on with whatever is paused for the editor in front. */
export async function resume(server: Server): Promise<void> {
  const by = server.status?.pausedBy;
  if (by !== undefined && by !== "") {
    await pause(server, by, false);
  }
}

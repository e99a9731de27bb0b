import * as vscode from "vscode";
import { advice, facts, percent, useModel } from "./commands/models";
import type { Server } from "./server/server";

const GREETED = "firstRun.greeted";

/** When the server runs for the first time: what its model can do, and which one would do more on this machine. */
export function greet(context: vscode.ExtensionContext, server: Server, log: vscode.LogOutputChannel): vscode.Disposable {
  const subscription = server.onDidChange(() => {
    if (server.status?.state === "ready") {
      subscription.dispose();
      void vscode.commands.executeCommand("setContext", "polylsp.ready", true);
      if (context.globalState.get(GREETED) !== true) {
        void tell(context, server, log);
      }
    }
  });
  return subscription;
}

async function tell(context: vscode.ExtensionContext, server: Server, log: vscode.LogOutputChannel): Promise<void> {
  const folder = context.globalStorageUri.fsPath;
  const models = await advice(server, folder);
  const embedded = models.find((model) => model.name === "embedded");
  if (typeof embedded?.completed !== "number") {
    return; // Told the next time.
  }
  await context.globalState.update(GREETED, true);
  const best = models.find((model) => model.best && model.name !== embedded.name);
  const own = `polylsp is ready: type, and accept with Tab. On code it never saw, its small model completes ${percent(embedded.completed)} of what is typed, ${embedded.lineMilliseconds} ms a suggestion here.`;
  const better =
    best === undefined
      ? "Of the models that were measured it is the best for this machine."
      : `${best.name} completes ${percent(best.completed ?? 0)}, and this machine is quick enough for it, about ${best.lineMilliseconds} ms: ${facts(best)}.`;
  const use = `Use ${best?.name}`;
  const buttons = [...(best === undefined ? [] : [use]), "All Models", "Get Started"];
  const answer = await vscode.window.showInformationMessage(`${own} ${better}`, ...buttons);
  if (answer === use && best !== undefined) {
    await useModel(server, folder, log, best);
  } else if (answer === "All Models") {
    await vscode.commands.executeCommand("polylsp.chooseModel");
  } else if (answer === "Get Started") {
    await vscode.commands.executeCommand("polylsp.openWalkthrough");
  }
}

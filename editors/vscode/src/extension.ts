import * as vscode from "vscode";
import { register } from "./commands/register.ts";
import { Pages } from "./commands/pages.ts";
import { Environment } from "./environment/ui.ts";
import { greet } from "./firstRun.ts";
import { followFocus } from "./focus.ts";
import { explainRivals } from "./rivals.ts";
import { Server } from "./server/server.ts";
import { StatusItem } from "./status/item.ts";
import { view } from "./status/view.ts";

let server: Server | undefined;

/** Starts the server in the background; nothing here is waited for. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const began = performance.now();
  const log = vscode.window.createOutputChannel("polylsp", { log: true });
  const folder = context.globalStorageUri;
  await vscode.workspace.fs.createDirectory(folder);
  const environment = new Environment(context, log);
  const started = new Server(async () => environment.find() ?? (await environment.offer()), folder.fsPath, log);
  const item = new StatusItem();
  const pages = new Pages();
  server = started;
  context.subscriptions.push(
    log,
    environment,
    item,
    pages,
    started,
    register({ server: started, environment, pages, log, context }),
    followFocus(started),
    started.onDidChange(() => item.show(view(started.condition, started.status, started.works.current))),
    started.onDidStart((version) => void upgrade(environment, started, version)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("polylsp.server") || change.affectsConfiguration("polylsp.environment")) {
        void started.restart();
      }
    }),
    greet(context, started),
  );
  void started.restart();
  void explainRivals(context);
  log.info(`activated in ${Math.round(performance.now() - began)} ms`);
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}

async function upgrade(environment: Environment, started: Server, version: string | undefined): Promise<void> {
  const { command } = started;
  if (command !== undefined && (await environment.compare(command, version)) !== undefined) {
    await started.restart();
  }
}

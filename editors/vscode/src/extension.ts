import { mkdirSync } from "node:fs";
import * as vscode from "vscode";
import { register } from "./commands/register";
import { Pages } from "./commands/pages";
import { Environment } from "./environment/ui";
import { greet } from "./firstRun";
import { followFocus } from "./focus";
import { explainRivals } from "./rivals";
import { Server } from "./server/server";
import { StatusItem } from "./status/item";
import { view } from "./status/view";

let server: Server | undefined;

/** Starts the server in the background; nothing here is waited for. */
export function activate(context: vscode.ExtensionContext): void {
  const began = performance.now();
  const log = vscode.window.createOutputChannel("polylsp", { log: true });
  const folder = context.globalStorageUri;
  mkdirSync(folder.fsPath, { recursive: true });
  const environment = new Environment(context, log);
  const started = new Server(() => environment.find(), folder.fsPath, log);
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
    greet(context, started, log),
  );
  void start(environment, started);
  void explainRivals(context);
  log.info(`activated in ${Math.round(performance.now() - began)} ms`);
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}

async function start(environment: Environment, started: Server): Promise<void> {
  await started.restart();
  if (started.condition.kind === "not set up" && (await environment.offer()) !== undefined) {
    await started.restart();
  }
}

async function upgrade(environment: Environment, started: Server, version: string | undefined): Promise<void> {
  const { command } = started;
  if (command !== undefined && (await environment.compare(command, version)) !== undefined) {
    await started.restart();
  }
}

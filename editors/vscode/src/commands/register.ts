import * as vscode from "vscode";
import type { Environment } from "../environment/ui";
import type { Server } from "../server/server";
import { showMenu } from "./menu";
import { chooseModel } from "./models";
import type { Pages } from "./pages";
import { pause, resume } from "./pause";
import { showReport } from "./reports";
import { showWhatIsSent } from "./sent";

interface Parts {
  readonly server: Server;
  readonly environment: Environment;
  readonly pages: Pages;
  readonly log: vscode.LogOutputChannel;
  readonly context: vscode.ExtensionContext;
}

/** Every command of the extension's own; what fails is told to the log. */
export function register(parts: Parts): vscode.Disposable {
  const all = Object.entries(commands(parts)).map(([name, run]) =>
    vscode.commands.registerCommand(`polylsp.${name}`, () =>
      run().catch((error: unknown) => parts.log.error(`${name}: ${String(error)}`)),
    ),
  );
  return vscode.Disposable.from(...all);
}

function commands({ server, environment, pages, log, context }: Parts): Record<string, () => Promise<unknown>> {
  const folder = context.globalStorageUri.fsPath;
  const execute = (command: string, ...args: unknown[]): Promise<unknown> =>
    Promise.resolve(vscode.commands.executeCommand(command, ...args));
  return {
    menu: () => showMenu(server),
    pauseEverywhere: () => pause(server, "everywhere", true),
    pauseLanguage: () => pause(server, "language", true),
    pauseFile: () => pause(server, "file", true),
    resume: () => resume(server),
    chooseModel: () => chooseModel(server, folder, log),
    showSent: () => showWhatIsSent(server, pages),
    showLog: async () => log.show(),
    showStatistics: () => showReport(server, pages, folder, "Statistics", ["stats"]),
    runDoctor: () => showReport(server, pages, folder, "Doctor", ["doctor"]),
    restart: () => server.restart(),
    openSettings: () => execute("workbench.action.openSettings", `@ext:${context.extension.id}`),
    openWalkthrough: () => execute("workbench.action.openWalkthrough", `${context.extension.id}#start`, false),
    setUpEnvironment: async () => {
      if ((await environment.setUp()) !== undefined) {
        await server.restart();
      }
    },
    removeEnvironment: () => environment.remove(() => server.stop()),
  };
}

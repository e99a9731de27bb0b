/** The environment as the editor's user meets it: questions, progress, errors. All else here knows no editor. */

import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

import { setUpWithUser } from "./dialogue";
import { type Server, find, remedy } from "./find";
import { sweep } from "./lock";
import { MODULE, Places } from "./places";
import { clear, note } from "./removal";
import { run } from "./run";
import { machine, search } from "./settings";
import { type Wheel, isOlder, wheelIn } from "./versions";

const SIZE = "about 280 MB";
const NEVER = "environment.neverAsk";

export class Environment implements vscode.Disposable {
  private readonly places: Places;
  private readonly ended = new AbortController();
  private working: Promise<Server | undefined> | undefined;
  private compared = false;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.places = new Places(context.globalStorageUri.fsPath);
    if (this.places.current() !== undefined) {
      note(context.extensionPath, this.places.root);
    }
    void sweep(this.places);
  }

  /** The server to start, looked for anew; undefined where there is none. */
  find(): Server | undefined {
    const setting = machine("server.path");
    const server = find(this.places, setting, search());
    if (server?.origin === "private" && setting !== "") {
      this.log.info(
        "polylsp.server.path is not used: there is a private environment, which goes first",
      );
    }
    return server;
  }

  /** Asks whether to set one up, and does. Undefined where the user does not want it, or it failed: that was told. */
  async offer(): Promise<Server | undefined> {
    const setting = machine("server.path");
    const missing = setting === "" ? "" : `${setting} (polylsp.server.path) cannot be run. `;
    if (missing === "" && this.context.globalState.get(NEVER) === true) {
      return undefined;
    }
    const wheels = machine("environment.wheels");
    const answer = await vscode.window.showInformationMessage(
      `${missing}polylsp is not set up yet. It runs in a Python environment of its own, ${SIZE} in this extension's storage; ` +
        `the packages come from ${wheels === "" ? "your package index" : wheels}.`,
      "Set Up",
      "Not Now",
      "Don't Ask Again",
    );
    if (answer === "Don't Ask Again") {
      await this.context.globalState.update(NEVER, true);
    }
    return answer === "Set Up" ? this.setUp() : undefined;
  }

  /** Sets it up, again if need be. Undefined where the user does not want it any more, or it failed: that was told. */
  setUp(): Promise<Server | undefined> {
    this.working ??= this.made().finally(() => {
      this.working = undefined;
    });
    return this.working;
  }

  /** Offers to upgrade a server that is older than the extension; the new one where that was done. */
  async compare(server: Server, version: string | undefined): Promise<Server | undefined> {
    const wheel = this.wheel();
    if (
      version === undefined ||
      wheel === undefined ||
      this.compared ||
      !isOlder(version, wheel.version)
    ) {
      return undefined;
    }
    this.compared = true;
    if (server.origin === "private") {
      const text = `polylsp ${wheel.version} is here; the server that was set up is ${version}.`;
      return (await vscode.window.showInformationMessage(text, "Upgrade", "Later")) === "Upgrade"
        ? this.setUp()
        : undefined;
    }
    const command = remedy(server, wheel.file);
    const text = `The server ${server.command} is ${version}, older than the extension (${wheel.version}). To upgrade it: ${command}`;
    const answer = await vscode.window.showInformationMessage(
      text,
      "Copy Command",
      "Set Up a Private One",
      "Later",
    );
    if (answer === "Copy Command") {
      await vscode.env.clipboard.writeText(command);
    }
    return answer === "Set Up a Private One" ? this.setUp() : undefined;
  }

  /** Asks, has the server stopped by `stop`, and removes what was set up; whether it did. */
  async remove(stop: () => Promise<void>): Promise<boolean> {
    const answer = await vscode.window.showWarningMessage(
      "Remove polylsp's environment?",
      {
        modal: true,
        detail:
          "Everything: also models that were pulled, the index of your code, and statistics. Other editors share these.",
      },
      "Remove Environment",
      "Remove Everything",
    );
    if (answer === undefined) {
      return false;
    }
    await stop();
    if (answer === "Remove Everything") {
      await this.clean();
    }
    await clear(this.places.root);
    return true;
  }

  dispose(): void {
    this.ended.abort();
  }

  private async made(): Promise<Server | undefined> {
    const wheel = this.wheel();
    await vscode.workspace.fs.createDirectory(this.context.globalStorageUri);
    const made = wheel && (await setUpWithUser(this.places, wheel, this.log, this.ended.signal));
    if (made === undefined) {
      return undefined;
    }
    note(this.context.extensionPath, this.places.root);
    await this.context.globalState.update(NEVER, undefined);
    this.log.info(`polylsp ${made.version} is set up in ${made.folder}`);
    return { command: made.python, args: MODULE, origin: "private", version: made.version };
  }

  private async clean(): Promise<void> {
    const server = this.find();
    if (server === undefined) {
      return;
    }
    const cleaning = await run(server.command, [...server.args, "clean", "--all", "--yes"], {
      cwd: os.homedir(),
    });
    cleaning.lines.forEach((line) => this.log.info(line));
    if (cleaning.code !== 0) {
      void vscode.window.showWarningMessage(cleaning.lines.slice(-2).join(" "));
    }
  }

  private wheel(): Wheel | undefined {
    try {
      return wheelIn(path.join(this.context.extensionPath, "wheel"));
    } catch (error) {
      this.log.error(String(error));
      return undefined;
    }
  }
}

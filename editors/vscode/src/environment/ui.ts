/** The environment as the editor's user meets it: questions, progress, errors. All else here knows no editor. */

import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

import type { Search } from "./commands";
import { Cancelled, SetupError } from "./errors";
import { type Server, find, remedy } from "./find";
import { sweep } from "./lock";
import { MODULE, Places } from "./places";
import { type Pythons, explain, findPython } from "./python";
import { clear, note } from "./removal";
import { run } from "./run";
import { type Maker, type Progress, environment, setUp } from "./setup";
import { fetching, findUv, uvVariables } from "./uv";
import { type Wheel, isOlder, wheelIn } from "./versions";

const SIZE = "about 350 MB";
const NEVER = "environment.neverAsk";

export class Environment implements vscode.Disposable {
  private readonly places: Places;
  private readonly abort = new AbortController();
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
    this.working ??= this.untilDone().finally(() => {
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
    this.abort.abort();
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

  /** Until it is set up, or the user has enough of it. */
  private async untilDone(): Promise<Server | undefined> {
    for (;;) {
      try {
        const maker = await this.maker();
        return maker && (await this.withProgress((signal, tell) => this.make(maker, signal, tell)));
      } catch (error) {
        if (error instanceof Cancelled) {
          this.log.info("setting up was cancelled; nothing of it is left");
          return undefined;
        }
        if (!(await this.again(error))) {
          return undefined;
        }
      }
    }
  }

  private async make(
    maker: Making,
    signal: AbortSignal,
    tell: (progress: Progress) => void,
  ): Promise<Server> {
    const wheel = wheelIn(path.join(this.context.extensionPath, "wheel"));
    const wishes = { wheel, wheels: machine("environment.wheels"), proxy: proxy() };
    if (maker.fetch !== undefined) {
      tell({ message: "getting uv", fraction: 0.01 });
      const { command, args } = maker.fetch;
      const env = environment(process.env, wishes.proxy, os.tmpdir());
      const got = await run(command, args, { cwd: this.places.root, env, signal });
      if (got.code !== 0) {
        throw new SetupError("uv could not be fetched", got.lines.slice(-5));
      }
    }
    this.log.info(
      `setting up polylsp ${wheel.version} in ${this.places.root} with ${maker.uv ?? maker.python}`,
    );
    const made = await setUp(
      this.places,
      { ...wishes, maker, variables: maker.variables },
      signal,
      tell,
    );
    note(this.context.extensionPath, this.places.root);
    await this.context.globalState.update(NEVER, undefined);
    this.log.info(`polylsp ${made.version} is set up in ${made.folder}`);
    return { command: made.python, args: MODULE, origin: "private", version: made.version };
  }

  /** Who makes the environment: the user's Python, or uv where they agree; undefined where neither. */
  private async maker(): Promise<Making | undefined> {
    await vscode.workspace.fs.createDirectory(this.context.globalStorageUri);
    for (;;) {
      const pythons = await findPython(machine("environment.python"), search(), this.places.root);
      if (pythons.usable !== undefined) {
        return { python: pythons.usable.path };
      }
      const answer = await this.withoutPython(pythons);
      if (answer !== "again") {
        return answer;
      }
    }
  }

  private async withoutPython({ others }: Pythons): Promise<Making | undefined | "again"> {
    const uv = findUv(this.places, search());
    const fetch =
      uv === undefined ? fetching(others, this.places, machine("environment.wheels")) : undefined;
    const python = others.find((one) => one.lack === "no venv")?.path ?? "";
    const download =
      python === ""
        ? ", and downloads a Python of its own (some 30 MB; unless set up otherwise, from GitHub)"
        : "";
    const offer =
      uv === undefined && fetch === undefined
        ? "Install such a Python or uv (docs.astral.sh/uv), then try again."
        : `uv can make the environment${download}.${fetch === undefined ? "" : " It is fetched from your package index (some 20 MB)."}`;
    const [useUv, again, choose] = ["Use uv", "Try Again", "Choose Python…"];
    const buttons =
      uv === undefined && fetch === undefined ? [again, choose] : [useUv, again, choose];
    const answer = await vscode.window.showWarningMessage(
      `${explain(others)} ${offer}`,
      ...buttons,
    );
    if (answer === choose) {
      await vscode.commands.executeCommand(
        "workbench.action.openSettings",
        "polylsp.environment.python",
      );
    }
    if (answer !== useUv) {
      return answer === again ? "again" : undefined;
    }
    const variables = await uvVariables(others, this.places);
    return { python, uv: uv ?? this.places.uvCommand, variables, ...(fetch && { fetch }) };
  }

  private withProgress<Result>(
    work: (signal: AbortSignal, tell: (progress: Progress) => void) => Promise<Result>,
  ): Promise<Result> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: "Setting polylsp up",
      cancellable: true,
    };
    const shown = vscode.window.withProgress(options, async (progress, token) => {
      const abort = new AbortController();
      const cancel = (): void => abort.abort();
      token.onCancellationRequested(cancel);
      this.abort.signal.addEventListener("abort", cancel);
      let before = 0;
      return work(abort.signal, ({ message, fraction }) => {
        progress.report({ message, increment: 100 * (fraction - before) });
        before = fraction;
      });
    });
    return Promise.resolve(shown);
  }

  /** Tells of a failure; whether to try again. */
  private async again(error: unknown): Promise<boolean> {
    const lines = error instanceof SetupError ? error.lines : [];
    const message = error instanceof Error ? error.message : String(error);
    this.log.error(message);
    lines.forEach((line) => this.log.error(`  ${line}`));
    const last = lines.filter((line) => /error/i.test(line)).slice(-2);
    const text = `polylsp could not be set up: ${[message, ...(last.length ? last : lines.slice(-1))].join(". ")}`;
    const answer = await vscode.window.showErrorMessage(text, "Try Again", "Show Log", "Settings");
    if (answer === "Show Log") {
      this.log.show();
    } else if (answer === "Settings") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "polylsp.environment");
    }
    return answer === "Try Again";
  }
}

interface Making extends Maker {
  /** What has to be run before. */
  readonly fetch?: { readonly command: string; readonly args: readonly string[] };
  readonly variables?: NodeJS.ProcessEnv | undefined;
}

/** A setting of ours as the user or the machine has it; a workspace's own does not count. */
function machine(name: string): string {
  const value = vscode.workspace.getConfiguration("polylsp").inspect<string>(name)?.globalValue;
  const text = typeof value === "string" ? value.trim() : "";
  return text.startsWith("~/") ? path.join(os.homedir(), text.slice(2)) : text;
}

function proxy(): string {
  const http = vscode.workspace.getConfiguration("http");
  const value = http.inspect<string>("proxy")?.globalValue;
  return http.get("proxySupport") === "off" || typeof value !== "string" ? "" : value.trim();
}

function search(): Search {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const workspace = folders.filter((one) => one.uri.scheme === "file").map((one) => one.uri.fsPath);
  return { path: process.env["PATH"] ?? "", workspace };
}

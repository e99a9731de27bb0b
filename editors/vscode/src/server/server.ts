import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import * as vscode from "vscode";
import type { StaticFeature } from "vscode-languageclient/node";
import type { Server as Found } from "../environment/find";
import type { Condition, Paused, Status } from "../status/view";
import { Works } from "../status/works";
import { Backoff } from "./backoff";
import type { QuietClient } from "./client";
import { endProcess, ending, startProcess } from "./process";
import { Queue } from "./queue";

/** Has the server tell its status by itself. */
const STATUS: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), polylspStatus: true };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

/** One start of the server, until its end. */
interface Run {
  readonly client: QuietClient;
  process: ChildProcessWithoutNullStreams | undefined;
}

/** Where the server is, as things stand; undefined where there is none. */
export type Find = () => Found | undefined;

/** The server's process and the connection to it: at most one of each, whatever is asked for at once. */
export class Server implements vscode.Disposable {
  condition: Condition = { kind: "off" };
  status: Status | undefined;
  command: Found | undefined;
  readonly works = new Works();

  private run: Run | undefined;
  private paused: Paused | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly queue = new Queue();
  private readonly backoff = new Backoff();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly initialized = new vscode.EventEmitter<string | undefined>();

  /** Something that the status bar shows is another. */
  readonly onDidChange = this.changed.event;
  /** The server has answered `initialize`; its version. */
  readonly onDidStart = this.initialized.event;

  constructor(
    private readonly find: Find,
    private readonly folder: string,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** The connection, while there is one that works. */
  get client(): QuietClient | undefined {
    return this.run?.client.isRunning() === true ? this.run.client : undefined;
  }

  /** Start it, or start it anew. */
  restart(): Promise<void> {
    this.backoff.forget();
    return this.again();
  }

  stop(): Promise<void> {
    return this.queue.add("stop", () => this.end({ kind: "off" }));
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.changed.dispose();
    this.initialized.dispose();
  }

  private again(): Promise<void> {
    clearTimeout(this.timer);
    return this.queue.add("restart", async () => {
      await this.end({ kind: "starting" });
      await this.begin();
    });
  }

  private async begin(): Promise<void> {
    const command = this.find();
    this.command = command;
    if (command === undefined) {
      this.become({ kind: "not set up" });
      return;
    }
    this.log.info(`starting ${[command.command, ...command.args, "lsp"].join(" ")}`);
    const run = await this.connect(command);
    this.run = run;
    try {
      await run.client.start();
      await this.pauseAgain(run.client);
    } catch (error) {
      await this.lost(run, error);
      return;
    }
    if (this.run === run) {
      this.become({ kind: "running" });
      this.initialized.fire(run.client.initializeResult?.serverInfo?.version);
    }
  }

  private async connect(command: Found): Promise<Run> {
    // Most of the extension's code is the language client: it is run once the editor has what it waits for.
    await setImmediate();
    const [{ QuietClient, logged }, { clientOptions }] = await Promise.all([import("./client"), import("./options")]);
    const options = clientOptions(this.log, {
      progress: (token, step) => {
        this.works.note(token, step);
        this.changed.fire();
      },
      closed: () => void this.lost(run, undefined),
    });
    const transport = async (): Promise<ChildProcessWithoutNullStreams> => {
      const process = await startProcess(command, this.folder);
      createInterface({ input: process.stderr }).on("line", (line) => logged(line, this.log));
      run.process = process;
      return process;
    };
    const run: Run = { client: new QuietClient(transport, options), process: undefined };
    run.client.registerFeature(STATUS);
    run.client.onNotification("polylsp/status", (status: Status) => {
      if (this.run === run) {
        this.status = status;
        this.paused = status.paused;
        this.changed.fire();
      }
    });
    return run;
  }

  /** What was paused stays paused when a server that crashed is started again. */
  private async pauseAgain(client: QuietClient): Promise<void> {
    const { everywhere, languages, files } = this.paused ?? { everywhere: false, languages: [], files: [] };
    const wishes = [
      ...(everywhere ? [{ scope: "everywhere" }] : []),
      ...languages.map((language) => ({ scope: "language", language })),
      ...files.map((uri) => ({ scope: "file", textDocument: { uri } })),
    ];
    if (wishes.length > 0) {
      await client.sendRequest("workspace/executeCommand", { command: "polylsp.pause", arguments: wishes });
    }
  }

  private async end(condition: Condition): Promise<void> {
    const { run } = this;
    this.forget();
    this.become(condition);
    if (run !== undefined) {
      await run.client.stop().catch(() => undefined);
      if (run.process !== undefined) {
        run.process.stdin.end();
        await endProcess(run.process, 2000);
      }
    }
  }

  /** A run has ended that nobody ended. */
  private async lost(run: Run, error: unknown): Promise<void> {
    if (this.run !== run) {
      return;
    }
    this.forget();
    if (run.process !== undefined) {
      run.process.stdin.end();
      await endProcess(run.process, 500);
    }
    const how = run.process === undefined ? String(error) : ending(run.process);
    const why = `The server ${run.process === undefined ? `cannot be started: ${how}` : how}.`;
    this.log.error(why);
    const wait = this.backoff.crashed();
    if (wait === undefined) {
      this.become({ kind: "failed", why });
      void this.tell(why);
    } else {
      this.become({ kind: "coming back", why });
      this.timer = setTimeout(() => void this.again(), wait);
    }
  }

  private forget(): void {
    this.run = undefined;
    this.status = undefined;
    this.works.clear();
  }

  private become(condition: Condition): void {
    this.condition = condition;
    this.changed.fire();
  }

  private async tell(why: string): Promise<void> {
    const choice = await vscode.window.showErrorMessage(
      `polylsp: ${why} It was started several times and does not stay.`,
      "Show Log",
      "Restart",
    );
    if (choice === "Show Log") {
      this.log.show();
    } else if (choice === "Restart") {
      await this.restart();
    }
  }
}

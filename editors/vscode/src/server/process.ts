import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** A command and what stands before its arguments. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** Start the server in `folder`, which is never the workspace; fails where it cannot be started at all. */
export function startProcess(server: Command, folder: string): Promise<ChildProcessWithoutNullStreams> {
  return new Promise((resolve, reject) => {
    const process = spawn(server.command, [...server.args, "lsp"], {
      cwd: folder,
      stdio: "pipe",
      windowsHide: true,
    });
    process.once("error", reject);
    process.once("spawn", () => {
      process.on("error", () => undefined);
      process.stdin.on("error", () => undefined);
      resolve(process);
    });
  });
}

/** See to it that a process ends, by force where it does not by itself within `milliseconds`. */
export function endProcess(process: ChildProcessWithoutNullStreams, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (process.exitCode !== null || process.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => process.kill("SIGKILL"), milliseconds);
    process.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** How a process ended, in words. */
export function ending(process: ChildProcessWithoutNullStreams): string {
  if (process.signalCode !== null) {
    return `ended by ${process.signalCode}`;
  }
  return process.exitCode === null ? "closed its connection" : `ended with exit code ${process.exitCode}`;
}

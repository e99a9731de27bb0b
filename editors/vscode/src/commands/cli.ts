import { execFile } from "node:child_process";
import type * as vscode from "vscode";
import type { Command } from "../server/process";

/** What a command printed, and how it ended. */
export interface Output {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `polylsp ARGUMENTS` to its end; `said` hears each line of its standard error. */
export function polylsp(
  server: Command,
  args: readonly string[],
  folder: string,
  token?: vscode.CancellationToken,
  said: (line: string) => void = () => undefined,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const process = execFile(
      server.command,
      [...server.args, ...args],
      { cwd: folder, windowsHide: true, maxBuffer: 2 ** 25, encoding: "utf8" },
      (error, out, err) => {
        if (error !== null && typeof error.code === "string") {
          reject(error); // It could not be started at all.
        } else {
          resolve({ code: process.exitCode, out, err });
        }
      },
    );
    process.stderr?.on("data", (text: string) => {
      for (const line of text.split(/\r?\n/).filter((one) => one !== "")) {
        said(line);
      }
    });
    token?.onCancellationRequested(() => process.kill());
  });
}

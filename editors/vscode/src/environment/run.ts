/**
 * Other programs, run to their end: what they said and how they ended.
 *
 * Cancelling one ends its children with it, and it counts as ended only when all of them are gone.
 */

import { type ChildProcess, spawn } from "node:child_process";
import * as path from "node:path";
import { createInterface } from "node:readline";

import { Cancelled } from "./errors";

export interface Outcome {
  /** Null where it was ended from outside. */
  readonly code: number | null;
  readonly stdout: string;
  /** The lines of both streams, in the order in which they came. */
  readonly lines: readonly string[];
}

export interface Options {
  /** Never a workspace: programs look for their own parts there. */
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Milliseconds after which it is ended. */
  readonly timeout?: number;
  readonly line?: (line: string) => void;
}

/** Runs a program. Rejects with Cancelled, or with what the system says where it cannot be started. */
export function run(command: string, args: readonly string[], options: Options): Promise<Outcome> {
  if (options.signal?.aborted) {
    return Promise.reject(new Cancelled());
  }
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32", // A process group of its own, to be ended as a whole.
      windowsHide: true,
    });
    const lines: string[] = [];
    const stdout: string[] = [];
    const hear = (line: string): void => {
      lines.push(line);
      options.line?.(line);
    };
    createInterface({ input: child.stdout }).on("line", (line) => {
      stdout.push(line);
      hear(line);
    });
    createInterface({ input: child.stderr }).on("line", hear);
    const cancel = (): void => end(child);
    const timer = options.timeout === undefined ? undefined : setTimeout(cancel, options.timeout);
    options.signal?.addEventListener("abort", cancel);
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", cancel);
    };
    child.on("error", (error) => {
      settle();
      reject(error);
    });
    child.on("close", (code) => {
      settle();
      if (options.signal?.aborted) {
        reject(new Cancelled());
      } else {
        resolve({ code, stdout: stdout.join("\n"), lines });
      }
    });
  });
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  if (process.platform === "win32") {
    const system = process.env["SystemRoot"] ?? "C:\\Windows";
    const taskkill = path.join(system, "System32", "taskkill.exe");
    spawn(taskkill, ["/pid", String(child.pid), "/t", "/f"], { windowsHide: true }).on(
      "error",
      () => child.kill(),
    );
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

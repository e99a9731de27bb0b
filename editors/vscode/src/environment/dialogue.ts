/** Setting up as the user sees it: what it is made with, progress, what went wrong, and another try. */

import * as vscode from "vscode";

import { Cancelled, SetupError } from "./errors";
import { type Making, make, ways } from "./making";
import type { Current, Places } from "./places";
import { machine, proxy, search } from "./settings";
import type { Progress } from "./setup";
import type { Wheel } from "./versions";

type Work<Result> = (signal: AbortSignal, tell: (progress: Progress) => void) => Promise<Result>;

/** Until it is set up, or the user has enough of it: undefined then. `ended`: the editor goes. */
export async function setUpWithUser(
  places: Places,
  wheel: Wheel,
  log: vscode.LogOutputChannel,
  ended: AbortSignal,
): Promise<Current | undefined> {
  for (;;) {
    try {
      const making = await chosen(places);
      if (making === undefined) {
        return undefined;
      }
      const wishes = { wheel, wheels: machine("environment.wheels"), proxy: proxy() };
      log.info(`setting up ${wheel.version} in ${places.root} with ${making.uv ?? making.python}`);
      return await withProgress(ended, (signal, tell) =>
        make(places, making, wishes, signal, tell),
      );
    } catch (error) {
      if (error instanceof Cancelled) {
        log.info("setting up was cancelled; nothing of it is left");
        return undefined;
      }
      if (!(await wantsAgain(error, log))) {
        return undefined;
      }
    }
  }
}

/** What it is made with; undefined where there is nothing, or the user does not want it. */
async function chosen(places: Places): Promise<Making | undefined> {
  for (;;) {
    const wheels = machine("environment.wheels");
    const found = await ways(places, machine("environment.python"), wheels, search());
    if (found.python !== undefined) {
      return found.python;
    }
    const offers = found.uv === undefined ? [] : ["Use uv"];
    const buttons = [...offers, "Try Again", "Choose Python…"];
    const answer = await vscode.window.showWarningMessage(found.why, ...buttons);
    if (answer === "Choose Python…") {
      await openSettings("polylsp.environment.python");
    }
    if (answer !== "Try Again") {
      return answer === "Use uv" ? found.uv?.() : undefined;
    }
  }
}

function withProgress<Result>(ended: AbortSignal, work: Work<Result>): Promise<Result> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: "Setting polylsp up",
    cancellable: true,
  };
  const shown = vscode.window.withProgress(options, (progress, token) => {
    const abort = new AbortController();
    const cancel = (): void => abort.abort();
    token.onCancellationRequested(cancel);
    ended.addEventListener("abort", cancel);
    let before = 0;
    return work(abort.signal, ({ message, fraction }) => {
      progress.report({ message, increment: 100 * (fraction - before) });
      before = fraction;
    }).finally(() => ended.removeEventListener("abort", cancel));
  });
  return Promise.resolve(shown);
}

/** Tells of a failure; whether to try again. */
async function wantsAgain(error: unknown, log: vscode.LogOutputChannel): Promise<boolean> {
  const lines = error instanceof SetupError ? error.lines : [];
  const message = error instanceof Error ? error.message : String(error);
  log.error([message, ...lines].join("\n  "));
  const wrong = lines.filter((line) => /error/i.test(line)).slice(-2);
  const last = wrong.length > 0 ? wrong : lines.slice(-1);
  const text = `polylsp could not be set up: ${[message, ...last].join(". ")}`;
  const answer = await vscode.window.showErrorMessage(text, "Try Again", "Show Log", "Settings");
  if (answer === "Show Log") {
    log.show();
  } else if (answer === "Settings") {
    await openSettings("polylsp.environment");
  }
  return answer === "Try Again";
}

async function openSettings(query: string): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openSettings", query);
}

import * as vscode from "vscode";
import type { Server } from "../server/server";
import { polylsp } from "./cli";

/** One model, as `polylsp models advise --json` tells of it. */
export interface Model {
  readonly name: string;
  readonly parameters: number;
  readonly licence: string;
  readonly megabytes: number;
  readonly memory: Readonly<Record<string, number>>;
  readonly sources: readonly string[];
  readonly local: boolean;
  readonly completed: number | null;
  readonly wrong: number | null;
  readonly lineMilliseconds: number;
  readonly suits: boolean;
  readonly best: boolean;
}

/** What the server thinks of each model on this machine; none where it cannot tell. */
export async function advice(server: Server, folder: string): Promise<readonly Model[]> {
  const { command } = server;
  if (command === undefined) {
    return [];
  }
  const output = await polylsp(command, ["models", "advise", "--json"], folder);
  try {
    return (JSON.parse(output.out) as { readonly models: readonly Model[] }).models;
  } catch {
    return [];
  }
}

/** Let the user choose a model, fetch it if need be, and use it. */
export async function chooseModel(server: Server, folder: string, log: vscode.LogOutputChannel): Promise<void> {
  const models = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "polylsp: looking at models" },
    () => advice(server, folder),
  );
  if (models.length === 0) {
    void vscode.window.showInformationMessage("polylsp: there is no server yet that knows of models.");
    return;
  }
  const inUse = setting();
  const entries = models.map((model) => ({
    label: `${model.name === inUse ? "$(check) " : ""}${model.name}`,
    description: verdict(model),
    detail: facts(model),
    model,
  }));
  const choice = await vscode.window.showQuickPick(entries, {
    title: "polylsp: Choose Model",
    placeHolder: `In use: ${inUse}. Times are what a suggestion takes here, about.`,
    matchOnDescription: true,
  });
  if (choice !== undefined) {
    await useModel(server, folder, log, choice.model);
  }
}

/** Use a model, fetched first, with the user's consent, where it is not here yet. */
export async function useModel(
  server: Server,
  folder: string,
  log: vscode.LogOutputChannel,
  model: Model,
): Promise<void> {
  if (!model.local && !((await agreed(model)) && (await fetched(server, folder, log, model)))) {
    return;
  }
  await vscode.workspace.getConfiguration("polylsp").update("model", model.name, vscode.ConfigurationTarget.Global);
}

/** Size, licence and memory of a model. */
export function facts(model: Model): string {
  const memory = Math.min(...Object.values(model.memory));
  return [
    model.local ? "on this machine" : `${size(model.megabytes)} to download`,
    model.licence,
    ...(Number.isFinite(memory) ? [`${size(memory)} of memory`] : []),
  ].join(" · ");
}

/** What a model is worth, and how long a suggestion takes. */
export function verdict(model: Model): string {
  const { completed, wrong } = model;
  const worth =
    completed === null || wrong === null
      ? "not measured"
      : `completes ${percent(completed)} of what is typed, ${percent(wrong)} of what it shows is wrong`;
  const fit = model.best ? "best here, " : model.suits ? "" : "too slow or too big here, ";
  return `${fit}${model.lineMilliseconds} ms · ${worth}`;
}

function setting(): string {
  return vscode.workspace.getConfiguration("polylsp").get("model", "embedded");
}

async function agreed(model: Model): Promise<boolean> {
  const fetch = "Download";
  const detail = `${facts(model)}\nfrom ${model.sources.join(", else ")}\nIt runs on this machine. Converting it may need packages that are installed into the server's environment.`;
  const answer = await vscode.window.showInformationMessage(`Download ${model.name}?`, { modal: true, detail }, fetch);
  return answer === fetch;
}

async function fetched(
  server: Server,
  folder: string,
  log: vscode.LogOutputChannel,
  model: Model,
): Promise<boolean> {
  const { command } = server;
  if (command === undefined) {
    return false;
  }
  const shown = {
    location: vscode.ProgressLocation.Notification,
    title: `polylsp: fetching ${model.name}`,
    cancellable: true,
  };
  return vscode.window.withProgress(shown, async (progress, token) => {
    const lines: string[] = [];
    const output = await polylsp(command, ["models", "pull", model.name, "--yes"], folder, token, (line) => {
      lines.push(line);
      log.info(line);
      progress.report({ message: line.slice(0, 100) });
    });
    if (output.code !== 0 && !token.isCancellationRequested) {
      void vscode.window.showErrorMessage(`polylsp: ${model.name} could not be fetched: ${lines.at(-1) ?? "see the log"}`);
    }
    return output.code === 0;
  });
}

function size(megabytes: number): string {
  return megabytes >= 1000 ? `${(megabytes / 1024).toFixed(1)} GB` : `${Math.round(megabytes)} MB`;
}

/** A share of 1, as people say it. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

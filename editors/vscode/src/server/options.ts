import type * as vscode from "vscode";
import { CloseAction, ErrorAction, type LanguageClientOptions, RevealOutputChannelOn } from "vscode-languageclient/node";
import type { Step } from "../status/works";
import { SELECTOR, hasSeveralCursors } from "./documents";
import { serverSettings } from "./settings";

/** What the owner of a connection hears of it. */
export interface Hears {
  progress(token: string | number, step: Step): void;
  closed(): void;
}

/** How the language client is to behave. */
export function clientOptions(log: vscode.LogOutputChannel, hears: Hears): LanguageClientOptions {
  return {
    documentSelector: SELECTOR,
    initializationOptions: serverSettings,
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        hears.closed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: {
      provideInlineCompletionItems: (document, position, context, token, next) =>
        hasSeveralCursors(document) ? [] : next(document, position, context, token),
      handleWorkDoneProgress: (token, step, next) => {
        hears.progress(token, step);
        // The status bar item shows it; the client only has to forget it.
        if (step.kind === "end") {
          next(token, step);
        }
      },
      workspace: {
        configuration: (params) => params.items.map((item) => (item.section === "polylsp" ? serverSettings() : null)),
        // Without settings the server asks for them.
        didChangeConfiguration: (_sections, next) => next(undefined),
      },
    },
  };
}

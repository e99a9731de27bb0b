import type * as vscode from "vscode";
import type { CancellationToken, MessageSignature } from "vscode-languageclient/node";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

/**
 * A client that tells its log, and nobody else, of what fails. A request that fails costs a suggestion;
 * the status bar shows a server that is gone.
 */
export class QuietClient extends LanguageClient {
  constructor(server: ServerOptions, options: LanguageClientOptions) {
    super("polylsp", "polylsp", server, options);
  }

  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }

  override handleFailedRequest<T>(
    type: MessageSignature,
    token: CancellationToken | undefined,
    error: unknown,
    defaultValue: T,
  ): T {
    try {
      return super.handleFailedRequest(type, token, error, defaultValue, false);
    } catch {
      return defaultValue;
    }
  }
}

/** What the server writes to standard error goes to the log, each line at the level it names. */
export function logged(line: string, log: vscode.LogOutputChannel): void {
  const [, level, text] = /^\S+ \S+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/.exec(line) ?? [];
  switch (level) {
    case "DEBUG":
      return log.debug(text ?? line);
    case "INFO":
      return log.info(text ?? line);
    case "WARNING":
      return log.warn(text ?? line);
    case undefined:
      return log.info(line);
    default:
      return log.error(text ?? line);
  }
}

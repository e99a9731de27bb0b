/** What the server says of itself; docs/protocol.md, "Status". */
export interface Status {
  readonly state: "loading" | "ready" | "busy" | "paused" | "resting" | "no model";
  readonly message: string;
  readonly version: string;
  readonly model: string | null;
  readonly pausedBy: "" | "everywhere" | "language" | "file";
  readonly paused: Paused;
  readonly lastSilence: string | null;
  readonly lastMilliseconds?: number | null;
  readonly medianMilliseconds?: number | null;
  readonly memory?: { readonly folders: readonly Folder[] };
}

export interface Paused {
  readonly everywhere: boolean;
  readonly languages: readonly string[];
  readonly files: readonly string[];
}

interface Folder {
  readonly path: string;
  readonly files: number;
  readonly state: string;
}

/** How the server fares, as far as its process tells. */
export type Condition =
  | { readonly kind: "off" | "starting" | "running" | "not set up" }
  | { readonly kind: "failed" | "coming back"; readonly why: string };

/** Work that the server tells the progress of. */
export interface Work {
  readonly message: string;
  readonly percentage: number | undefined;
}

/** What the status bar shows. */
export interface View {
  readonly text: string;
  readonly lines: readonly string[]; // Of the tooltip.
  readonly colour: "plain" | "warning" | "error";
}

/** What to show of a server, its last status and the work it is at. */
export function view(condition: Condition, status: Status | undefined, work: Work | undefined): View {
  if (condition.kind === "running") {
    return status === undefined ? plain("$(loading~spin) polylsp: starting") : running(status, work);
  }
  switch (condition.kind) {
    case "off":
      return plain("$(circle-slash) polylsp: off", "The server is not running.");
    case "starting":
      return plain("$(loading~spin) polylsp: starting");
    case "not set up":
      return { text: "$(warning) polylsp: not set up", lines: ["There is no server yet."], colour: "warning" };
    case "coming back":
      return { text: "$(loading~spin) polylsp: restarting", lines: [condition.why], colour: "warning" };
    case "failed":
      return { text: "$(error) polylsp: error", lines: [condition.why], colour: "error" };
  }
}

function running(status: Status, work: Work | undefined): View {
  const lines = details(status, work);
  switch (status.state) {
    case "loading":
      return { text: `$(loading~spin) polylsp: loading${percent(work)}`, lines, colour: "plain" };
    case "no model":
      return { text: "$(error) polylsp: error", lines, colour: "error" };
    case "paused":
      return { text: `$(debug-pause) polylsp: paused${scope(status)}`, lines, colour: "plain" };
    case "busy":
      return { text: `$(loading~spin) ${status.model ?? "polylsp"}${latency(status)}`, lines, colour: "plain" };
    case "ready":
    case "resting":
      return { text: `$(sparkle) ${status.model ?? "polylsp"}${latency(status)}`, lines, colour: "plain" };
  }
}

function details(status: Status, work: Work | undefined): string[] {
  const lines = [`polylsp ${status.version}: ${status.state}`];
  if (status.message !== "") {
    lines.push(status.message);
  }
  if (status.model !== null) {
    lines.push(`Model: ${status.model}`);
  }
  if (typeof status.lastMilliseconds === "number") {
    const median = status.medianMilliseconds;
    const usually = typeof median === "number" ? ` (${milliseconds(median)} in the middle)` : "";
    lines.push(`Last answer: ${milliseconds(status.lastMilliseconds)}${usually}`);
  }
  if (status.lastSilence !== null && status.lastSilence !== "") {
    lines.push(`Nothing was suggested last: ${status.lastSilence}`);
  }
  if (work !== undefined && status.state !== "loading") {
    lines.push(`Now: ${work.message}${percent(work)}`);
  }
  return lines;
}

function scope(status: Status): string {
  return { "": "", everywhere: "", language: " (language)", file: " (file)" }[status.pausedBy];
}

function percent(work: Work | undefined): string {
  return work?.percentage === undefined ? "" : ` ${Math.round(work.percentage)} %`;
}

function latency(status: Status): string {
  return typeof status.lastMilliseconds === "number" ? ` ${milliseconds(status.lastMilliseconds)}` : "";
}

function milliseconds(number: number): string {
  return `${number < 10 ? number.toFixed(1) : Math.round(number)} ms`;
}

function plain(text: string, ...lines: string[]): View {
  return { text, lines, colour: "plain" };
}

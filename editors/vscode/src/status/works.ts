import type { Work } from "./view";

/** What $/progress tells. */
export interface Step {
  readonly kind: "begin" | "report" | "end";
  readonly title?: string;
  readonly message?: string;
  readonly percentage?: number;
}

/** The pieces of work that are going on, by their tokens. */
export class Works {
  private readonly going = new Map<string | number, Work>();

  /** The one that began last. */
  get current(): Work | undefined {
    return [...this.going.values()].at(-1);
  }

  note(token: string | number, step: Step): void {
    if (step.kind === "end") {
      this.going.delete(token);
      return;
    }
    const before = this.going.get(token);
    this.going.set(token, {
      message: step.message ?? before?.message ?? step.title ?? "",
      percentage: step.percentage ?? before?.percentage,
    });
  }

  clear(): void {
    this.going.clear();
  }
}

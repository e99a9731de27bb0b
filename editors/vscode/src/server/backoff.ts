/** How long to wait after a crash before the next start, and when to stop trying. */
export class Backoff {
  private crashes: number[] = [];

  constructor(
    private readonly now: () => number = Date.now,
    private readonly most = 5,
    private readonly within = 180_000,
  ) {}

  /** Note a crash; the milliseconds to wait, or undefined where there were too many of them lately. */
  crashed(): number | undefined {
    const now = this.now();
    this.crashes = this.crashes.filter((at) => now - at < this.within);
    this.crashes.push(now);
    return this.crashes.length > this.most ? undefined : 500 * 2 ** (this.crashes.length - 1);
  }

  /** The user wants it started: what was before does not count any more. */
  forget(): void {
    this.crashes = [];
  }
}

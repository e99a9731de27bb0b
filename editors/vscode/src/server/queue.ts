/** Runs one thing at a time. What is asked for while the same thing waits is asked for once. */
export class Queue {
  private last: Promise<unknown> = Promise.resolve();
  private readonly waiting = new Map<string, Promise<void>>();

  /** Do `task` once everything before it is done; the promise fails as the task does. */
  add(name: string, task: () => Promise<void>): Promise<void> {
    const same = this.waiting.get(name);
    if (same !== undefined) {
      return same;
    }
    // What is added from now on comes after this one, so it must not be taken for one that waits before it.
    this.waiting.clear();
    const promise = this.last.then(() => {
      if (this.waiting.get(name) === promise) {
        this.waiting.delete(name);
      }
      return task();
    });
    this.waiting.set(name, promise);
    this.last = promise.catch(() => undefined);
    return promise;
  }
}

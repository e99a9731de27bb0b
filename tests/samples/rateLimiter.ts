import { EventEmitter } from 'events';

/** How many calls are let through, and what to do with the others. */
export interface RateLimiterOptions {
  /** Calls that may be made at once. */
  burst: number;
  /** Calls a second, in the long run. */
  rate: number;
  /** Calls that may wait; the others are refused. */
  maxQueued?: number;
  /** Milliseconds; for tests. */
  now?: () => number;
}

export class QueueFullError extends Error {
  constructor(public readonly queued: number) {
    super(`${queued} calls are waiting already`);
    this.name = 'QueueFullError';
  }
}

interface Waiting<T> {
  call: () => Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
}

/** A token bucket: every call takes a token, and tokens come back at a steady rate. */
export class RateLimiter extends EventEmitter {
  private tokens: number;
  private updated: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly queue: Waiting<any>[] = [];
  private readonly now: () => number;

  constructor(private readonly options: RateLimiterOptions) {
    super();
    if (options.burst < 1 || options.rate <= 0) {
      throw new RangeError('burst must be at least 1, and rate positive');
    }
    this.now = options.now ?? Date.now;
    this.tokens = options.burst;
    this.updated = this.now();
  }

  get queued(): number {
    return this.queue.length;
  }

  /** Make the call as soon as the rate allows. */
  run<T>(call: () => Promise<T>): Promise<T> {
    const { maxQueued = Infinity } = this.options;
    if (this.queue.length >= maxQueued) {
      this.emit('refused');
      return Promise.reject(new QueueFullError(this.queue.length));
    }
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ call, resolve, reject });
      this.drain();
    });
  }

  /** Forget all calls that are waiting. */
  clear(reason: Error): void {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    for (const waiting of this.queue.splice(0)) {
      waiting.reject(reason);
    }
  }

  private refill(): void {
    const now = this.now();
    const gained = ((now - this.updated) / 1000) * this.options.rate;
    this.tokens = Math.min(this.options.burst, this.tokens + gained);
    this.updated = now;
  }

  private drain(): void {
    this.refill();
    while (this.queue.length > 0 && this.tokens >= 1) {
      this.tokens -= 1;
      const { call, resolve, reject } = this.queue.shift()!;
      call().then(resolve, reject);
    }
    if (this.queue.length > 0 && this.timer === undefined) {
      const delay = ((1 - this.tokens) / this.options.rate) * 1000;
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.drain();
      }, delay);
    }
  }
}

/** Try again with growing delays until it works or `attempts` are used up. */
export async function retry<T>(
  call: () => Promise<T>,
  attempts: number,
  delay: number,
): Promise<T> {
  let lastError: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      return await call();
    } catch (error) {
      lastError = error;
      await sleep(delay * 2 ** attempt);
    }
  }
  throw lastError;
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

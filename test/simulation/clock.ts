/** Time that moves only when the simulation lets it, from one thing that waits to the next. */
import type { Clock } from '../../src/base/clock.ts';

interface Waiting {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
}

export class SimulatedClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #waiting: Waiting[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const entry = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order++,
      wake: callback,
    };
    this.#waiting.push(entry);
    return () => {
      const at = this.#waiting.indexOf(entry);
      if (at >= 0) this.#waiting.splice(at, 1);
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepBy(this, delayMs, signal);
  }

  /** Lets everything happen that is due until then, in order, each with all that follows from it at once. */
  async run(untilMs: number): Promise<void> {
    for (;;) {
      await quiet();
      const next = this.#next();
      if (next === undefined || next.atMs > untilMs) break;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #next(): Waiting | undefined {
    let first: Waiting | undefined;
    for (const entry of this.#waiting) {
      if (first === undefined || entry.atMs < first.atMs) first = entry;
      else if (entry.atMs === first.atMs && entry.order < first.order) first = entry;
    }
    return first;
  }
}

/** The clock of a process: when that dies, whatever waits in it waits for ever. */
export class ProcessClock implements Clock {
  readonly #clock: Clock;
  readonly #waiting: Set<() => void> = new Set();
  #isDead = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, callback: () => void): () => void {
    if (this.#isDead) return () => undefined;
    const stop = this.#clock.after(delayMs, () => {
      this.#waiting.delete(stop);
      callback();
    });
    this.#waiting.add(stop);
    return () => {
      this.#waiting.delete(stop);
      stop();
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepBy(this, delayMs, signal);
  }

  die(): void {
    this.#isDead = true;
    for (const stop of this.#waiting) stop();
    this.#waiting.clear();
  }
}

function sleepBy(
  clock: Pick<Clock, 'after'>,
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', fail);
      resolve();
    });
    signal?.addEventListener('abort', fail, { once: true });
    if (signal?.aborted === true) fail();
  });
}

/** Resolves when no promise is left that can go on: nothing in the simulation waits for anything but its clock. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import { assert } from './assert.ts';

/** Lets at most `limit` holders in at a time; the others wait in order of arrival. */
export class Gate {
  readonly limit: number;
  readonly #waiting: (() => void)[] = [];
  #held = 0;

  constructor(limit: number) {
    assert(limit >= 1, `gate for ${limit}`);
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when there is room; what it gives must be called once, to leave. Rejects with the signal's reason. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#held < this.limit) this.#held++;
    else await this.#wait(signal);
    let isInside = true;
    return () => {
      assert(isInside, 'gate left twice');
      isInside = false;
      this.#leave();
    };
  }

  /** The place of who leaves goes straight to the first who waits, so nobody can overtake. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#held--;
    else next();
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (): void => {
      const place = this.#waiting.indexOf(resolve);
      if (place >= 0) this.#waiting.splice(place, 1);
      reject(signal?.reason);
    };
    this.#waiting.push(resolve);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }
}

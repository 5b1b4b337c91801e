/**
 * Sends a read again when it is slower than most reads of its size, and takes the answer that comes first: a slow server
 * or connection then costs a second request instead of a slow query. Thanos' `hedging_config`.
 */
import type { Clock } from '../base/clock.ts';
import type { Bucket, BucketOperation } from './bucket.ts';
import type { HedgingConfig } from './bucket-config.ts';
import { mayPass } from './retry.ts';
import { type WrappedCall, wrappedBucket } from './wrapped-bucket.ts';

const HEDGED: ReadonlySet<BucketOperation> = new Set(['get_range', 'attributes', 'exists']);
/** Nothing is known about fewer. */
const SAMPLES_MIN = 20;
const SAMPLES_MAX = 256;

export function hedgedBucket(bucket: Bucket, config: HedgingConfig, clock: Clock): Bucket {
  const recent = new Map<string, RecentTimes>();
  const timesOf = (call: WrappedCall): RecentTimes => {
    const key = `${call.operation} ${sizeClass(call.sizeBytes ?? 0)}`;
    const times = recent.get(key) ?? new RecentTimes();
    recent.set(key, times);
    return times;
  };
  return wrappedBucket(bucket, {
    async once(call, run) {
      if (!HEDGED.has(call.operation)) return run(call.signal);
      const times = timesOf(call);
      const sinceMs = clock.monotonicMs();
      const delayMs = times.quantile(config.quantile);
      const result = await race(run, { upTo: config.upTo, delayMs, clock, parent: call.signal });
      times.add(clock.monotonicMs() - sinceMs);
      return result;
    },
    stream: (_, begin) => begin(),
  });
}

/** Large ranges take longer than small ones by nature: 4 KiB, 16 KiB, 64 KiB …  */
function sizeClass(sizeBytes: number): number {
  return Math.max(0, Math.ceil(Math.log2(Math.max(1, sizeBytes) / 4096) / 2));
}

interface Race {
  readonly upTo: number;
  /** Undefined: no second attempt. */
  readonly delayMs: number | undefined;
  readonly clock: Clock;
  readonly parent: AbortSignal | undefined;
}

/** Ends with the first answer, or failure that another attempt would give too; the other attempts are canceled. */
async function race<T>(run: (signal?: AbortSignal) => Promise<T>, of: Race): Promise<T> {
  const { upTo, delayMs, clock, parent } = of;
  if (delayMs === undefined || upTo < 2) return run(parent);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const ending = new AbortController();
  const signal = parent === undefined ? ending.signal : AbortSignal.any([parent, ending.signal]);
  let started = 0;
  let failed = 0;
  let cancelNext = (): void => undefined;
  const start = (): void => {
    started++;
    if (started < upTo) cancelNext = clock.after(delayMs, start);
    run(signal).then(resolve, (error: unknown) => {
      failed++;
      if (failed === started || !mayPass(error)) reject(error);
    });
  };
  start();
  try {
    return await promise;
  } finally {
    cancelNext();
    ending.abort(new Error('another attempt was faster'));
  }
}

/** The last few durations, in milliseconds. */
class RecentTimes {
  readonly #times: number[] = [];
  #next = 0;
  #sorted: readonly number[] | undefined;

  add(durationMs: number): void {
    this.#times[this.#next] = durationMs;
    this.#next = (this.#next + 1) % SAMPLES_MAX;
    // Sorting for every call would cost more than it tells.
    if (this.#next % 16 === 0) this.#sorted = undefined;
  }

  quantile(quantile: number): number | undefined {
    if (this.#times.length < SAMPLES_MIN) return undefined;
    this.#sorted ??= [...this.#times].sort((a, b) => a - b);
    return this.#sorted[Math.floor(quantile * this.#sorted.length)];
  }
}

/**
 * Replica deduplication over sample columns: several replicas of one series, read into kernel memory, become one.
 * The algorithms are those of Thanos' pkg/dedup and of Prometheus' chained merge; kernel/dedup.ts tells them.
 *
 * Histograms take part as NaNs in the column of values: a tag in the high word, the index of the histogram in the
 * low one. The kernel passes such bits on.
 */
import { assert } from '../base/assert.ts';
import type { Kernel } from '../base/kernel.ts';
import type { HistogramSample, SampleColumns } from '../model/sample.ts';
import { NAN_HIGH } from '../model/stale.ts';

export interface DeduplicateOptions {
  /** `penalty` follows one replica until it has a gap; `chain` takes every timestamp of any. */
  readonly func: 'penalty' | 'chain';
  /** Whether values must not drop where the replica changes: see isCounterFunction. */
  readonly isCounter: boolean;
  /** Whether resets are made good in each replica before it is merged: see correctsResets. */
  readonly correctsResets?: boolean;
}

/** Whether series are counters for Thanos, by the function around their selector. */
export function isCounterFunction(func: string): boolean {
  return func === 'rate' || func === 'irate' || func === 'increase' || func === 'resets';
}

/**
 * Whether a function gives the same for a counter whose resets were made good: then each replica is corrected first, so
 * that a restart which one of them saw earlier than the other is no second reset. Not for `resets`, which counts them.
 */
export function correctsResets(func: string): boolean {
  return func === 'rate' || func === 'irate' || func === 'increase';
}

const ROW_BYTES = 64;
const HISTOGRAM_TAG = 0x7ff47461;

interface Output {
  readonly times: number;
  readonly values: number;
  readonly switched: number;
}

/**
 * Merges replicas, the preferred one first; a single one is returned as it is. The result lies in new memory of
 * the kernel's arena and has no start timestamps.
 */
export function deduplicate(
  kernel: Kernel,
  replicas: readonly SampleColumns[],
  options: DeduplicateOptions,
): SampleColumns {
  const [first] = replicas;
  assert(first !== undefined, 'no replica to deduplicate');
  if (replicas.length === 1) return first;
  const histograms = replicas.flatMap((replica) => replica.histograms);
  const capacity = replicas.reduce((sum, { count }) => sum + count, histograms.length);
  const { arena } = kernel;
  const times = arena.alloc(8 * capacity);
  const values = arena.alloc(8 * capacity);
  const mark = arena.mark();
  const output = { times, values, switched: arena.alloc(capacity) };
  const columns = histograms.length === 0 ? replicas : mixHistograms(kernel, replicas);
  const count = merge(kernel, columns, options, output);
  const floats = { times, values, startTimes: 0 };
  const result =
    histograms.length === 0
      ? { ...floats, count, histograms }
      : { ...floats, ...takeHistograms(kernel, output, count, { histograms, options }) };
  arena.release(mark);
  return result;
}

function merge(
  kernel: Kernel,
  replicas: readonly SampleColumns[],
  { func, isCounter }: DeduplicateOptions,
  { times, values, switched }: Output,
): number {
  const table = kernel.arena.alloc(ROW_BYTES * replicas.length);
  replicas.forEach((replica, i) => {
    kernel.u32.set([replica.times, replica.values, replica.count], (table + ROW_BYTES * i) >>> 2);
  });
  const { dedupChain, dedupPenalty } = kernel.exports;
  if (func === 'penalty')
    return dedupPenalty(table, replicas.length, isCounter, times, values) >>> 0;
  const heap = kernel.arena.alloc(4 * replicas.length);
  return dedupChain(table, replicas.length, heap, times, values, switched) >>> 0;
}

/** Replicas whose columns hold their histograms in their places, numbered through all replicas. */
function mixHistograms(kernel: Kernel, replicas: readonly SampleColumns[]): SampleColumns[] {
  let index = 0;
  return replicas.map((replica) => {
    const mixed = mixReplica(kernel, replica, index);
    index += replica.histograms.length;
    return mixed;
  });
}

function mixReplica(kernel: Kernel, replica: SampleColumns, firstIndex: number): SampleColumns {
  const { histograms } = replica;
  const count = replica.count + histograms.length;
  const times = kernel.arena.alloc(8 * count);
  const values = kernel.arena.alloc(8 * count);
  const { f64, u32 } = kernel;
  let float = 0;
  let histogram = 0;
  for (let i = 0; i < count; i++) {
    const time = float < replica.count ? (f64[(replica.times >>> 3) + float] ?? 0) : Infinity;
    const histogramTime = histograms[histogram]?.time ?? Infinity;
    const to = (values >>> 2) + 2 * i;
    f64[(times >>> 3) + i] = Math.min(time, histogramTime);
    if (histogramTime < time) {
      u32.set([firstIndex + histogram, HISTOGRAM_TAG], to);
      histogram++;
    } else {
      const from = (replica.values >>> 2) + 2 * float;
      const high = u32[from + 1] ?? 0;
      // A NaN that looks like a tag is made an ordinary one.
      u32.set([u32[from] ?? 0, high === HISTOGRAM_TAG ? NAN_HIGH : high], to);
      float++;
    }
  }
  return { times, values, count, startTimes: 0, histograms: [] };
}

/** Takes the histograms out of merged columns; the floats move together. */
function takeHistograms(
  kernel: Kernel,
  { times, values, switched }: Output,
  total: number,
  { histograms, options }: { histograms: readonly HistogramSample[]; options: DeduplicateOptions },
): { readonly count: number; readonly histograms: readonly HistogramSample[] } {
  const { f64, u32, u8 } = kernel;
  const taken: HistogramSample[] = [];
  let count = 0;
  for (let i = 0; i < total; i++) {
    const word = (values >>> 2) + 2 * i;
    const sample = u32[word + 1] === HISTOGRAM_TAG ? histograms[u32[word] ?? 0] : undefined;
    if (sample === undefined) {
      u32.copyWithin((values >>> 2) + 2 * count, word, word + 2);
      f64[(times >>> 3) + count] = f64[(times >>> 3) + i] ?? 0;
      count++;
    } else {
      const isApart = options.func === 'chain' && u8[switched + i] === 1;
      taken.push(isApart ? withoutHint(sample) : sample);
    }
  }
  return { count, histograms: taken };
}

/** Beside a sample of another replica, nobody knows whether a counter was reset in between. */
function withoutHint(sample: HistogramSample): HistogramSample {
  const { histogram } = sample;
  if (histogram.counterResetHint === 'gauge') return sample;
  return { ...sample, histogram: { ...histogram, counterResetHint: 'unknown' } };
}

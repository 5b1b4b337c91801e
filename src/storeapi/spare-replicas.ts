/**
 * Whether deduplication by penalty, which follows one replica until it has a gap, would follow the first one to the
 * end. Then the others need not be decoded: what they hold where the first one has no gap changes nothing.
 */
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { XOR } from '../chunk/encoding.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { SourcedChunk } from './chunk-order.ts';

/** With more gaps, the others are simply decoded. */
const WINDOWS_MAX = 64;

export interface SpareOptions {
  /** The range that is asked for, inclusive milliseconds; the first replica is clipped to it. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Decodes one chunk of another replica; may throw. */
  readonly decode: (chunk: SourcedChunk) => SampleColumns;
}

/**
 * False when in doubt: also for histograms, and for chunks that cannot be decoded. Chunks are taken to hold samples
 * at their times and none outside.
 */
export function areSpare(
  kernel: Kernel,
  first: SampleColumns,
  others: readonly (readonly SourcedChunk[])[],
  options: SpareOptions,
): boolean {
  const { minTime, maxTime } = options;
  if (first.histograms.length > 0) return false;
  const mark = kernel.arena.mark();
  const table = kernel.arena.alloc(16 * WINDOWS_MAX);
  const { times, count } = first;
  const found = kernel.exports.penaltyWindows(times, count, minTime, maxTime, table, WINDOWS_MAX);
  const windows = kernel.f64.slice(table >>> 3, (table >>> 3) + 2 * Math.min(found, WINDOWS_MAX));
  kernel.arena.release(mark);
  if (found > WINDOWS_MAX) return false;
  return others.every((chunks) =>
    chunks.every((chunk) => hasNothingIn(kernel, chunk, windows, options)),
  );
}

/** Decodes only chunks that go past a window. */
function hasNothingIn(
  kernel: Kernel,
  sourced: SourcedChunk,
  windows: Float64Array,
  { decode }: SpareOptions,
): boolean {
  const { minTime, maxTime, aggregate, encoding } = sourced.chunk;
  if (aggregate !== 'raw' || encoding !== XOR) return false;
  const near: [from: number, to: number][] = [];
  for (let i = 0; i < windows.length; i += 2) {
    const from = windows[i] as number;
    const to = windows[i + 1] as number;
    if (from > maxTime || to < minTime) continue;
    if (from <= minTime || to >= maxTime) return false;
    near.push([from, to]);
  }
  if (near.length === 0) return true;
  const mark = kernel.arena.mark();
  try {
    const { times, count } = decode(sourced);
    const decoded = kernel.f64.subarray(times >>> 3, (times >>> 3) + count);
    return near.every(([from, to]) => !((decoded[lowerBound(decoded, from)] as number) <= to));
  } catch (error) {
    // Whoever decodes the whole replica tells what is wrong with it.
    if (error instanceof OperationError && error.kind === 'corrupt') return false;
    throw error;
  } finally {
    kernel.arena.release(mark);
  }
}

/** Where the first time at or after the given one is. */
export function lowerBound(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Whether deduplication by penalty, which follows one replica until it has a gap, would follow the first one to the
 * end. Then the others need not be decoded: what they hold where the first one has no gap changes nothing.
 */
import type { Kernel } from '../base/kernel.ts';
import type { SampleColumns } from '../model/sample.ts';
import { lowerBound } from '../storage/clip.ts';
import type { ChunkRows } from '../wire/chunk-rows.ts';

/** With more gaps, the others are simply decoded. */
const WINDOWS_MAX = 64;

export interface SpareOptions {
  /** The range that is asked for, inclusive milliseconds; the first replica is clipped to it. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Chunks of floats. */
  readonly rows: ChunkRows;
  /** Decodes one row; may throw. */
  readonly decode: (row: number) => SampleColumns;
}

/**
 * False when in doubt. Chunks are taken to hold samples at their times and none outside.
 * @param others rows of each other replica.
 */
export function areSpare(
  kernel: Kernel,
  first: SampleColumns,
  others: readonly (readonly number[])[],
  options: SpareOptions,
): boolean {
  const { minTime, maxTime } = options;
  const mark = kernel.arena.mark();
  const table = kernel.arena.alloc(16 * WINDOWS_MAX);
  const { times, count } = first;
  const found = kernel.exports.penaltyWindows(times, count, minTime, maxTime, table, WINDOWS_MAX);
  const windows = kernel.f64.slice(table >>> 3, (table >>> 3) + 2 * Math.min(found, WINDOWS_MAX));
  kernel.arena.release(mark);
  if (found > WINDOWS_MAX) return false;
  return others.every((replica) =>
    replica.every((row) => isOutside(kernel, row, windows, options)),
  );
}

/** Whether no sample of the chunk lies in a window. Decodes only chunks that go past one. */
function isOutside(
  kernel: Kernel,
  row: number,
  windows: Float64Array,
  { rows, decode }: SpareOptions,
): boolean {
  const minTime = rows.minTimes[row] as number;
  const maxTime = rows.maxTimes[row] as number;
  let near: [from: number, to: number][] | undefined;
  for (let i = 0; i < windows.length; i += 2) {
    const from = windows[i] as number;
    const to = windows[i + 1] as number;
    if (from > maxTime || to < minTime) continue;
    if (from <= minTime || to >= maxTime) return false;
    near ??= [];
    near.push([from, to]);
  }
  if (near === undefined) return true;
  const mark = kernel.arena.mark();
  const { times, count } = decode(row);
  const decoded = kernel.f64.subarray(times >>> 3, (times >>> 3) + count);
  kernel.arena.release(mark);
  return near.every(([from, to]) => !((decoded[lowerBound(decoded, from)] as number) <= to));
}

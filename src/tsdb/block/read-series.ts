/** Decodes one series that several blocks may hold parts of. */
import type { Kernel } from '../../base/kernel.ts';
import { allocChunkTable, decodeChunks } from '../../chunk/columns.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { deduplicate } from '../../storage/deduplicate.ts';
import type { ReadAccount } from '../../storage/read-account.ts';
import type { BlockSeries } from './block-series.ts';
import type { ColumnCache } from './column-cache.ts';
import { type Interval, isDeleted } from './tombstones.ts';

/** What reading goes through and is written down in. */
export interface BlockReading {
  readonly cache: ColumnCache;
  readonly account: ReadAccount | undefined;
}

/**
 * The parts, in order of their first chunk. Parts that do not overlap are decoded at once, into one pair of columns;
 * overlapping ones apart, then merged: of equal timestamps the earlier part's sample stays.
 */
export function readSeries(
  kernel: Kernel,
  parts: readonly BlockSeries[],
  reading: BlockReading,
): SampleColumns {
  const groups = groupByTime(parts);
  const columns = groups.map((group) => readGroup(kernel, group, reading));
  return deduplicate(kernel, columns, { func: 'chain', isCounter: false });
}

/**
 * Splits into runs of parts, so that within a run each one starts after the one before has ended. What was deleted in
 * one block may still be in another: a part with deletions stays alone.
 */
function groupByTime(parts: readonly BlockSeries[]): BlockSeries[][] {
  const sorted = parts.length === 1 ? parts : parts.toSorted((a, b) => firstTime(a) - firstTime(b));
  const groups: BlockSeries[][] = [];
  for (const part of sorted) {
    const takes = (group: BlockSeries[]): boolean =>
      (group[0] as BlockSeries).deleted.length === 0 &&
      lastTime(group.at(-1) as BlockSeries) < firstTime(part);
    const fitting = part.deleted.length > 0 ? undefined : groups.find(takes);
    if (fitting === undefined) groups.push([part]);
    else fitting.push(part);
  }
  return groups;
}

function firstTime({ chunks }: BlockSeries): number {
  return chunks.minTimes[0] as number;
}

function lastTime({ chunks }: BlockSeries): number {
  return chunks.maxTimes[chunks.count - 1] as number;
}

function readGroup(
  kernel: Kernel,
  group: readonly BlockSeries[],
  { cache, account }: BlockReading,
): SampleColumns {
  const key = keyOf(group);
  const kept = cache.get(kernel, key);
  if (kept !== undefined) {
    if (account !== undefined) account.cachedSeries++;
    return kept;
  }
  const columns = decodeGroup(kernel, group, account);
  cache.offer(kernel, key, columns);
  return columns;
}

/** Chunks of a series never change, but more of them may be deleted: both tell what they hold. */
function keyOf(group: readonly BlockSeries[]): string {
  let key = '';
  for (const { block, chunks, deleted } of group) {
    const { references, count } = chunks;
    key += `${block.meta.ulid}${references[0]}-${references[count - 1]}/${count} `;
    for (const { minTime, maxTime } of deleted) key += `${minTime}-${maxTime} `;
  }
  return key;
}

function decodeGroup(
  kernel: Kernel,
  group: readonly BlockSeries[],
  account: ReadAccount | undefined,
): SampleColumns {
  const count = group.reduce((sum, { chunks }) => sum + chunks.count, 0);
  const table = allocChunkTable(kernel, count);
  let row = 0;
  for (const { block, chunks } of group) {
    block.segments.read(kernel, chunks, table, row);
    row += chunks.count;
  }
  const describe = (i: number): string => describeRow(group, i);
  const columns = decodeChunks(kernel, { table, count, describe, account });
  const deleted = group.flatMap((part) => part.deleted);
  return deleted.length === 0 ? columns : dropDeleted(kernel, columns, deleted);
}

function describeRow(group: readonly BlockSeries[], row: number): string {
  let left = row;
  for (const { block, chunks } of group) {
    if (left < chunks.count) return block.segments.describe(chunks.references[left] as number);
    left -= chunks.count;
  }
  return `chunk ${row}`;
}

/** Closes the columns up over the samples in the intervals. */
export function dropDeleted(
  kernel: Kernel,
  columns: SampleColumns,
  deleted: readonly Interval[],
): SampleColumns {
  const isKept = (time: number): boolean => !isDeleted(deleted, time, time);
  const { f64, u32 } = kernel;
  const times = columns.times >>> 3;
  const values = columns.values >>> 2;
  let count = 0;
  for (let i = 0; i < columns.count; i++) {
    if (!isKept(f64[times + i] as number)) continue;
    f64[times + count] = f64[times + i] as number;
    u32[values + 2 * count] = u32[values + 2 * i] as number;
    u32[values + 2 * count + 1] = u32[values + 2 * i + 1] as number;
    if (columns.startTimes !== 0) {
      f64[(columns.startTimes >>> 3) + count] = f64[(columns.startTimes >>> 3) + i] as number;
    }
    count++;
  }
  const histograms = columns.histograms.filter(({ time }) => isKept(time));
  return { ...columns, count, histograms };
}

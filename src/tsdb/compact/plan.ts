/** Which blocks are compacted next. Source: the rules of Prometheus' leveled compactor. */
import type { BlockMeta } from '../block/meta.ts';

const RANGES_MAX = 10;
const STEP = 3;
/** Deleted stretches a series from which on a block is written anew. */
const TOMBSTONE_SHARE = 0.05;
/** Blocks with these hints hold only a part of the series: they are not mixed with others. */
const PARTIAL_HINTS = ['from-stale-series', 'from-selected-series'] as const;

/** Lengths of blocks by level, in milliseconds: each three times the one before, up to the longest. */
export function blockRanges(shortestMs: number, longestMs: number): readonly number[] {
  const ranges: number[] = [];
  for (let range = shortestMs; ranges.length < RANGES_MAX && range <= longestMs; range *= STEP) {
    ranges.push(range);
  }
  return ranges;
}

/** Blocks that become one, ascending in time; a single one where it is only to lose what is deleted. Empty: none is due. */
export function planCompaction(
  metas: readonly BlockMeta[],
  ranges: readonly number[],
): readonly BlockMeta[] {
  const isPartial = (meta: BlockMeta): boolean =>
    PARTIAL_HINTS.some((hint) => meta.compaction.hints.includes(hint));
  const classes = [
    metas.filter((meta) => !isPartial(meta)),
    ...PARTIAL_HINTS.map((hint) => metas.filter((meta) => meta.compaction.hints.includes(hint))),
  ];
  for (const blocks of classes) {
    const planned = planClass(blocks, ranges);
    if (planned.length > 0) return planned;
  }
  return [];
}

function planClass(metas: readonly BlockMeta[], ranges: readonly number[]): readonly BlockMeta[] {
  const sorted = metas.toSorted((a, b) => a.minTime - b.minTime);
  const overlapping = firstOverlapping(sorted);
  if (overlapping.length > 0) return overlapping;
  // The newest stays as it is: backups and uploads get it whole.
  const older = sorted.slice(0, -1);
  const joined = firstFullRange(older, ranges);
  return joined.length > 0 ? joined : mostlyDeleted(older, ranges);
}

/** The first run of blocks that reach into each other. */
function firstOverlapping(sorted: readonly BlockMeta[]): readonly BlockMeta[] {
  let run: BlockMeta[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const meta of sorted) {
    if (meta.minTime < end) run.push(meta);
    else if (run.length > 1) return run;
    else run = [meta];
    end = Math.max(end, meta.maxTime);
  }
  return run.length > 1 ? run : [];
}

/** Blocks of the shortest range that is full, or to which nothing will be added. */
function firstFullRange(
  sorted: readonly BlockMeta[],
  ranges: readonly number[],
): readonly BlockMeta[] {
  const newestStart = sorted.at(-1)?.minTime ?? 0;
  for (const range of ranges.slice(1)) {
    for (const part of splitByRange(sorted, range)) {
      const [first] = part;
      const last = part.at(-1);
      if (part.length < 2 || first === undefined || last === undefined) continue;
      if (part.some(({ compaction }) => compaction.failed)) continue;
      const isFull = last.maxTime - first.minTime === range;
      if (isFull || last.maxTime <= newestStart) return part;
    }
  }
  return [];
}

/** Groups by the aligned stretches of time in which they lie; blocks that lie in none are left out. */
function splitByRange(sorted: readonly BlockMeta[], range: number): BlockMeta[][] {
  const parts = new Map<number, BlockMeta[]>();
  for (const meta of sorted) {
    const start = Math.floor(meta.minTime / range) * range;
    if (meta.maxTime > start + range) continue;
    const part = parts.get(start);
    if (part === undefined) parts.set(start, [meta]);
    else part.push(meta);
  }
  return [...parts.values()];
}

/** The newest large block of which much is deleted, or one of any size of which everything may be. */
function mostlyDeleted(
  sorted: readonly BlockMeta[],
  ranges: readonly number[],
): readonly BlockMeta[] {
  const large = ranges[Math.floor(ranges.length / 2)] ?? 0;
  for (const meta of sorted.toReversed()) {
    const { numTombstones, numSeries } = meta.stats;
    if (meta.maxTime - meta.minTime < large) {
      return numTombstones > 0 && numTombstones >= numSeries ? [meta] : [];
    }
    if (numTombstones / (numSeries + 1) > TOMBSTONE_SHARE) return [meta];
  }
  return [];
}

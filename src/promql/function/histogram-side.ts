/** The positive or the negative buckets of a histogram that is being computed, as parallel columns. */
import type { Span } from '../../model/histogram.ts';
import { bucketIndices, coarserIndex } from './histogram-buckets.ts';
import { compensatedAdd } from './kahan.ts';

export interface BucketSide {
  /** Ascending. */
  readonly indices: number[];
  readonly counts: number[];
  readonly compensations: number[];
}

export function emptySide(): BucketSide {
  return { indices: [], counts: [], compensations: [] };
}

export function plainSide(spans: readonly Span[], buckets: Float64Array): BucketSide {
  const counts = [...buckets];
  return { indices: bucketIndices(spans), counts, compensations: counts.map(() => 0) };
}

export function copySide({ indices, counts, compensations }: BucketSide): BucketSide {
  return { indices: [...indices], counts: [...counts], compensations: [...compensations] };
}

export function pushBucket(
  side: BucketSide,
  index: number,
  count: number,
  compensation: number,
): void {
  side.indices.push(index);
  side.counts.push(count);
  side.compensations.push(compensation);
}

/** Adds into the bucket at a position. */
export function addToBucket(
  side: BucketSide,
  position: number,
  count: number,
  compensation: number,
  isCompensated: boolean,
): void {
  if (!isCompensated) {
    side.counts[position] = (side.counts[position] as number) + count;
    return;
  }
  const pair: [number, number] = [
    side.counts[position] as number,
    side.compensations[position] as number,
  ];
  compensatedAdd(pair, count);
  if (compensation !== 0) compensatedAdd(pair, compensation);
  side.counts[position] = pair[0];
  side.compensations[position] = pair[1];
}

/** Merges two sides of the same schema by bucket index. */
export function addBuckets(
  a: BucketSide,
  b: BucketSide,
  { sign, isCompensated }: { readonly sign: 1 | -1; readonly isCompensated: boolean },
): BucketSide {
  const merged = emptySide();
  let i = 0;
  let j = 0;
  while (i < a.indices.length || j < b.indices.length) {
    const indexA = a.indices[i] ?? Infinity;
    const indexB = b.indices[j] ?? Infinity;
    if (indexA <= indexB) {
      pushBucket(merged, indexA, a.counts[i] as number, a.compensations[i] as number);
      i++;
    } else {
      pushBucket(merged, indexB, sign * (b.counts[j] as number), sign * compensationAt(b, j));
    }
    if (indexB > indexA) continue;
    if (indexA === indexB) {
      const last = merged.indices.length - 1;
      const count = sign * (b.counts[j] as number);
      addToBucket(merged, last, count, sign * compensationAt(b, j), isCompensated);
    }
    j++;
  }
  return merged;
}

function compensationAt(side: BucketSide, i: number): number {
  return side.compensations[i] as number;
}

/** The same observations in buckets of a coarser schema. */
export function reduceSide(
  side: BucketSide,
  schema: number,
  coarser: number,
  isCompensated: boolean,
): BucketSide {
  const reduced = emptySide();
  for (let i = 0; i < side.indices.length; i++) {
    const index = coarserIndex(side.indices[i] as number, schema, coarser);
    const count = side.counts[i] as number;
    const compensation = compensationAt(side, i);
    const last = reduced.indices.length - 1;
    if (reduced.indices[last] === index) {
      addToBucket(reduced, last, count, compensation, isCompensated);
    } else {
      pushBucket(reduced, index, count, compensation);
    }
  }
  return reduced;
}

/** Without the leading buckets for which the condition holds. */
export function dropBucketsBelow(
  side: BucketSide,
  isBelow: (index: number) => boolean,
): BucketSide {
  let first = 0;
  while (first < side.indices.length && isBelow(side.indices[first] as number)) first++;
  if (first === 0) return side;
  return {
    indices: side.indices.slice(first),
    counts: side.counts.slice(first),
    compensations: side.compensations.slice(first),
  };
}

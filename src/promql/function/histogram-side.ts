/**
 * The positive or the negative buckets of a histogram that is being computed. Adding takes one pass over the
 * counts when both sides have the same spans, as neighbours in a series do. A side without compensations may
 * be a histogram's own and is never changed; one with compensations belongs to the sum that adds to it.
 */
import type { Span } from '../../model/histogram.ts';
import { bucketIndices, coarserIndex, spansOfIndices } from '../../model/histogram-spans.ts';
import { compensatedAdd } from './kahan.ts';

export interface BucketSide {
  readonly spans: readonly Span[];
  /** One for each bucket of the spans. */
  readonly counts: Float64Array;
  /** What Kahan-Neumaier summation owes each count; undefined when that is nothing. */
  readonly compensations: Float64Array | undefined;
}

export interface AddMode {
  readonly sign: 1 | -1;
  readonly isCompensated: boolean;
}

export function plainSide(spans: readonly Span[], counts: Float64Array): BucketSide {
  return { spans, counts, compensations: undefined };
}

export function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as Span, b[i] as Span];
    if (x.offset !== y.offset || x.length !== y.length) return false;
  }
  return true;
}

/** Both sides are of the same schema; b has no compensations unless the sum is compensated. */
export function addBuckets(a: BucketSide, b: BucketSide, mode: AddMode): BucketSide {
  if (b.counts.length === 0) return a;
  return sameSpans(a.spans, b.spans) ? addSameSpans(a, b, mode) : mergeSides(a, b, mode);
}

function addSameSpans(a: BucketSide, b: BucketSide, { sign, isCompensated }: AddMode): BucketSide {
  const length = a.counts.length;
  if (!isCompensated) {
    const counts = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      counts[i] = (a.counts[i] as number) + sign * (b.counts[i] as number);
    }
    return { spans: a.spans, counts, compensations: a.compensations };
  }
  const own = a.compensations === undefined ? copySide(a) : a;
  const { counts } = own;
  const compensations = own.compensations as Float64Array;
  const pair: [number, number] = [0, 0];
  for (let i = 0; i < length; i++) {
    pair[0] = counts[i] as number;
    pair[1] = compensations[i] as number;
    compensatedAdd(pair, sign * (b.counts[i] as number));
    const owed = compensationAt(b, i);
    if (owed !== 0) compensatedAdd(pair, sign * owed);
    counts[i] = pair[0];
    compensations[i] = pair[1];
  }
  return own;
}

/** A side to add to. */
export function copySide({ spans, counts, compensations }: BucketSide): BucketSide {
  const owed = compensations?.slice() ?? new Float64Array(counts.length);
  return { spans, counts: counts.slice(), compensations: owed };
}

function compensationAt({ compensations }: BucketSide, i: number): number {
  return compensations === undefined ? 0 : (compensations[i] as number);
}

function mergeSides(a: BucketSide, b: BucketSide, { sign, isCompensated }: AddMode): BucketSide {
  const merged = new SideBuilder(isCompensated);
  const indicesA = bucketIndices(a.spans);
  const indicesB = bucketIndices(b.spans);
  let i = 0;
  let j = 0;
  while (i < indicesA.length || j < indicesB.length) {
    const indexA = indicesA[i] ?? Infinity;
    const indexB = indicesB[j] ?? Infinity;
    if (indexA <= indexB) merged.add(indexA, a.counts[i] as number, compensationAt(a, i++));
    if (indexB <= indexA) {
      merged.add(indexB, sign * (b.counts[j] as number), sign * compensationAt(b, j++));
    }
  }
  return merged.finish();
}

/** The same observations in buckets of a coarser schema. */
export function reduceSide(
  side: BucketSide,
  schema: number,
  coarser: number,
  isCompensated: boolean,
): BucketSide {
  const reduced = new SideBuilder(isCompensated);
  bucketIndices(side.spans).forEach((index, i) => {
    const target = coarserIndex(index, schema, coarser);
    reduced.add(target, side.counts[i] as number, compensationAt(side, i));
  });
  return reduced.finish();
}

/** Gathers buckets in ascending order of their indices; counts of one index add up. */
export class SideBuilder {
  readonly #indices: number[] = [];
  readonly #counts: number[] = [];
  readonly #compensations: number[] = [];
  readonly #isCompensated: boolean;

  constructor(isCompensated: boolean) {
    this.#isCompensated = isCompensated;
  }

  add(index: number, count: number, compensation: number): void {
    const last = this.#indices.length - 1;
    if (this.#indices[last] !== index) {
      this.#indices.push(index);
      this.#counts.push(count);
      this.#compensations.push(compensation);
      return;
    }
    const pair: [number, number] = [
      this.#counts[last] as number,
      this.#compensations[last] as number,
    ];
    if (this.#isCompensated) {
      compensatedAdd(pair, count);
      if (compensation !== 0) compensatedAdd(pair, compensation);
    } else pair[0] += count;
    this.#counts[last] = pair[0];
    this.#compensations[last] = pair[1];
  }

  finish(): BucketSide {
    return {
      spans: spansOfIndices(this.#indices),
      counts: Float64Array.from(this.#counts),
      compensations: this.#isCompensated ? Float64Array.from(this.#compensations) : undefined,
    };
  }
}

/** Without the leading buckets for which the condition holds. */
export function dropBucketsBelow(
  side: BucketSide,
  isBelow: (index: number) => boolean,
): BucketSide {
  const [first] = side.spans;
  if (first === undefined || !isBelow(first.offset)) return side;
  const indices = bucketIndices(side.spans);
  const found = indices.findIndex((index) => !isBelow(index));
  const from = found < 0 ? indices.length : found;
  return {
    spans: spansOfIndices(indices.slice(from)),
    counts: side.counts.slice(from),
    compensations: side.compensations?.slice(from),
  };
}

/** Without empty buckets, and with gaps between all spans. */
export function compactSide(side: BucketSide): BucketSide {
  if (isCompact(side)) return side;
  const keep = (_: number, i: number): boolean =>
    side.counts[i] !== 0 || compensationAt(side, i) !== 0;
  return {
    spans: spansOfIndices(bucketIndices(side.spans).filter(keep)),
    counts: side.counts.filter(keep),
    compensations: side.compensations?.filter(keep),
  };
}

function isCompact({ spans, counts }: BucketSide): boolean {
  if (counts.includes(0)) return false;
  return spans.every(({ offset, length }, i) => length > 0 && (i === 0 || offset > 0));
}

/** Every count and what is owed to it through a function. */
export function changeSide(side: BucketSide, change: (value: number) => number): BucketSide {
  const { spans, counts, compensations } = side;
  return { spans, counts: counts.map(change), compensations: compensations?.map(change) };
}

/** Counts with what is owed to them. */
export function totalsOf({ counts, compensations }: BucketSide): Float64Array {
  if (compensations === undefined) return counts;
  return counts.map((count, i) => count + (compensations[i] as number));
}

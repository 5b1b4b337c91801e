/** Histograms with custom bounds that differ: both are mapped to the bounds that they have in common. */
import { bucketIndices } from '../../model/histogram-spans.ts';
import { type AddMode, type BucketSide, SideBuilder } from './histogram-side.ts';
import { compensatedAdd } from './kahan.ts';

interface CustomBuckets {
  readonly side: BucketSide;
  readonly bounds: Float64Array;
}

/** Adds or subtracts b; the result has the bounds in common and no empty bucket. */
export function reconcileCustomBuckets(
  a: CustomBuckets,
  b: CustomBuckets,
  { sign, isCompensated }: AddMode,
): CustomBuckets {
  const bounds = commonBounds(a.bounds, b.bounds);
  const target = Array.from({ length: bounds.length + 1 }, (): [number, number] => [0, 0]);
  mapBuckets(a, bounds, (pair, count, compensation) => {
    compensatedAdd(pair, count);
    if (isCompensated) compensatedAdd(pair, compensation);
  });
  mapBuckets(b, bounds, (pair, count) => compensatedAdd(pair, sign * count));
  const side = new SideBuilder(isCompensated);
  target.forEach(([count, compensation], index) => {
    if (count === 0 && compensation === 0) return;
    side.add(index, count, compensation);
  });
  return { side: side.finish(), bounds };

  function mapBuckets(
    { side: from, bounds: own }: CustomBuckets,
    onto: Float64Array,
    add: (pair: [number, number], count: number, compensation: number) => void,
  ): void {
    let next = 0;
    bucketIndices(from.spans).forEach((index, i) => {
      const bound = own[index] ?? Infinity;
      while (next < onto.length && (onto[next] as number) < bound) next++;
      const pair = target[next] as [number, number];
      add(pair, from.counts[i] as number, from.compensations?.[i] ?? 0);
    });
  }
}

export function commonBounds(a: Float64Array, b: Float64Array): Float64Array {
  const known = new Set(b);
  return a.filter((bound) => known.has(bound));
}

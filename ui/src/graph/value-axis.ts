/** Where a bucket's bounds lie on the axis of a heatmap, from 0 (bottom) to 1 (top). */
import type { HeatmapModel } from './heatmap-model.ts';
import { valueTicks } from './ticks.ts';
import type { UnitKind } from './unit.ts';

export type AxisKind = 'log' | 'linear';

export interface ValueAxis {
  /** Infinite bounds lie at the edges. */
  position(value: number): number;
  /** The other way round. */
  value(position: number): number;
  readonly ticks: readonly number[];
  /** How far apart ticks are, for printing them; of a log axis the smallest one's size. */
  increment(tick: number): number;
}

interface Extent {
  readonly min: number;
  readonly max: number;
  /** The smallest size of a bound that is not zero. */
  readonly smallest: number;
  readonly openBelow: boolean;
  readonly openAbove: boolean;
}

/** The height kept for a bucket without a lower or upper bound. */
const OPEN_SHARE = 0.06;

export function valueAxis(
  model: HeatmapModel,
  kind: AxisKind,
  { ticks, unit }: { readonly ticks: number; readonly unit: UnitKind },
): ValueAxis {
  const extent = extentOf(model);
  const warp = kind === 'log' ? symmetricLog(extent.smallest) : IDENTITY;
  const bottom = extent.openBelow ? OPEN_SHARE : 0;
  const top = extent.openAbove ? 1 - OPEN_SHARE : 1;
  const [low, high] = [warp.to(extent.min), warp.to(extent.max)];
  const span = high - low || 1;
  const linear = valueTicks({ min: extent.min, max: extent.max }, ticks, unit);
  return {
    position: (value) => {
      if (value === Number.NEGATIVE_INFINITY) return 0;
      if (value === Number.POSITIVE_INFINITY) return 1;
      return bottom + ((warp.to(value) - low) / span) * (top - bottom);
    },
    value: (position) => {
      if (position < bottom) return Number.NEGATIVE_INFINITY;
      if (position > top) return Number.POSITIVE_INFINITY;
      return warp.from(low + ((position - bottom) / (top - bottom)) * span);
    },
    ticks: kind === 'log' ? powerTicks(extent, ticks) : linear.values,
    increment: (tick) => (kind === 'log' ? Math.abs(tick) || extent.smallest : linear.increment),
  };
}

function extentOf({ lower, upper }: HeatmapModel): Extent {
  const bounds = [...lower, ...upper];
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let smallest = Number.POSITIVE_INFINITY;
  for (const bound of bounds) {
    if (!Number.isFinite(bound)) continue;
    min = Math.min(min, bound);
    max = Math.max(max, bound);
    if (bound !== 0) smallest = Math.min(smallest, Math.abs(bound));
  }
  if (min > max) return { min: 0, max: 1, smallest: 1, openBelow: false, openAbove: false };
  return {
    min,
    max: max === min ? min + 1 : max,
    smallest: Number.isFinite(smallest) ? smallest : 1,
    openBelow: lower.includes(Number.NEGATIVE_INFINITY),
    openAbove: upper.includes(Number.POSITIVE_INFINITY),
  };
}

interface Warp {
  to(value: number): number;
  from(warped: number): number;
}

const IDENTITY: Warp = { to: (value) => value, from: (warped) => warped };

/** Logarithmic beyond ±`smallest`, linear between: zero and negative buckets have their place, too. */
function symmetricLog(smallest: number): Warp {
  return {
    to: (value) => {
      const size = Math.abs(value) / smallest;
      return Math.sign(value) * (size <= 1 ? size : 1 + Math.log2(size));
    },
    from: (warped) => {
      const size = Math.abs(warped);
      return Math.sign(warped) * smallest * (size <= 1 ? size : 2 ** (size - 1));
    },
  };
}

/** Powers of ten, of which so many are left out that at most `count` stay; with few of them also 2 and 5 times these. */
function powerTicks({ min, max, smallest }: Extent, count: number): number[] {
  const largest = Math.max(Math.abs(min), Math.abs(max));
  const decades = Math.log10(largest / smallest);
  const sides = min < 0 && max > 0 ? 2 : 1;
  const every = Math.max(1, Math.ceil((decades * sides) / count));
  const digits = decades * sides * 3 <= count ? [1, 2, 5] : [1];
  const sizes: number[] = [];
  const start = Math.floor(Math.log10(smallest));
  for (let e = start; e <= Math.log10(largest) + 1; e++) {
    if ((e - start) % every === 0) sizes.push(...digits.map((digit) => Number(`${digit}e${e}`)));
  }
  const isShown = (tick: number): boolean => tick >= min && tick <= max;
  const positive = sizes.filter((size) => size >= smallest * 0.999).filter(isShown);
  const negative = sizes.map((size) => -size).filter(isShown);
  const zero = isShown(0) ? [0] : [];
  return [...negative.reverse(), ...zero, ...positive];
}

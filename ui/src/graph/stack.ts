/**
 * Series on top of each other. What is above zero piles up, what is below piles down, so that a series that changes its
 * sign hides none of the others. A gap adds nothing and leaves a hole in its own band only.
 */
import type { Matrix } from './matrix.ts';

/** From the first step of the series, as its values; NaN where there is nothing to draw. */
export interface Band {
  readonly series: number;
  readonly first: number;
  readonly bases: Float64Array;
  readonly tops: Float64Array;
}

export interface Stack {
  /** Lowest first. */
  readonly bands: readonly Band[];
  /** By index of the series. */
  readonly bandOf: ReadonlyMap<number, Band>;
  /** The ends of the pile at every step; 0 where nothing is. */
  readonly highs: Float64Array;
  readonly lows: Float64Array;
}

/** `shown` are indexes into `matrix.series`, in the order of piling. */
export function stackSeries({ times, series }: Matrix, shown: readonly number[]): Stack {
  const highs = new Float64Array(times.length);
  const lows = new Float64Array(times.length);
  const bands = shown.map((index) => {
    const { first, values } = series[index];
    const bases = new Float64Array(values.length).fill(Number.NaN);
    const tops = new Float64Array(values.length).fill(Number.NaN);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!Number.isFinite(value)) continue;
      const ends = value < 0 ? lows : highs;
      bases[i] = ends[first + i];
      tops[i] = ends[first + i] += value;
    }
    return { series: index, first, bases, tops };
  });
  const bandOf = new Map(bands.map((band) => [band.series, band]));
  return { bands, bandOf, highs, lows };
}

/**
 * Steps worth drawing when there are more steps than columns of pixels: of each column the one where the pile is
 * highest and the one where it is lowest, the same for all bands, so that they still fit each other.
 */
export function columnSteps(stack: Stack, columnOf: (step: number) => number): Uint32Array {
  const { highs, lows } = stack;
  const steps: number[] = [];
  for (let from = 0; from < highs.length; ) {
    const column = columnOf(from);
    let highest = from;
    let lowest = from;
    let to = from;
    for (; to < highs.length && columnOf(to) === column; to++) {
      if (highs[to] > highs[highest]) highest = to;
      if (highs[to] + lows[to] < highs[lowest] + lows[lowest]) lowest = to;
    }
    steps.push(Math.min(highest, lowest));
    if (highest !== lowest) steps.push(Math.max(highest, lowest));
    from = to;
  }
  return Uint32Array.from(steps);
}

/** Index into `bands` of the band that covers `value` at `step`, or -1. */
export function bandAt({ bands }: Stack, step: number, value: number): number {
  return bands.findIndex(({ first, bases, tops }) => {
    const base = bases[step - first];
    const top = tops[step - first];
    return Math.min(base, top) <= value && value <= Math.max(base, top);
  });
}

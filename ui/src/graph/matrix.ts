/**
 * The answer of a range query as columns: one grid of times, one Float64Array of values a series. What draws a
 * million samples cannot afford an object for each.
 */

export type Labels = Readonly<Record<string, string>>;

export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** What was asked for: the answer's times lie on this grid, or (frontends align it) at one shift from it. */
export interface StepGrid extends TimeRange {
  readonly stepMs: number;
}

/** Of the finite samples of a series; NaN where there is none. `last` is the last sample, whatever it is. */
export interface SeriesStats {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly avg: number;
  readonly last: number;
}

export interface MatrixSeries {
  readonly labels: Labels;
  /** The step of the first value. */
  readonly first: number;
  /** From the first sample to the last; a gap is NaN, and so is a sample that is NaN: `present` tells them apart. */
  readonly values: Float64Array;
  readonly present: Uint8Array;
  readonly stats: SeriesStats;
}

export interface Matrix {
  /** Milliseconds since the epoch, every step of the range. */
  readonly times: Float64Array;
  readonly stepMs: number;
  readonly series: readonly MatrixSeries[];
}

/** Native histograms of one series. Bucket `b` of sample `i` lies at `offsets[i] <= b < offsets[i + 1]`. */
export interface HistogramSeries {
  readonly labels: Labels;
  /** The step of each sample, ascending. */
  readonly steps: Uint32Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly offsets: Uint32Array;
  /** Which bounds belong to a bucket: 0 `(]`, 1 `[)`, 2 `()`, 3 `[]`. */
  readonly rules: Uint8Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly inBucket: Float64Array;
}

export interface RangeResult {
  readonly matrix: Matrix;
  /** On the same grid of times as `matrix`. */
  readonly histograms: readonly HistogramSeries[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** `data.stats` and `data.analysis`, as the server gave them. */
  readonly stats: unknown;
  readonly analysis: unknown;
}

/** The value at a step, or undefined where the series has no sample. */
export function valueAt(series: MatrixSeries, step: number): number | undefined {
  const at = step - series.first;
  return series.present[at] === 1 ? series.values[at] : undefined;
}

/** The step whose time is nearest to `timeMs`, within the grid; -1 when the grid is empty. */
export function nearestStep({ times, stepMs }: Matrix, timeMs: number): number {
  if (times.length === 0) return -1;
  const step = stepMs > 0 ? Math.round((timeMs - times[0]) / stepMs) : 0;
  return Math.min(Math.max(step, 0), times.length - 1);
}

export function statsOf(values: Float64Array, present: Uint8Array): SeriesStats {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let finite = 0;
  let count = 0;
  let last = Number.NaN;
  for (let i = 0; i < values.length; i++) {
    if (present[i] === 0) continue;
    const value = values[i];
    count++;
    last = value;
    if (!Number.isFinite(value)) continue;
    finite++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (finite === 0) return { count, min: Number.NaN, max: Number.NaN, avg: Number.NaN, last };
  return { count, min, max, avg: sum / finite, last };
}

/** A matrix from plain rows: `undefined` is a gap. For small pictures and derived lines. */
export function matrixOf(
  times: Float64Array,
  stepMs: number,
  rows: readonly { readonly labels: Labels; readonly values: readonly (number | undefined)[] }[],
): Matrix {
  const series = rows.map(({ labels, values }) => {
    const present = Uint8Array.from(values, (value) => (value === undefined ? 0 : 1));
    const column = Float64Array.from(values, (value) => value ?? Number.NaN);
    return { labels, first: 0, values: column, present, stats: statsOf(column, present) };
  });
  return { times, stepMs, series };
}

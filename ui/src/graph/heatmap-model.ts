/** How many observations fell into which bucket at which step: from native histograms or from series of `le` buckets. */
import {
  type HistogramSeries,
  type Labels,
  type Matrix,
  type MatrixSeries,
  matrixOf,
} from './matrix.ts';
import { labelKey } from './palette.ts';
import { parseSampleValue } from './parse-range.ts';

/** Cell `c` of step `s` lies at `offsets[s] <= c < offsets[s + 1]`; cells of one step go upwards and do not overlap. */
export interface HeatmapModel {
  readonly times: Float64Array;
  readonly stepMs: number;
  readonly offsets: Uint32Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly counts: Float64Array;
  /** The largest count. */
  readonly max: number;
}

interface Cell {
  readonly lower: number;
  readonly upper: number;
  count: number;
}

/** Histograms of several series are added up, bucket by bucket. */
export function heatmapOfHistograms(
  { times, stepMs }: Pick<Matrix, 'times' | 'stepMs'>,
  histograms: readonly HistogramSeries[],
): HeatmapModel {
  const columns = Array.from(times, () => new Map<string, Cell>());
  for (const { steps, offsets, lower, upper, inBucket } of histograms) {
    for (let i = 0; i < steps.length; i++) {
      for (let b = offsets[i]; b < offsets[i + 1]; b++) {
        addCell(columns[steps[i]], { lower: lower[b], upper: upper[b], count: inBucket[b] });
      }
    }
  }
  return modelOf(times, stepMs, columns);
}

function addCell(column: Map<string, Cell> | undefined, cell: Cell): void {
  const key = `${cell.lower} ${cell.upper}`;
  const known = column?.get(key);
  if (known === undefined) column?.set(key, cell);
  else known.count += cell.count;
}

export function hasBuckets({ series }: Matrix): boolean {
  return series.length > 1 && series.every(({ labels }) => 'le' in labels);
}

/** Series with `le` count what is at or below it: a bucket is the difference of two neighbours. */
export function heatmapOfBuckets({ times, stepMs, series }: Matrix): HeatmapModel {
  const columns = Array.from(times, () => new Map<string, Cell>());
  for (const group of bucketGroups(series)) {
    for (let step = 0; step < times.length; step++) addBuckets(columns[step], group, step);
  }
  return modelOf(times, stepMs, columns);
}

interface Bucket {
  readonly le: number;
  readonly series: MatrixSeries;
}

/** The buckets of one histogram each, by rising bound. */
function bucketGroups(series: readonly MatrixSeries[]): Bucket[][] {
  const groups = new Map<string, Bucket[]>();
  for (const one of series) {
    const { le, ...rest }: Labels = one.labels;
    const bound = parseSampleValue(le ?? '');
    if (Number.isNaN(bound)) continue;
    const key = labelKey(rest);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ le: bound, series: one }]);
    else group.push({ le: bound, series: one });
  }
  return [...groups.values()].map((group) => group.sort((a, b) => a.le - b.le));
}

function addBuckets(column: Map<string, Cell>, group: readonly Bucket[], step: number): void {
  let below = 0;
  let lower = (group[0]?.le ?? 0) > 0 ? 0 : Number.NEGATIVE_INFINITY;
  for (const { le, series } of group) {
    const cumulative = series.values[step - series.first];
    if (Number.isFinite(cumulative)) {
      const count = Math.max(cumulative - below, 0);
      if (count > 0) addCell(column, { lower, upper: le, count });
      below = Math.max(below, cumulative);
      lower = le;
    }
  }
}

function modelOf(
  times: Float64Array,
  stepMs: number,
  columns: readonly ReadonlyMap<string, Cell>[],
): HeatmapModel {
  const sorted = columns.map((column) => [...column.values()].sort((a, b) => a.upper - b.upper));
  const cells = sorted.flat();
  const offsets = new Uint32Array(times.length + 1);
  for (let i = 0; i < sorted.length; i++) offsets[i + 1] = offsets[i] + sorted[i].length;
  const counts = Float64Array.from(cells, ({ count }) => count);
  return {
    times,
    stepMs,
    offsets,
    lower: Float64Array.from(cells, ({ lower }) => lower),
    upper: Float64Array.from(cells, ({ upper }) => upper),
    counts,
    max: counts.reduce((a, b) => (b > a ? b : a), 0),
  };
}

/** The cell of a step that holds `value`, or -1. Upper bounds belong to their bucket. */
export function cellAt(
  { offsets, lower, upper }: HeatmapModel,
  step: number,
  value: number,
): number {
  for (let c = offsets[step]; c < offsets[step + 1]; c++) {
    if (lower[c] < value && value <= upper[c]) return c;
  }
  return -1;
}

/** A line of count, sum or average for each series of native histograms. */
export function histogramLines(
  { times, stepMs }: Pick<Matrix, 'times' | 'stepMs'>,
  histograms: readonly HistogramSeries[],
  what: 'count' | 'sum' | 'avg',
): Matrix {
  const rows = histograms.map(({ labels, steps, counts, sums }) => {
    const values = new Array<number | undefined>(times.length).fill(undefined);
    for (let i = 0; i < steps.length; i++) {
      const [count, sum] = [counts[i], sums[i]];
      values[steps[i]] = what === 'count' ? count : what === 'sum' ? sum : sum / count;
    }
    return { labels, values };
  });
  return matrixOf(times, stepMs, rows);
}

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

/** Histograms of several series are added up, bucket by bucket. */
export function heatmapOfHistograms(
  { times, stepMs }: Pick<Matrix, 'times' | 'stepMs'>,
  histograms: readonly HistogramSeries[],
): HeatmapModel {
  const sums = new CellSums(times.length);
  for (const { steps, offsets, lower, upper, inBucket } of histograms) {
    for (let i = 0; i < steps.length; i++) {
      for (let b = offsets[i]; b < offsets[i + 1]; b++) {
        sums.column(lower[b], upper[b])[steps[i]] += inBucket[b];
      }
    }
  }
  return sums.model(times, stepMs);
}

/** One column of counts over all steps for each pair of bounds: there are few of them, however many cells. */
class CellSums {
  readonly #columns = new Map<number, Map<number, Float64Array>>();
  readonly #steps: number;

  constructor(steps: number) {
    this.#steps = steps;
  }

  column(lower: number, upper: number): Float64Array {
    let ofUpper = this.#columns.get(upper);
    if (ofUpper === undefined) {
      ofUpper = new Map();
      this.#columns.set(upper, ofUpper);
    }
    let column = ofUpper.get(lower);
    if (column === undefined) {
      column = new Float64Array(this.#steps);
      ofUpper.set(lower, column);
    }
    return column;
  }

  /** Empty cells are left out. */
  model(times: Float64Array, stepMs: number): HeatmapModel {
    const columns = [...this.#columns]
      .flatMap(([upper, ofUpper]) =>
        [...ofUpper].map(([lower, counts]) => ({ lower, upper, counts })),
      )
      .sort((a, b) => a.upper - b.upper || a.lower - b.lower);
    const offsets = new Uint32Array(times.length + 1);
    for (let step = 0; step < times.length; step++) {
      const filled = columns.filter(({ counts }) => counts[step] > 0);
      offsets[step + 1] = offsets[step] + filled.length;
    }
    const cells = offsets[times.length];
    const [lower, upper] = [new Float64Array(cells), new Float64Array(cells)];
    const counts = new Float64Array(cells);
    let max = 0;
    for (let step = 0, cell = 0; step < times.length; step++) {
      for (const column of columns) {
        const count = column.counts[step];
        if (!(count > 0)) continue;
        lower[cell] = column.lower;
        upper[cell] = column.upper;
        counts[cell++] = count;
        if (count > max) max = count;
      }
    }
    return { times, stepMs, offsets, lower, upper, counts, max };
  }
}

export function hasBuckets({ series }: Matrix): boolean {
  return series.length > 1 && series.every(({ labels }) => 'le' in labels);
}

/** Series with `le` count what is at or below it: a bucket is the difference of two neighbours. */
export function heatmapOfBuckets({ times, stepMs, series }: Matrix): HeatmapModel {
  const sums = new CellSums(times.length);
  for (const group of bucketGroups(series)) {
    for (let step = 0; step < times.length; step++) addBuckets(sums, group, step);
  }
  return sums.model(times, stepMs);
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

function addBuckets(sums: CellSums, group: readonly Bucket[], step: number): void {
  let below = 0;
  let lower = (group[0]?.le ?? 0) > 0 ? 0 : Number.NEGATIVE_INFINITY;
  for (const { le, series } of group) {
    const cumulative = series.values[step - series.first];
    if (!Number.isFinite(cumulative)) continue;
    const count = cumulative - below;
    if (count > 0) {
      sums.column(lower, le)[step] += count;
      below = cumulative;
    }
    lower = le;
  }
}

/** Every `factor` steps become one, with the largest count of each bucket: what one column of pixels can show. */
export function thinHeatmap(model: HeatmapModel, factor: number): HeatmapModel {
  if (factor <= 1) return model;
  const { times, stepMs, offsets, lower, upper, counts } = model;
  const wide = Math.ceil(times.length / factor);
  const sums = new CellSums(wide);
  for (let step = 0; step < times.length; step++) {
    for (let c = offsets[step]; c < offsets[step + 1]; c++) {
      const column = sums.column(lower[c], upper[c]);
      const at = Math.floor(step / factor);
      column[at] = Math.max(column[at], counts[c]);
    }
  }
  const middle = ((factor - 1) / 2) * stepMs;
  const thinned = Float64Array.from({ length: wide }, (_, i) => times[i * factor] + middle);
  return sums.model(thinned, stepMs * factor);
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

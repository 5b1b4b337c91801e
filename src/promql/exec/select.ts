/** Instant selectors: the newest sample of each series at every step. */
import type { FloatHistogram } from '../../model/histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleAt } from '../../model/stale.ts';
import type { SeriesSet } from '../../storage/queryable.ts';
import { histogramStats } from '../function/histogram-stats.ts';
import type { SelectPlan } from '../plan/plan.ts';
import type { Evaluation, Rows } from './evaluation.ts';
import type { StepGrid } from './result-sink.ts';
import { smoothSeries } from './smoothed-select.ts';
import {
  allocateColumn,
  clearColumn,
  type OpenColumn,
  putFloat,
  putHistogram,
  weighColumn,
} from './step-column.ts';

/** When an instant selector looks: at `startMs + k · stepMs`, with a step of 0 when `@` fixes the time. */
export interface LookupTimes {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** Where `@` and offset make a selector on a grid look. */
export function lookupTimes(
  selector: { readonly atMs: number | undefined; readonly offsetMs: number },
  grid: StepGrid,
): LookupTimes {
  const { atMs, offsetMs } = selector;
  return atMs === undefined
    ? { startMs: grid.startMs - offsetMs, stepMs: grid.stepMs, steps: grid.steps }
    : { startMs: atMs - offsetMs, stepMs: 0, steps: grid.steps };
}

export function* selectRows(evaluation: Evaluation, selector: SelectPlan, grid: StepGrid): Rows {
  if (selector.extended === 'smoothed') return yield* smoothSeries(evaluation, selector, grid);
  const times = lookupTimes(selector, grid);
  yield* selectWith(evaluation, selector, grid, {
    fill: (columns, column) => selectNewest(evaluation, columns, times, column),
    holds: 'all',
  });
}

interface Selection {
  readonly fill: (columns: SampleColumns, column: OpenColumn) => void;
  /** What counts as held of a series: its samples at all steps, or at one at a time. */
  readonly holds: 'all' | 'one';
}

/** The rows of a selector, each column filled by a function from the series' samples. */
function* selectWith(
  evaluation: Evaluation,
  selector: SelectPlan,
  grid: StepGrid,
  { fill, holds }: Selection,
): Rows {
  const { kernel, budget } = evaluation;
  const series = evaluation.seriesOf(selector);
  const column = allocateColumn(kernel, grid.steps);
  let held = 0;
  while (series.next()) {
    if (evaluation.checkpoint()) yield undefined;
    column.histograms = undefined;
    const mark = kernel.arena.mark();
    fill(readColumns(evaluation, selector, series), column);
    kernel.arena.release(mark);
    const weight = weighColumn(kernel, column, grid.steps);
    if (weight === 0) continue;
    evaluation.reads.addColumn(kernel, column, weight);
    const kept = holds === 'all' ? weight : 1;
    budget.hold(kept);
    held += kept;
    yield { labels: series.labels, dropName: false, column };
  }
  budget.release(held);
}

/** The current series' samples, histograms without buckets where nobody looks at them. */
export function readColumns(
  { kernel }: Evaluation,
  selector: SelectPlan,
  series: SeriesSet,
): SampleColumns {
  const columns = series.read(kernel);
  if (!selector.onlyHistogramStats || columns.histograms.length === 0) return columns;
  return { ...columns, histograms: histogramStats(columns.histograms) };
}

function selectNewest(
  { kernel, lookbackMs }: Evaluation,
  columns: SampleColumns,
  times: LookupTimes,
  column: OpenColumn,
): void {
  if (columns.histograms.length === 0) {
    kernel.exports.selectInstant(
      columns.times,
      columns.values,
      columns.count,
      times.startMs,
      times.stepMs,
      times.steps,
      lookbackMs,
      column.values,
      column.present,
    );
    return;
  }
  clearColumn(kernel, column, times.steps);
  const newest = newestSamples(kernel, columns);
  for (let k = 0; k < times.steps; k++) {
    const timeMs = times.startMs + k * times.stepMs;
    newest.moveTo(timeMs);
    if (newest.time <= timeMs - lookbackMs || newest.isStale) continue;
    const { histogram } = newest;
    if (histogram === undefined) putFloat(kernel, column, k, newest.value);
    else putHistogram(kernel, column, k, histogram);
  }
}

/** A cursor to the newest sample at or before ascending times, over floats and histograms together. */
export function newestSamples(kernel: Evaluation['kernel'], columns: SampleColumns): NewestSample {
  const { count, histograms } = columns;
  const { f64, u32 } = kernel;
  const firstTime = columns.times >>> 3;
  const words = u32.subarray(columns.values >>> 2);
  let floats = 0;
  let others = 0;
  const isHistogram = (): boolean =>
    others > 0 && (floats === 0 || (histograms[others - 1]?.time as number) > timeOfFloat());
  const timeOfFloat = (): number => f64[firstTime + floats - 1] as number;
  return {
    moveTo(timeMs) {
      while (floats < count && (f64[firstTime + floats] as number) <= timeMs) floats++;
      while (others < histograms.length && (histograms[others]?.time as number) <= timeMs) others++;
    },
    get time() {
      if (isHistogram()) return histograms[others - 1]?.time as number;
      return floats === 0 ? -Infinity : timeOfFloat();
    },
    get startTime() {
      if (isHistogram()) return histograms[others - 1]?.startTime as number;
      return columns.startTimes === 0
        ? 0
        : (f64[(columns.startTimes >>> 3) + floats - 1] as number);
    },
    get isStale() {
      if (isHistogram()) return histograms[others - 1]?.histogram.stale as boolean;
      return floats > 0 && isStaleAt(words, floats - 1);
    },
    get value() {
      return f64[(columns.values >>> 3) + floats - 1] as number;
    },
    get histogram() {
      return isHistogram() ? histograms[others - 1]?.histogram : undefined;
    },
  };
}

export interface NewestSample {
  moveTo(timeMs: number): void;
  /** −Infinity before the first sample. */
  readonly time: number;
  /** 0 when it is unknown. */
  readonly startTime: number;
  readonly isStale: boolean;
  /** Of a float sample. */
  readonly value: number;
  readonly histogram: FloatHistogram | undefined;
}

/** `timestamp(selector)` and `start_timestamp(selector)`: times of the samples in place of their values. */
export function* selectSampleTimes(
  evaluation: Evaluation,
  selector: SelectPlan,
  grid: StepGrid,
  which: 'time' | 'startTime',
): Rows {
  const { kernel, lookbackMs } = evaluation;
  const times = lookupTimes(selector, grid);
  const fill = (columns: SampleColumns, column: OpenColumn): void => {
    clearColumn(kernel, column, grid.steps);
    const newest = newestSamples(kernel, columns);
    for (let k = 0; k < grid.steps; k++) {
      const timeMs = times.startMs + k * times.stepMs;
      newest.moveTo(timeMs);
      if (newest.time <= timeMs - lookbackMs || newest.isStale) continue;
      putFloat(kernel, column, k, newest[which] / 1000);
    }
  };
  yield* selectWith(evaluation, selector, grid, { fill, holds: 'one' });
}

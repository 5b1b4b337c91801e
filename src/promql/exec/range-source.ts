/** The samples that a range function reads: of a selector's series, or of a subquery's result. */
import type { Kernel } from '../../base/kernel.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { HistogramSample, SampleColumns } from '../../model/sample.ts';
import type { RangePlan, SubqueryPlan } from '../plan/plan.ts';
import { vectorRows } from './evaluate.ts';
import { checkSteps, type Evaluation, mapRows, type Rows } from './evaluation.ts';
import { mayFragment } from './fragments.ts';
import { mergeFragments } from './merge-rows.ts';
import type { ReadCount } from './read-count.ts';
import type { StepGrid } from './result-sink.ts';
import { readColumns } from './select.ts';
import {
  allocateColumn,
  FLOAT,
  HISTOGRAM,
  type OpenColumn,
  presenceOf,
  type StepColumn,
} from './step-column.ts';

export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  /** Without stale markers, valid until the callback returns. */
  readonly columns: SampleColumns;
}

/** Fills a column from one series' samples; false when the series gives nothing. */
export type FillColumn = (series: RangeSeries, column: OpenColumn) => boolean;

/** One row a series for which `fill` gave something; the rows have the series' labels. */
export function* rangeRows(
  evaluation: Evaluation,
  source: RangePlan | SubqueryPlan,
  grid: StepGrid,
  fill: FillColumn,
): Rows {
  if (source.kind === 'range') yield* selectorRows(evaluation, source, grid, fill);
  else yield* subqueryRows(evaluation, source, grid, fill);
}

function* selectorRows(
  evaluation: Evaluation,
  source: RangePlan,
  grid: StepGrid,
  fill: FillColumn,
): Rows {
  const { kernel } = evaluation;
  const set = evaluation.seriesOf(source.selector);
  const column = allocateColumn(kernel, grid.steps);
  while (set.next()) {
    if (evaluation.checkpoint()) yield undefined;
    column.histograms = undefined;
    const mark = kernel.arena.mark();
    const { labels } = set;
    const columns = withoutStale(kernel, readColumns(evaluation, source.selector, set));
    const found = fill({ labels, dropName: false, columns }, column);
    kernel.arena.release(mark);
    if (found) yield { labels, dropName: false, column };
  }
}

function withoutStale(kernel: Kernel, columns: SampleColumns): SampleColumns {
  const { histograms } = columns;
  const isStale = histograms.some(({ histogram }) => histogram.stale);
  const kept = isStale ? histograms.filter(({ histogram }) => !histogram.stale) : histograms;
  if (columns.startTimes !== 0)
    return dropStaleWithStarts(kernel, { ...columns, histograms: kept });
  const count = kernel.exports.dropStale(columns.times, columns.values, columns.count);
  return { ...columns, count, histograms: kept };
}

/** Stale markers take their start timestamps with them. */
function dropStaleWithStarts(kernel: Kernel, columns: SampleColumns): SampleColumns {
  const { arena, exports } = kernel;
  const { times, values, startTimes, count } = columns;
  const bytes = 8 * count;
  const copy = arena.alloc(bytes);
  kernel.u8.copyWithin(copy, values, values + bytes);
  exports.dropStale(startTimes, copy, count);
  return { ...columns, count: exports.dropStale(times, values, count) };
}

function* subqueryRows(
  evaluation: Evaluation,
  source: SubqueryPlan,
  grid: StepGrid,
  fill: FillColumn,
): Rows {
  const { kernel } = evaluation;
  const { inner, rows, reads } = openSubquery(evaluation, source, grid);
  const column = allocateColumn(kernel, grid.steps);
  yield* mapRows(rows, (row) => {
    column.histograms = undefined;
    const mark = kernel.arena.mark();
    const { labels, dropName } = row;
    const columns = samplesOfSteps(kernel, row.column, inner, withoutResetHint);
    const found = fill({ labels, dropName, columns }, column);
    kernel.arena.release(mark);
    return found ? { labels, dropName, column } : undefined;
  });
  evaluation.reads.addSubquery(reads, source);
}

export interface OpenSubquery {
  /** The inner evaluation times. */
  readonly inner: StepGrid;
  /** The inner query's rows, one for each label set. */
  readonly rows: Rows;
  /** What they read, which the outer evaluation is to count when it has taken all of them. */
  readonly reads: ReadCount;
}

export function openSubquery(
  evaluation: Evaluation,
  source: SubqueryPlan,
  grid: StepGrid,
): OpenSubquery {
  const { kernel, profile, countsWindows } = evaluation;
  const inner = subqueryGrid(source, grid);
  checkSteps(inner, 'a subquery');
  const reads = evaluation.reads.inner(inner, { totals: false, reads: countsWindows });
  const found = vectorRows({ ...evaluation, reads }, source.expr, inner);
  const rows = mayFragment(source.expr) ? mergeFragments(evaluation, found, inner) : found;
  return {
    inner,
    reads,
    rows: profile === undefined ? rows : profile.rows(source, rows, inner, kernel),
  };
}

/** Multiples of the step inside the range of any outer step. */
export function subqueryGrid(source: SubqueryPlan, grid: StepGrid): StepGrid {
  const { stepMs, rangeMs, offsetMs, atMs } = source;
  const firstMs = (atMs ?? grid.startMs) - offsetMs;
  const lastMs = atMs === undefined ? firstMs + (grid.steps - 1) * grid.stepMs : firstMs;
  const after = firstMs - rangeMs;
  let startMs = stepMs * Math.trunc(after / stepMs);
  if (startMs <= after) startMs += stepMs;
  const steps = Math.max(0, Math.floor((lastMs - startMs) / stepMs) + 1);
  return { startMs, stepMs, steps };
}

/** The present steps of a column as samples, in the kernel's arena. */
export function samplesOfSteps(
  kernel: Kernel,
  column: StepColumn,
  grid: StepGrid,
  change: (histogram: FloatHistogram) => FloatHistogram = (histogram) => histogram,
): SampleColumns {
  const { steps, startMs, stepMs } = grid;
  const times = kernel.arena.alloc(8 * steps);
  const values = kernel.arena.alloc(8 * steps);
  const present = presenceOf(kernel, column, steps);
  const { f64 } = kernel;
  const histograms: HistogramSample[] = [];
  let count = 0;
  for (let k = 0; k < steps; k++) {
    const time = startMs + k * stepMs;
    if (present[k] === FLOAT) {
      f64[(times >>> 3) + count] = time;
      f64[(values >>> 3) + count] = f64[(column.values >>> 3) + k] as number;
      count++;
    } else if (present[k] === HISTOGRAM) {
      const histogram = change(column.histograms?.[k] as FloatHistogram);
      histograms.push({ time, startTime: 0, histogram });
    }
  }
  return { times, values, count, startTimes: 0, histograms };
}

/**
 * A subquery may skip samples or repeat them, so that what a hint says about the sample before is not true
 * of the one that its range function sees before.
 */
function withoutResetHint(histogram: FloatHistogram): FloatHistogram {
  const hint = histogram.counterResetHint;
  if (hint !== 'reset' && hint !== 'not_reset') return histogram;
  return { ...histogram, counterResetHint: 'unknown' };
}

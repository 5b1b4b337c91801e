/** An instant query that ends in a range selector or a subquery: its samples as they are. */
import { BugError } from '../../base/assert.ts';
import { OperationError } from '../../base/errors.ts';
import type { Kernel } from '../../base/kernel.ts';
import { compareLabels, dropLabels, type Labels } from '../../model/labels.ts';
import type { HistogramSample, SampleColumns } from '../../model/sample.ts';
import { moveWindow, type Window } from '../function/window.ts';
import { type Extension, extendFloats } from '../function/window-extended.ts';
import type { Plan, RangePlan } from '../plan/plan.ts';
import { consumeRows, type Evaluation } from './evaluation.ts';
import { METADATA_LABELS } from './metric-name.ts';
import { windowOver } from './range-fill.ts';
import { openSubquery, rangeRows, samplesOfSteps } from './range-source.ts';
import type { ResultSink, StepGrid } from './result-sink.ts';
import { histogramWeight } from './step-column.ts';

interface HeldSeries {
  readonly labels: Labels;
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly HistogramSample[];
}

export function* matrixSamples(
  evaluation: Evaluation,
  plan: Plan,
  grid: StepGrid,
  sink: ResultSink,
): Generator<undefined, void, undefined> {
  const held: HeldSeries[] = [];
  if (plan.kind === 'range') yield* readRange(evaluation, plan, grid, held);
  else if (plan.kind === 'subquery') {
    const { inner, rows, reads } = openSubquery(evaluation, plan, grid);
    yield* consumeRows(rows, (row) => {
      const { kernel } = evaluation;
      const mark = kernel.arena.mark();
      const columns = samplesOfSteps(kernel, row.column, inner);
      const labels = row.dropName ? dropLabels(row.labels, METADATA_LABELS) : row.labels;
      held.push(holdSeries(kernel, labels, columns));
      kernel.arena.release(mark);
    });
    evaluation.reads.addResult(reads);
  } else throw new BugError(`${plan.kind} evaluated as a range vector`);
  sink.begin('matrix');
  held.sort((a, b) => compareLabels(a.labels, b.labels));
  for (const series of held) writeSeries(evaluation.kernel, series, sink);
}

function holdSeries(kernel: Kernel, labels: Labels, columns: SampleColumns): HeldSeries {
  const { times, values, count, histograms } = columns;
  const copy = (address: number): Float64Array =>
    kernel.f64.slice(address >>> 3, (address >>> 3) + count);
  return { labels, times: copy(times), values: copy(values), histograms };
}

function* readRange(
  evaluation: Evaluation,
  plan: RangePlan,
  grid: StepGrid,
  held: HeldSeries[],
): Generator<undefined, void, undefined> {
  const { kernel, budget, lookbackMs } = evaluation;
  const { selector, rangeMs } = plan;
  const { extended } = selector;
  const endMs = (selector.atMs ?? grid.startMs) - selector.offsetMs;
  const beyond = {
    beforeMs: extended === undefined ? 0 : lookbackMs,
    afterMs: extended === 'smoothed' ? lookbackMs : 0,
  };
  const rows = rangeRows(evaluation, plan, grid, ({ labels, columns }) => {
    const window = windowOver(kernel, columns, false);
    moveWindow(window, endMs - rangeMs, endMs, beyond);
    const series = insideWindow(window, labels, extended);
    const weight = series.histograms.reduce(
      (sum, { histogram }) => sum + histogramWeight(histogram),
      series.times.length,
    );
    if (weight === 0) return false;
    evaluation.reads.addOnce(weight, weight);
    budget.hold(weight);
    held.push(series);
    return false;
  });
  const { profile } = evaluation;
  const measured = profile === undefined ? rows : profile.rows(plan, rows, grid, kernel);
  for (const _ of measured) yield undefined;
}

function insideWindow(window: Window, labels: Labels, extended: Extension | undefined): HeldSeries {
  const histograms = window.histograms.slice(window.firstHistogram, window.lastHistogram);
  if (extended === undefined) {
    const times = window.times.slice(window.first, window.last);
    return { labels, times, values: window.values.slice(window.first, window.last), histograms };
  }
  if (histograms.length > 0) {
    const text = `${extended} modifier is not supported with histograms`;
    throw new OperationError('execution', text);
  }
  const { times, values } = extendFloats(window, extended);
  return {
    labels,
    times: Float64Array.from(times),
    values: Float64Array.from(values),
    histograms,
  };
}

function writeSeries(kernel: Kernel, series: HeldSeries, sink: ResultSink): void {
  const count = series.times.length;
  const mark = kernel.arena.mark();
  const times = kernel.arena.alloc(8 * count);
  const values = kernel.arena.alloc(8 * count);
  kernel.f64.set(series.times, times >>> 3);
  kernel.f64.set(series.values, values >>> 3);
  const { histograms } = series;
  sink.sampleSeries(series.labels, { times, values, count, startTimes: 0, histograms });
  kernel.arena.release(mark);
}

/** `smoothed` instant selectors: the value on the line between the samples around each step. */
import type { FloatHistogram } from '../../model/histogram.ts';
import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import type { HistogramSample } from '../../model/sample.ts';
import { usesCustomBuckets } from '../function/histogram-buckets.ts';
import {
  floatCount,
  histogramAt,
  histogramCount,
  moveWindow,
  type Window,
} from '../function/window.ts';
import type { WindowContext } from '../function/window-context.ts';
import { interpolateFloats, interpolateHistograms } from '../function/window-extended.ts';
import type { RangePlan, SelectPlan } from '../plan/plan.ts';
import { type Evaluation, mapRows, type Rows } from './evaluation.ts';
import { putElement } from './match-columns.ts';
import { windowOver } from './range-fill.ts';
import { rangeRows } from './range-source.ts';
import type { StepGrid } from './result-sink.ts';
import { lookupTimes } from './select.ts';
import { clearColumn, weighColumn } from './step-column.ts';
import { windowRemarks } from './window-remarks.ts';

export function* smoothSeries(evaluation: Evaluation, selector: SelectPlan, grid: StepGrid): Rows {
  const { kernel, lookbackMs, annotations, budget } = evaluation;
  const { position } = selector;
  const times = lookupTimes(selector, grid);
  const source: RangePlan = { kind: 'range', position, selector, rangeMs: lookbackMs };
  let held = 0;
  const rows = rangeRows(evaluation, source, grid, (series, column) => {
    clearColumn(kernel, column, grid.steps);
    const window = windowOver(kernel, series.columns, false);
    const name = labelValue(series.labels, METRIC_NAME);
    const remarks = windowRemarks(annotations, position, name, lookbackMs);
    for (let k = 0; k < grid.steps; k++) {
      const timeMs = times.startMs + k * times.stepMs;
      moveWindow(window, timeMs - lookbackMs, timeMs, { beforeMs: 0, afterMs: lookbackMs });
      const value = valueAt(remarks, window, timeMs);
      if (value !== undefined) putElement(kernel, column, k, value);
    }
    return true;
  });
  yield* mapRows(rows, (row) => {
    const weight = weighColumn(kernel, row.column, grid.steps);
    budget.hold(weight);
    held += weight;
    return weight > 0 ? row : undefined;
  });
  budget.release(held);
}

function valueAt(
  remarks: WindowContext,
  window: Window,
  timeMs: number,
): number | FloatHistogram | undefined {
  if (floatCount(window) > 0 && histogramCount(window) > 0) {
    remarks.warnMixed();
    return undefined;
  }
  return histogramCount(window) > 0
    ? histogramValueAt(remarks, window, timeMs)
    : floatAt(window, timeMs);
}

function floatAt({ times, values, first, last }: Window, timeMs: number): number | undefined {
  let next = first;
  while (next < last && (times[next] as number) < timeMs) next++;
  const pointAt = (i: number): { time: number; value: number } => ({
    time: times[i] as number,
    value: values[i] as number,
  });
  if (next < last && times[next] === timeMs) return values[next];
  if (next === first) return undefined;
  if (next === last) return values[last - 1];
  return interpolateFloats(pointAt(next - 1), pointAt(next), timeMs);
}

function histogramValueAt(
  remarks: WindowContext,
  window: Window,
  timeMs: number,
): FloatHistogram | undefined {
  const { firstHistogram: first, lastHistogram: last } = window;
  let index = first;
  while (index < last && histogramAt(window, index).time < timeMs) index++;
  const next: HistogramSample | undefined = index < last ? histogramAt(window, index) : undefined;
  if (next?.time === timeMs) return next.histogram;
  if (index === first) return undefined;
  const before = histogramAt(window, index - 1);
  // A hint tells of the sample before, which is not what comes before this value.
  if (next === undefined) return { ...before.histogram, counterResetHint: 'unknown' };
  if (usesCustomBuckets(before.histogram) !== usesCustomBuckets(next.histogram)) {
    remarks.warnMixedSchemas();
    return undefined;
  }
  const isGauge = [before, next].every(({ histogram }) => histogram.counterResetHint === 'gauge');
  return interpolateHistograms(remarks, before, next, timeMs, !isGauge);
}

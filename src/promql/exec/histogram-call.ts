/** histogram_… functions over instant vectors. Source: promql/functions.go (3.14). */
import type { FloatHistogram } from '../../model/histogram.ts';
import { dropLabels, labelValue, METRIC_NAME, withLabel } from '../../model/labels.ts';
import {
  type ClassicBuckets,
  type ClassicEstimate,
  classicFraction,
  classicQuantile,
} from '../function/classic-histogram.ts';
import {
  type Estimate,
  histogramFraction,
  histogramQuantile,
  histogramVariance,
} from '../function/histogram-quantile.ts';
import { printOpenMetrics } from '../function/number-text.ts';
import type { Position } from '../parse/ast.ts';
import type { CallPlan, Plan, StringPlan } from '../plan/plan.ts';
import { scalarValues, vectorRows } from './evaluate.ts';
import { type Evaluation, mapRows, type Row, type Rows, timeAt } from './evaluation.ts';
import { sharesOneName } from './fragments.ts';
import { bucketsAt, type HistogramGroup, readHistogramGroups } from './histogram-groups.ts';
import { DisjointLabels, dropMetricName } from './metric-name.ts';
import { REMARKS } from './query-annotations.ts';
import type { StepGrid } from './result-sink.ts';
import {
  allocateColumn,
  clearColumn,
  HISTOGRAM,
  isEmptyColumn,
  presenceOf,
  putFloat,
} from './step-column.ts';

const SIMPLE_FUNCTIONS: Readonly<Record<string, (histogram: FloatHistogram) => number>> = {
  histogram_avg: ({ sum, count }) => sum / count,
  histogram_count: ({ count }) => count,
  histogram_stddev: (histogram) => Math.sqrt(histogramVariance(histogram)),
  histogram_stdvar: histogramVariance,
  histogram_sum: ({ sum }) => sum,
};

export function isHistogramFunction(func: string): boolean {
  return func.startsWith('histogram_');
}

export function histogramCallRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const simple = Object.hasOwn(SIMPLE_FUNCTIONS, call.func)
    ? SIMPLE_FUNCTIONS[call.func]
    : undefined;
  if (simple !== undefined) return simpleRows(evaluation, call.args[0] as Plan, grid, simple);
  switch (call.func) {
    case 'histogram_quantile':
      return quantileRows(evaluation, call, grid);
    case 'histogram_quantiles':
      return quantilesRows(evaluation, call, grid);
    default:
      return fractionRows(evaluation, call, grid);
  }
}

/** These functions leave `__type__` and `__unit__` on, as Prometheus does. */
const NAME_ALONE: ReadonlySet<string> = new Set([METRIC_NAME]);

/** One number of each histogram; floats are dropped. */
function* simpleRows(
  evaluation: Evaluation,
  argument: Plan,
  grid: StepGrid,
  numberOf: (histogram: FloatHistogram) => number,
): Rows {
  const { kernel } = evaluation;
  const column = allocateColumn(kernel, grid.steps);
  const isUnique = evaluation.delayedNameRemoval || sharesOneName(argument);
  const disjoint = isUnique ? undefined : new DisjointLabels(evaluation, grid.steps);
  yield* mapRows(vectorRows(evaluation, argument, grid), (row) => {
    if (row.column.histograms === undefined) return undefined;
    clearColumn(kernel, column, grid.steps);
    const present = presenceOf(kernel, row.column, grid.steps);
    for (let k = 0; k < grid.steps; k++) {
      if (present[k] !== HISTOGRAM) continue;
      putFloat(kernel, column, k, numberOf(row.column.histograms[k] as FloatHistogram));
    }
    if (isEmptyColumn(kernel, column, grid.steps)) return undefined;
    const labels = evaluation.delayedNameRemoval ? row.labels : dropLabels(row.labels, NAME_ALONE);
    disjoint?.add(labels, column);
    return { labels, dropName: true, column };
  });
}

/** What a function makes of a native histogram or of classic buckets at a step. */
interface Estimator {
  readonly native: (histogram: FloatHistogram, step: number) => Estimate;
  readonly classic: (buckets: ClassicBuckets, step: number) => ClassicEstimate;
}

function* quantileRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const [quantile, argument] = call.args as readonly [Plan, Plan];
  const quantiles = yield* scalarValues(evaluation, quantile, grid);
  remarkOnQuantiles(evaluation, quantiles, quantile.position);
  const groups = yield* readHistogramGroups(evaluation, argument, grid);
  yield* estimatedRows(evaluation, groups, argument.position, grid, quantileOf(quantiles));
}

function quantileOf(quantiles: Float64Array): Estimator {
  return {
    native: (histogram, k) => histogramQuantile(quantiles[k] as number, histogram),
    classic: (buckets, k) => classicQuantile(quantiles[k] as number, buckets),
  };
}

/** Several quantiles at once, told apart by a label. */
function* quantilesRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const [argument, label, ...parameters] = call.args as readonly [Plan, StringPlan, ...Plan[]];
  const all: Float64Array[] = [];
  for (const parameter of parameters) {
    const quantiles = yield* scalarValues(evaluation, parameter, grid);
    remarkOnQuantiles(evaluation, quantiles, parameter.position);
    all.push(quantiles);
  }
  const groups = yield* readHistogramGroups(evaluation, argument, grid);
  for (const quantiles of all) {
    const rows = estimatedRows(evaluation, groups, argument.position, grid, quantileOf(quantiles));
    for (const row of rows) {
      if (row === undefined) yield undefined;
      else yield* splitByQuantile(evaluation, row, quantiles, label.value);
    }
  }
}

/** A quantile that changes over time gives a series for each of its values. */
function* splitByQuantile(
  { kernel }: Evaluation,
  row: Row,
  quantiles: Float64Array,
  label: string,
): Rows {
  const texts = new Set(quantiles);
  for (const quantile of texts) {
    const labels = withLabel(row.labels, label, printOpenMetrics(quantile));
    if (texts.size === 1) {
      yield { ...row, labels };
      return;
    }
    const column = allocateColumn(kernel, quantiles.length);
    quantiles.forEach((value, k) => {
      const isPresent = kernel.u8[row.column.present + k] !== 0;
      if (!isPresent || !Object.is(value, quantile)) return;
      putFloat(kernel, column, k, kernel.f64[(row.column.values >>> 3) + k] as number);
    });
    if (!isEmptyColumn(kernel, column, quantiles.length)) yield { ...row, labels, column };
  }
}

function remarkOnQuantiles(
  { annotations }: Evaluation,
  quantiles: Float64Array,
  position: Position,
): void {
  for (const q of new Set(quantiles)) {
    if (!(q >= 0 && q <= 1)) annotations.warn(position, REMARKS.invalidQuantile(q));
  }
}

function* fractionRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const [lower, upper, argument] = call.args as readonly [Plan, Plan, Plan];
  const from = yield* scalarValues(evaluation, lower, grid);
  const to = yield* scalarValues(evaluation, upper, grid);
  const groups = yield* readHistogramGroups(evaluation, argument, grid);
  yield* estimatedRows(evaluation, groups, argument.position, grid, {
    native: (histogram, k) => histogramFraction(from[k] as number, to[k] as number, histogram),
    classic: (buckets, k) => ({
      value: classicFraction(from[k] as number, to[k] as number, buckets),
      fix: undefined,
    }),
  });
}

function* estimatedRows(
  evaluation: Evaluation,
  groups: readonly HistogramGroup[],
  position: Position,
  grid: StepGrid,
  estimator: Estimator,
): Rows {
  const { kernel } = evaluation;
  const column = allocateColumn(kernel, grid.steps);
  const disjoint = evaluation.delayedNameRemoval
    ? undefined
    : new DisjointLabels(evaluation, grid.steps);
  for (const group of groups) {
    if (evaluation.checkpoint()) yield undefined;
    clearColumn(kernel, column, grid.steps);
    for (let k = 0; k < grid.steps; k++) {
      const value = estimateAt(evaluation, group, k, { position, grid, estimator });
      if (value !== undefined) putFloat(kernel, column, k, value);
    }
    if (isEmptyColumn(kernel, column, grid.steps)) continue;
    const labels = dropMetricName(evaluation, group.labels);
    disjoint?.add(labels, column);
    yield { labels, dropName: true, column };
  }
}

function estimateAt(
  evaluation: Evaluation,
  group: HistogramGroup,
  k: number,
  {
    position,
    grid,
    estimator,
  }: { readonly position: Position; readonly grid: StepGrid; readonly estimator: Estimator },
): number | undefined {
  const { annotations, delayedNameRemoval } = evaluation;
  const name = delayedNameRemoval ? labelValue(group.labels, METRIC_NAME) : '';
  if (group.kind === 'native') {
    const histogram = group.histograms[k];
    if (histogram === undefined) return undefined;
    const { value, remark } = estimator.native(histogram, k);
    if (remark === 'nan-result') annotations.info(position, REMARKS.quantileNaNResult(name));
    if (remark === 'nan-skew') annotations.info(position, REMARKS.quantileNaNSkew(name));
    if (remark === 'nan-excluded') annotations.info(position, REMARKS.fractionNaN(name));
    return value;
  }
  const buckets = bucketsAt(evaluation.kernel, group, k);
  if (buckets === undefined) return undefined;
  const { value, fix } = estimator.classic(buckets, k);
  if (fix !== undefined) {
    annotations.forcedMonotonicity(position, name, { timeMs: timeAt(grid, k), ...fix });
  }
  return value;
}

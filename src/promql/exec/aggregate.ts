/** Aggregations over groups of series. Source: promql/engine.go, rangeEvalAgg (3.14). */
import { BugError } from '../../base/assert.ts';
import type { AggregatePlan, Plan } from '../plan/plan.ts';
import {
  countFold,
  extremeFold,
  type Fold,
  type FoldContext,
  varianceFold,
} from './aggregate-fold.ts';
import { averageFold, sumFold } from './aggregate-histograms.ts';
import { limitRatioRows, limitRows } from './aggregate-limit.ts';
import { quantileFold, remarkOnQuantiles } from './aggregate-quantile.ts';
import { topRows } from './aggregate-top.ts';
import { countValuesRows } from './aggregate-values.ts';
import { scalarValues, vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, type Rows } from './evaluation.ts';
import { grouper } from './grouping.ts';
import type { StepGrid } from './result-sink.ts';
import { isEmptyColumn } from './step-column.ts';

export function aggregateRows(evaluation: Evaluation, plan: AggregatePlan, grid: StepGrid): Rows {
  switch (plan.op) {
    case 'topk':
    case 'bottomk':
      return topRows(evaluation, plan, grid);
    case 'limitk':
      return limitRows(evaluation, plan, grid);
    case 'limit_ratio':
      return limitRatioRows(evaluation, plan, grid);
    case 'count_values':
      return countValuesRows(evaluation, plan, grid);
    default:
      return foldedRows(evaluation, plan, grid);
  }
}

/** One row a group. */
function* foldedRows(evaluation: Evaluation, plan: AggregatePlan, grid: StepGrid): Rows {
  const { kernel } = evaluation;
  const parameters =
    plan.op === 'quantile'
      ? yield* scalarValues(evaluation, plan.param as Plan, grid)
      : new Float64Array(0);
  if (plan.op === 'quantile') remarkOnQuantiles(evaluation, plan, parameters);
  const { keyOf, labelsOf } = grouper(plan.grouping, plan.without);
  const context: FoldContext = {
    evaluation,
    steps: grid.steps,
    op: plan.op,
    position: plan.expr.position,
    parameters,
  };
  const groups = new Map<string, { fold: Fold; labels: readonly string[]; dropName: boolean }>();
  yield* consumeRows(vectorRows(evaluation, plan.expr, grid), (row) => {
    const key = keyOf(row.labels);
    let group = groups.get(key);
    if (group === undefined) {
      group = { fold: foldOf(context), labels: labelsOf(row.labels), dropName: false };
      groups.set(key, group);
    }
    group.fold.add(row);
    group.dropName ||= row.dropName;
  });
  for (const { fold, labels, dropName } of groups.values()) {
    if (evaluation.checkpoint()) yield undefined;
    if (fold.compute !== undefined) yield* fold.compute();
    const column = fold.finish();
    if (!isEmptyColumn(kernel, column, grid.steps)) yield { labels, dropName, column };
  }
}

function foldOf(context: FoldContext): Fold {
  const { op } = context;
  switch (op) {
    case 'sum':
      return sumFold(context);
    case 'avg':
      return averageFold(context);
    case 'min':
    case 'max':
      return extremeFold(context, op);
    case 'count':
    case 'group':
      return countFold(context, op);
    case 'stddev':
    case 'stdvar':
      return varianceFold(context, op);
    case 'quantile':
      return quantileFold(context);
    default:
      throw new BugError(`${op} evaluated as a fold`);
  }
}

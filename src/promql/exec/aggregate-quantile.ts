/** quantile(q, v): keeps all columns of a group and sorts each step's values. */
import type { Kernel } from '../../base/kernel.ts';
import { sortedQuantile, sortNaNFirst } from '../function/quantile.ts';
import type { AggregatePlan, Plan } from '../plan/plan.ts';
import { type Fold, type FoldContext, remarkOnHistograms } from './aggregate-fold.ts';
import type { Evaluation } from './evaluation.ts';
import { REMARKS } from './query-annotations.ts';
import { allocateColumn, copyColumn, FLOAT, type OpenColumn, putFloat } from './step-column.ts';

/** Sorting some 10,000 series at so many steps takes a few milliseconds. */
const STEPS_BETWEEN_PAUSES = 16;

export function quantileFold(context: FoldContext): Fold {
  const { evaluation, steps, parameters } = context;
  const { kernel } = evaluation;
  const columns: OpenColumn[] = [];
  let result: OpenColumn;
  return {
    add(row) {
      remarkOnHistograms(context, row);
      columns.push(copyColumn(kernel, row.column, steps));
    },
    *compute() {
      result = allocateColumn(kernel, steps);
      const gathered = new Float64Array(columns.length);
      for (let k = 0; k < steps; k++) {
        if (k % STEPS_BETWEEN_PAUSES === 0 && evaluation.checkpoint()) yield undefined;
        const count = gatherStep(kernel, columns, k, gathered);
        if (count === 0) continue;
        const sorted = sortNaNFirst(gathered.subarray(0, count));
        putFloat(kernel, result, k, sortedQuantile(parameters[k] as number, sorted));
      }
    },
    finish: () => result,
  };
}

function gatherStep(
  { f64, u8 }: Kernel,
  columns: readonly OpenColumn[],
  k: number,
  into: Float64Array,
): number {
  let count = 0;
  for (const { values, present } of columns) {
    if (u8[present + k] === FLOAT) into[count++] = f64[(values >>> 3) + k] as number;
  }
  return count;
}

/** NaN, the largest and the smallest of the quantiles that are none. */
export function remarkOnQuantiles(
  { annotations }: Evaluation,
  plan: AggregatePlan,
  quantiles: Float64Array,
): void {
  const { position } = plan.param as Plan;
  const numbers = quantiles.filter((q) => !Number.isNaN(q));
  const most = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  const least = numbers.reduce((a, b) => Math.min(a, b), Infinity);
  if (numbers.length < quantiles.length) {
    annotations.warn(position, REMARKS.invalidQuantile(Number.NaN));
  }
  if (most > 1) annotations.warn(position, REMARKS.invalidQuantile(most));
  if (least < 0) annotations.warn(position, REMARKS.invalidQuantile(least));
}

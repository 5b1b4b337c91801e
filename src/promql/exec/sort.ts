/** sort, sort_desc, sort_by_label, sort_by_label_desc: the order of an instant query's result. */
import type { Kernel } from '../../base/kernel.ts';
import { compareLabels, labelValue } from '../../model/labels.ts';
import { compareNaturally } from '../function/natural-order.ts';
import type { CallPlan, Plan, StringPlan } from '../plan/plan.ts';
import { vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, type Rows } from './evaluation.ts';
import type { HeldRow } from './merge-rows.ts';
import { REMARKS } from './query-annotations.ts';
import type { StepGrid } from './result-sink.ts';
import {
  ABSENT,
  copyColumn,
  HISTOGRAM,
  isEmptyColumn,
  type OpenColumn,
  presenceOf,
} from './step-column.ts';

export function isSortFunction(func: string): boolean {
  return ['sort', 'sort_desc', 'sort_by_label', 'sort_by_label_desc'].includes(func);
}

export function* sortedRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const { kernel } = evaluation;
  const { func, args } = call;
  if (grid.steps > 1) evaluation.annotations.warn(call.position, REMARKS.sortInRangeQuery);
  const byValue = func === 'sort' || func === 'sort_desc';
  const held: HeldRow[] = [];
  yield* consumeRows(vectorRows(evaluation, args[0] as Plan, grid), (row) => {
    const column = copyColumn(kernel, row.column, grid.steps);
    if (byValue) dropHistograms(kernel, column, grid.steps);
    if (!isEmptyColumn(kernel, column, grid.steps)) held.push({ ...row, column });
  });
  if (grid.steps === 1) held.sort(byValue ? valueOrder(evaluation, func) : labelOrder(call));
  yield* held;
}

function dropHistograms(kernel: Kernel, column: OpenColumn, steps: number): void {
  const present = presenceOf(kernel, column, steps);
  for (let k = 0; k < steps; k++) if (present[k] === HISTOGRAM) present[k] = ABSENT;
  column.histograms = undefined;
}

/** NaN last in either direction. */
function valueOrder({ kernel }: Evaluation, func: string): (a: HeldRow, b: HeldRow) => number {
  const sign = func === 'sort' ? 1 : -1;
  const floatOf = ({ column }: HeldRow): number => kernel.f64[column.values >>> 3] as number;
  return (a, b) => {
    const x = floatOf(a);
    const y = floatOf(b);
    if (Number.isNaN(x) || Number.isNaN(y))
      return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return x === y ? 0 : sign * (x < y ? -1 : 1);
  };
}

function labelOrder({ func, args }: CallPlan): (a: HeldRow, b: HeldRow) => number {
  const sign = func === 'sort_by_label' ? 1 : -1;
  const names = args.slice(1).map((arg) => (arg as StringPlan).value);
  return (a, b) => {
    for (const name of names) {
      const order = compareNaturally(labelValue(a.labels, name), labelValue(b.labels, name));
      if (order !== 0) return sign * order;
    }
    return sign * compareLabels(a.labels, b.labels);
  };
}

/** count_values: how many series have each value. */
import { OperationError } from '../../base/errors.ts';
import { withLabel } from '../../model/labels.ts';
import { quoteText } from '../../model/labels-text.ts';
import { printFixed } from '../../model/number-text.ts';
import { printHistogram } from '../function/histogram-text.ts';
import type { AggregatePlan, StringPlan } from '../plan/plan.ts';
import { vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, type Row, type Rows } from './evaluation.ts';
import { grouper } from './grouping.ts';
import type { StepGrid } from './result-sink.ts';
import {
  ABSENT,
  allocateColumn,
  HISTOGRAM,
  type OpenColumn,
  presenceOf,
  putFloat,
  valuesOf,
} from './step-column.ts';

export function* countValuesRows(
  evaluation: Evaluation,
  plan: AggregatePlan,
  grid: StepGrid,
): Rows {
  const { value: label } = plan.param as StringPlan;
  if (label === '' || !label.isWellFormed()) {
    throw new OperationError('execution', `invalid label name ${quoteText(label)}`);
  }
  const grouping = plan.without ? plan.grouping : [...plan.grouping, label];
  const { keyOf, labelsOf } = grouper(grouping, plan.without);
  const groups = new Map<string, Row & { readonly column: OpenColumn }>();
  yield* consumeRows(vectorRows(evaluation, plan.expr, grid), (row) => {
    countRow(row);
  });
  yield* groups.values();

  function countRow(row: Row): void {
    const { kernel } = evaluation;
    const byText = new Map<string, OpenColumn>();
    for (let k = 0; k < grid.steps; k++) {
      const text = textAt(evaluation, row, grid.steps, k);
      if (text === undefined) continue;
      const column = byText.get(text) ?? columnOf(withLabel(row.labels, label, text));
      byText.set(text, column);
      const isFirst = kernel.u8[column.present + k] === ABSENT;
      const before = isFirst ? 0 : (kernel.f64[(column.values >>> 3) + k] as number);
      putFloat(kernel, column, k, before + 1);
    }
  }

  function columnOf(labels: Row['labels']): OpenColumn {
    const key = keyOf(labels);
    let group = groups.get(key);
    if (group === undefined) {
      const column = allocateColumn(evaluation.kernel, grid.steps);
      group = { labels: labelsOf(labels), dropName: false, column };
      groups.set(key, group);
    }
    return group.column;
  }
}

function textAt(
  { kernel }: Evaluation,
  { column }: Row,
  steps: number,
  k: number,
): string | undefined {
  const kind = presenceOf(kernel, column, steps)[k];
  if (kind === ABSENT) return undefined;
  const histogram = kind === HISTOGRAM ? column.histograms?.[k] : undefined;
  if (histogram !== undefined) return printHistogram(histogram);
  return printFixed(valuesOf(kernel, column, steps)[k] as number);
}

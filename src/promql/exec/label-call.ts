/** label_replace and label_join: other labels, the same values. */
import { OperationError } from '../../base/errors.ts';
import { type Labels, labelValue, METRIC_NAME, withLabel } from '../../model/labels.ts';
import { type AnchoredRegex, compileRegex } from '../../model/regex.ts';
import { expandTemplate } from '../../model/regex-template.ts';
import type { CallPlan, Plan, StringPlan } from '../plan/plan.ts';
import { vectorRows } from './evaluate.ts';
import { type Evaluation, mapRows, type Rows } from './evaluation.ts';
import { mergeFragments } from './merge-rows.ts';
import type { StepGrid } from './result-sink.ts';

export function* labelReplaceRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const [target, replacement, source, expression] = texts(call, 1) as [
    string,
    string,
    string,
    string,
  ];
  const regex = compileArgument(expression);
  checkName(target, 'invalid destination label name in label_replace()');
  yield* relabeledRows(evaluation, call.args[0] as Plan, grid, target, (labels) => {
    const match = regex.exec(labelValue(labels, source));
    if (match === undefined) return undefined;
    return expandTemplate(replacement, match);
  });
}

export function* labelJoinRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const [target, separator, ...sources] = texts(call, 1) as [string, string, ...string[]];
  for (const name of sources) checkName(name, 'invalid source label name in label_join()');
  checkName(target, 'invalid destination label name in label_join()');
  yield* relabeledRows(evaluation, call.args[0] as Plan, grid, target, (labels) =>
    sources.map((name) => labelValue(labels, name)).join(separator),
  );
}

/** Sets a label of every row to what a function gives; undefined leaves the row alone. */
function* relabeledRows(
  evaluation: Evaluation,
  argument: Plan,
  grid: StepGrid,
  target: string,
  textOf: (labels: Labels) => string | undefined,
): Rows {
  const relabeled = mapRows(vectorRows(evaluation, argument, grid), (row) => {
    const value = textOf(row.labels);
    if (value === undefined) return row;
    const dropName = target === METRIC_NAME ? false : row.dropName;
    return { ...row, labels: withLabel(row.labels, target, value), dropName };
  });
  yield* mergeFragments(evaluation, relabeled, grid);
}

function texts(call: CallPlan, from: number): string[] {
  return call.args.slice(from).map((arg) => (arg as StringPlan).value);
}

function compileArgument(expression: string): AnchoredRegex {
  try {
    return compileRegex(expression);
  } catch (cause) {
    const text = `invalid regular expression in label_replace(): ${expression}`;
    throw new OperationError('execution', text, { cause });
  }
}

function checkName(name: string, fault: string): void {
  if (name === '' || !name.isWellFormed())
    throw new OperationError('execution', `${fault}: ${name}`);
}

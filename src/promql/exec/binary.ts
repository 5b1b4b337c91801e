/** Binary operators of which at least one side is a vector. Source: promql/engine.go (3.14). */
import { BugError } from '../../base/assert.ts';
import {
  arithmetic,
  changesMetric,
  compareFloats,
  isComparison,
} from '../function/float-operators.ts';
import type { BinaryOp } from '../parse/ast.ts';
import { type BinaryPlan, type Plan, typeOfPlan } from '../plan/plan.ts';
import { BinaryRemarks, elementBinary } from './binary-values.ts';
import { scalarValues, vectorRows } from './evaluate.ts';
import { type Evaluation, mapRows, type Row, type Rows } from './evaluation.ts';
import { sharesOneName } from './fragments.ts';
import { matchedRows } from './match.ts';
import { elementAt, putElement } from './match-columns.ts';
import { DisjointLabels, dropMetricName } from './metric-name.ts';
import type { StepGrid } from './result-sink.ts';
import { setRows } from './set-operators.ts';
import {
  ABSENT,
  allocateColumn,
  clearColumn,
  type OpenColumn,
  presenceOf,
  putFloat,
  valuesOf,
} from './step-column.ts';

export function binaryRows(evaluation: Evaluation, plan: BinaryPlan, grid: StepGrid): Rows {
  if (plan.op === 'and' || plan.op === 'or' || plan.op === 'unless') {
    return setRows(evaluation, plan, grid);
  }
  const leftIsScalar = typeOfPlan(plan.left) === 'scalar';
  if (!leftIsScalar && typeOfPlan(plan.right) !== 'scalar') {
    return matchedRows(evaluation, plan, grid);
  }
  return leftIsScalar
    ? scalarSideRows(
        evaluation,
        plan,
        { vector: plan.right, scalar: plan.left, swapped: true },
        grid,
      )
    : scalarSideRows(
        evaluation,
        plan,
        { vector: plan.left, scalar: plan.right, swapped: false },
        grid,
      );
}

interface Sides {
  readonly vector: Plan;
  readonly scalar: Plan;
  /** The scalar stands on the left. */
  readonly swapped: boolean;
}

function* scalarSideRows(
  evaluation: Evaluation,
  plan: BinaryPlan,
  sides: Sides,
  grid: StepGrid,
): Rows {
  const { kernel } = evaluation;
  const { op, returnBool } = plan;
  const scalars = yield* scalarValues(evaluation, sides.scalar, grid);
  const column = allocateColumn(kernel, grid.steps);
  const drops = changesMetric(op) || returnBool;
  const isUnique = !drops || evaluation.delayedNameRemoval || sharesOneName(sides.vector);
  const disjoint = isUnique ? undefined : new DisjointLabels(evaluation, grid.steps);
  const remark = new BinaryRemarks(evaluation.annotations, plan.position, op);
  const combine = combiner(evaluation, plan, { swapped: sides.swapped, remark }, scalars);
  yield* mapRows(vectorRows(evaluation, sides.vector, grid), (row) => {
    combine(row, column);
    const labels = drops ? dropMetricName(evaluation, row.labels) : row.labels;
    disjoint?.add(labels, column);
    return { labels, dropName: drops || row.dropName, column };
  });
  remark.finish();
}

/** Computes a row's column against the scalar. */
function combiner(
  evaluation: Evaluation,
  plan: BinaryPlan,
  { swapped, remark }: { readonly swapped: boolean; readonly remark: BinaryRemarks },
  scalars: Float64Array,
): (row: Row, column: OpenColumn) => void {
  const { kernel } = evaluation;
  const { op } = plan;
  const steps = scalars.length;
  return (row, column) => {
    const floatOnly = row.column.histograms === undefined && op !== '</' && op !== '>/';
    if (!floatOnly) {
      combineElements(evaluation, plan, { row, scalars, swapped, remark }, column);
      return;
    }
    column.histograms = undefined;
    const from = valuesOf(kernel, row.column, steps);
    const to = valuesOf(kernel, column, steps);
    const present = presenceOf(kernel, column, steps);
    present.set(presenceOf(kernel, row.column, steps));
    if (isComparison(op)) {
      compareColumn(plan, swapped ? scalars : from, swapped ? from : scalars, present);
      if (plan.returnBool) writeBools(present, presenceOf(kernel, row.column, steps), to);
      else to.set(from);
    } else if (swapped) computeColumn(op, scalars, from, to);
    else computeColumn(op, from, scalars, to);
  };
}

/** Clears the presence of those steps where the comparison does not hold. */
function compareColumn(
  { op }: BinaryPlan,
  left: Float64Array,
  right: Float64Array,
  present: Uint8Array,
): void {
  for (let k = 0; k < present.length; k++) {
    if (!compareFloats(op, left[k] as number, right[k] as number)) present[k] = ABSENT;
  }
}

function writeBools(holds: Uint8Array, present: Uint8Array, to: Float64Array): void {
  for (let k = 0; k < to.length; k++) {
    to[k] = holds[k] === ABSENT ? 0 : 1;
    holds[k] = present[k] as number;
  }
}

/** All steps at once; what comes out where a side is absent means nothing. */
export function computeColumn(
  op: BinaryOp,
  left: Float64Array,
  right: Float64Array,
  to: Float64Array,
): void {
  const steps = to.length;
  switch (op) {
    case '+':
      for (let k = 0; k < steps; k++) to[k] = (left[k] as number) + (right[k] as number);
      return;
    case '-':
      for (let k = 0; k < steps; k++) to[k] = (left[k] as number) - (right[k] as number);
      return;
    case '*':
      for (let k = 0; k < steps; k++) to[k] = (left[k] as number) * (right[k] as number);
      return;
    case '/':
      for (let k = 0; k < steps; k++) to[k] = (left[k] as number) / (right[k] as number);
      return;
    case '%':
    case '^':
    case 'atan2':
      for (let k = 0; k < steps; k++) {
        to[k] = arithmetic(op, left[k] as number, right[k] as number);
      }
      return;
    default:
      throw new BugError(`operator ${op} on columns`);
  }
}

function combineElements(
  evaluation: Evaluation,
  plan: BinaryPlan,
  {
    row,
    scalars,
    swapped,
    remark,
  }: { row: Row; scalars: Float64Array; swapped: boolean; remark: BinaryRemarks },
  column: OpenColumn,
): void {
  const { kernel } = evaluation;
  const steps = scalars.length;
  clearColumn(kernel, column, steps);
  for (let k = 0; k < steps; k++) {
    const element = elementAt(kernel, row.column, k);
    if (element === undefined) continue;
    const scalar = scalars[k] as number;
    remark.moveTo(k);
    const result = swapped
      ? elementBinary(plan.op, scalar, element, remark)
      : elementBinary(plan.op, element, scalar, remark);
    if (result === undefined) continue;
    // A comparison gives the vector's element, on whatever side it stands.
    const value = isComparison(plan.op) ? element : result.value;
    if (plan.returnBool) putFloat(kernel, column, k, result.keep ? 1 : 0);
    else if (result.keep) putElement(kernel, column, k, value);
  }
}

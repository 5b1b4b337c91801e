/** From plans to operators: what gives series gives rows, what gives a scalar gives one value a step. */
import { BugError } from '../../base/assert.ts';
import { scalarBinary } from '../function/float-operators.ts';
import { goMax, goMin } from '../function/go-math.ts';
import { scaleHistogram } from '../function/histogram-sum.ts';
import type { CallPlan, Plan } from '../plan/plan.ts';
import { aggregateRows } from './aggregate.ts';
import { binaryRows } from './binary.ts';
import {
  consumeRows,
  type Evaluation,
  firstStepOf,
  mapRows,
  type Rows,
  type ScalarValues,
  timeAt,
} from './evaluation.ts';
import { sharesOneName } from './fragments.ts';
import { DisjointLabels, dropMetricName } from './metric-name.ts';
import type { StepGrid } from './result-sink.ts';
import { selectRows } from './select.ts';
import {
  ABSENT,
  allocateColumn,
  FLOAT,
  HISTOGRAM,
  type OpenColumn,
  presenceOf,
  type StepColumn,
  valuesOf,
  weighColumn,
} from './step-column.ts';
import { callRows } from './vector-call.ts';

/** The rows of a plan that gives an instant vector. */
export function vectorRows(evaluation: Evaluation, plan: Plan, grid: StepGrid): Rows {
  const { given, profile, kernel } = evaluation;
  const found = plainRows(evaluation, plan, grid);
  const rows = given === undefined ? found : given.rows(plan, found, grid, kernel);
  return profile === undefined ? rows : profile.rows(plan, rows, grid, kernel);
}

function* plainRows(evaluation: Evaluation, plan: Plan, grid: StepGrid): Rows {
  if (grid.steps <= 0) return;
  const own = { ...evaluation, annotations: evaluation.annotations.of(plan) };
  switch (plan.kind) {
    case 'select':
      return yield* selectRows(own, plan, grid);
    case 'aggregate':
      return yield* heldRows(own, aggregateRows(own, plan, grid), grid);
    case 'call':
      return yield* callRows(own, plan, grid);
    case 'binary':
      return yield* heldRows(own, binaryRows(own, plan, grid), grid);
    case 'negate':
      return yield* heldRows(own, negatedRows(own, plan.expr, grid), grid);
    case 'invariant':
      return yield* repeatedRows(own, plan.expr, grid);
    default:
      throw new BugError(`${plan.kind} evaluated as an instant vector`);
  }
}

/** Counts the rows against the query's samples, and leaves out those without any. */
export function* heldRows(evaluation: Evaluation, rows: Rows, grid: StepGrid): Rows {
  let held = 0;
  yield* mapRows(rows, (row) => {
    const weight = weighColumn(evaluation.kernel, row.column, grid.steps);
    evaluation.budget.hold(weight);
    held += weight;
    return weight > 0 ? row : undefined;
  });
  evaluation.budget.release(held);
}

/** Evaluates what gives no result any more, for its errors and remarks. */
export function drainRows(rows: Rows): Rows {
  return mapRows(rows, () => undefined);
}

/** Evaluated at the first step, shown at all. */
function* repeatedRows(evaluation: Evaluation, expr: Plan, grid: StepGrid): Rows {
  const once = atFirstStep(evaluation, grid);
  const rows = vectorRows(once, expr, firstStepOf(grid));
  if (grid.steps === 1) yield* rows;
  else yield* repeatRows(evaluation, rows, grid);
  evaluation.reads.addRepeated(once.reads);
}

function* repeatRows(evaluation: Evaluation, rows: Rows, grid: StepGrid): Rows {
  const { kernel, budget } = evaluation;
  const column = allocateColumn(kernel, grid.steps);
  let held = 0;
  yield* mapRows(rows, (row) => {
    repeatFirstStep(evaluation, row.column, column, grid.steps);
    const added = weighColumn(kernel, row.column, 1) * (grid.steps - 1);
    budget.hold(added);
    held += added;
    return { ...row, column };
  });
  budget.release(held);
}

function atFirstStep(evaluation: Evaluation, grid: StepGrid): Evaluation {
  return { ...evaluation, reads: evaluation.reads.inner(firstStepOf(grid)) };
}

function repeatFirstStep(
  { kernel }: Evaluation,
  from: StepColumn,
  to: OpenColumn,
  steps: number,
): void {
  const kind = kernel.u8[from.present] as number;
  presenceOf(kernel, to, steps).fill(kind);
  valuesOf(kernel, to, steps).fill(kernel.f64[from.values >>> 3] as number);
  const histogram = kind === HISTOGRAM ? from.histograms?.[0] : undefined;
  to.histograms = histogram === undefined ? undefined : new Array(steps).fill(histogram);
}

function* negatedRows(evaluation: Evaluation, expr: Plan, grid: StepGrid): Rows {
  const { kernel } = evaluation;
  const { steps } = grid;
  const column = allocateColumn(kernel, steps);
  const isUnique = evaluation.delayedNameRemoval || sharesOneName(expr);
  const disjoint = isUnique ? undefined : new DisjointLabels(evaluation, steps);
  yield* mapRows(vectorRows(evaluation, expr, grid), (row) => {
    const from = valuesOf(kernel, row.column, steps);
    const to = valuesOf(kernel, column, steps);
    for (let k = 0; k < steps; k++) to[k] = -(from[k] as number);
    presenceOf(kernel, column, steps).set(presenceOf(kernel, row.column, steps));
    column.histograms = row.column.histograms?.map((histogram) =>
      histogram === undefined ? undefined : scaleHistogram(histogram, -1),
    );
    const labels = dropMetricName(evaluation, row.labels);
    disjoint?.add(labels, column);
    return { labels, dropName: true, column };
  });
}

/** One value a step of a plan that gives a scalar. */
export function scalarValues(evaluation: Evaluation, plan: Plan, grid: StepGrid): ScalarValues {
  const { profile } = evaluation;
  const values = plainValues(evaluation, plan, grid);
  return profile === undefined ? values : profile.scalars(plan, values, grid);
}

function* plainValues(evaluation: Evaluation, plan: Plan, grid: StepGrid): ScalarValues {
  const values = new Float64Array(grid.steps);
  evaluation.budget.hold(grid.steps);
  evaluation.budget.release(grid.steps);
  switch (plan.kind) {
    case 'number':
      return values.fill(plan.value);
    case 'negate': {
      const inner = yield* scalarValues(evaluation, plan.expr, grid);
      return inner.map((value) => -value);
    }
    case 'invariant': {
      const once = atFirstStep(evaluation, grid);
      const [value] = yield* scalarValues(once, plan.expr, firstStepOf(grid));
      evaluation.reads.addRepeated(once.reads);
      return values.fill(value as number);
    }
    case 'binary': {
      const left = yield* scalarValues(evaluation, plan.left, grid);
      const right = yield* scalarValues(evaluation, plan.right, grid);
      for (let k = 0; k < grid.steps; k++) {
        values[k] = scalarBinary(plan.op, left[k] as number, right[k] as number);
      }
      return values;
    }
    case 'call':
      return yield* scalarCall(evaluation, plan, grid, values);
    default:
      throw new BugError(`${plan.kind} evaluated as a scalar`);
  }
}

function* scalarCall(
  evaluation: Evaluation,
  { func, args }: CallPlan,
  grid: StepGrid,
  values: Float64Array,
): ScalarValues {
  switch (func) {
    case 'pi':
      return values.fill(Math.PI);
    case 'time':
      return values.map((_, k) => timeAt(grid, k) / 1000);
    case 'min_of':
    case 'max_of': {
      const left = yield* scalarValues(evaluation, args[0] as Plan, grid);
      const right = yield* scalarValues(evaluation, args[1] as Plan, grid);
      const choose = func === 'min_of' ? goMin : goMax;
      return values.map((_, k) => choose(left[k] as number, right[k] as number));
    }
    case 'scalar':
      return yield* scalarOfVector(evaluation, args[0] as Plan, grid, values);
    default:
      throw new BugError(`function ${func} evaluated as a scalar`);
  }
}

/** The only float at each step, NaN where there is none or more. */
function* scalarOfVector(
  evaluation: Evaluation,
  plan: Plan,
  grid: StepGrid,
  values: Float64Array,
): ScalarValues {
  const { kernel } = evaluation;
  const seen = new Uint8Array(grid.steps);
  values.fill(Number.NaN);
  yield* consumeRows(vectorRows(evaluation, plan, grid), (row) => {
    const present = presenceOf(kernel, row.column, grid.steps);
    const from = valuesOf(kernel, row.column, grid.steps);
    for (let k = 0; k < grid.steps; k++) {
      if (present[k] !== FLOAT) continue;
      values[k] = seen[k] === ABSENT ? (from[k] as number) : Number.NaN;
      seen[k] = FLOAT;
    }
  });
  return values;
}

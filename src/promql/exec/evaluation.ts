/**
 * What every operator of a running query shares. Operators are generators of rows, one series after another;
 * `undefined` between rows is a point where the query may pause. Rules of memory: a row's column is valid
 * until the next row is asked for; whatever an operator allocates while it asks for no row, it releases
 * before it yields; what it keeps longer is freed when the query ends.
 */
import { OperationError } from '../../base/errors.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { Labels } from '../../model/labels.ts';
import type { SeriesSet } from '../../storage/queryable.ts';
import type { CallPlan, SelectPlan } from '../plan/plan.ts';
import type { GivenCounts } from './given-steps.ts';
import type { OperatorRemarks } from './query-annotations.ts';
import type { QueryProfile } from './query-profile.ts';
import type { ReadCount } from './read-count.ts';
import type { StepGrid } from './result-sink.ts';
import type { SampleBudget } from './sample-budget.ts';
import type { StepColumn } from './step-column.ts';

export interface Row {
  readonly labels: Labels;
  /** The name is to be dropped at the very end of the query (delayed name removal only). */
  readonly dropName: boolean;
  readonly column: StepColumn;
}

export type Rows = Generator<Row | undefined, void, undefined>;

/** One value a step, from an operator that may pause. */
export type ScalarValues = Generator<undefined, Float64Array, undefined>;

export interface Evaluation {
  readonly kernel: Kernel;
  readonly lookbackMs: number;
  readonly delayedNameRemoval: boolean;
  readonly startTimestamps: boolean;
  readonly typeAndUnitLabels: boolean;
  /** Of the operator that is being evaluated. */
  readonly annotations: OperatorRemarks;
  readonly budget: SampleBudget;
  /** Count samples once for each step that sees them, which statistics show. */
  readonly countsWindows: boolean;
  /** Samples read, on the steps that are being evaluated. */
  readonly reads: ReadCount;
  /** Where it is written down how much each part gives, for statistics. */
  readonly given: GivenCounts | undefined;
  /** Where it is written down what each part of the query costs, if anybody wants to know. */
  readonly profile: QueryProfile | undefined;
  /** The series that were selected for a selector of the plan, or for info() to join. Read once. */
  readonly seriesOf: (source: SelectPlan | CallPlan) => SeriesSet;
  /** Called for every series read: throws when the query is canceled, true when it should pause. */
  readonly checkpoint: () => boolean;
}

/** Takes every row; pauses where the rows pause. */
export function* consumeRows(
  rows: Rows,
  take: (row: Row) => void,
): Generator<undefined, void, undefined> {
  for (const row of rows) {
    if (row === undefined) yield undefined;
    else take(row);
  }
}

/** Gives what a function makes of every row, or nothing for it. */
export function* mapRows(rows: Rows, change: (row: Row) => Row | undefined): Rows {
  for (const row of rows) {
    if (row === undefined) yield undefined;
    else {
      const changed = change(row);
      if (changed !== undefined) yield changed;
    }
  }
}

export function timeAt(grid: StepGrid, step: number): number {
  return grid.startMs + step * grid.stepMs;
}

/** Columns have a place for every step, whether anything is there or not. */
const STEPS_MAX = 10_000_000;

/** Throws OperationError 'limit' when an evaluation, `what`, has more steps than memory is given for. */
export function checkSteps({ steps, stepMs }: StepGrid, what: string): void {
  if (steps <= STEPS_MAX) return;
  throw new OperationError(
    'limit',
    `cannot evaluate ${what} at ${steps} steps of ${stepMs} ms: at most ${STEPS_MAX} are allowed`,
  );
}

/** The grid of a single evaluation at the first step. */
export function firstStepOf(grid: StepGrid): StepGrid {
  return { startMs: grid.startMs, stepMs: grid.stepMs, steps: 1 };
}

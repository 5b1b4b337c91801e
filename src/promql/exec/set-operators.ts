/** `and`, `or`, `unless`: whole elements of one side, chosen by what the other side has at the same step. */
import { labelsKey } from '../../model/labels.ts';
import type { BinaryPlan } from '../plan/plan.ts';
import { vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, mapRows, type Row, type Rows } from './evaluation.ts';
import { matchLabels } from './match-labels.ts';
import { DisjointLabels } from './metric-name.ts';
import type { StepGrid } from './result-sink.ts';
import { ABSENT, allocateColumn, FLOAT, presenceOf, valuesOf } from './step-column.ts';

export function* setRows(evaluation: Evaluation, plan: BinaryPlan, grid: StepGrid): Rows {
  const labels = matchLabels(plan, false);
  const keyOf = (row: Row): string => labelsKey(labels.matching(row.labels));
  const seen = new Presence(evaluation, grid.steps);
  const left = vectorRows(evaluation, plan.left, grid);
  const right = vectorRows(evaluation, plan.right, grid);
  if (plan.op === 'or') {
    const disjoint = new DisjointLabels(evaluation, grid.steps);
    yield* mapRows(left, (row) => {
      seen.add(keyOf(row), row);
      disjoint.add(row.labels, row.column);
      return row;
    });
    const others = maskedRows(evaluation, right, grid, {
      maskOf: (row) => seen.at(keyOf(row)),
      keepsSeen: false,
    });
    yield* mapRows(others, (row) => {
      disjoint.add(row.labels, row.column);
      return row;
    });
    return;
  }
  yield* consumeRows(right, (row) => seen.add(keyOf(row), row));
  yield* maskedRows(evaluation, left, grid, {
    maskOf: (row) => seen.at(keyOf(row)),
    keepsSeen: plan.op === 'and',
  });
}

/** At which steps each signature was there. */
class Presence {
  readonly #evaluation: Evaluation;
  readonly #steps: number;
  readonly #bySignature = new Map<string, Uint8Array>();

  constructor(evaluation: Evaluation, steps: number) {
    this.#evaluation = evaluation;
    this.#steps = steps;
  }

  add(signature: string, { column }: Row): void {
    const seen = this.#bySignature.get(signature) ?? new Uint8Array(this.#steps);
    this.#bySignature.set(signature, seen);
    const present = presenceOf(this.#evaluation.kernel, column, this.#steps);
    for (let k = 0; k < this.#steps; k++) if (present[k] !== ABSENT) seen[k] = FLOAT;
  }

  at(signature: string): Uint8Array | undefined {
    return this.#bySignature.get(signature);
  }
}

interface Mask {
  readonly maskOf: (row: Row) => Uint8Array | undefined;
  /** Whether elements stay where the mask is set, or where it is not. */
  readonly keepsSeen: boolean;
}

function* maskedRows(
  evaluation: Evaluation,
  rows: Rows,
  grid: StepGrid,
  { maskOf, keepsSeen }: Mask,
): Rows {
  const { kernel } = evaluation;
  const { steps } = grid;
  const column = allocateColumn(kernel, steps);
  yield* mapRows(rows, (row) => {
    const mask = maskOf(row);
    if (mask === undefined) return keepsSeen ? undefined : row;
    const present = presenceOf(kernel, column, steps);
    const from = presenceOf(kernel, row.column, steps);
    for (let k = 0; k < steps; k++) {
      present[k] = (mask[k] === FLOAT) === keepsSeen ? (from[k] as number) : ABSENT;
    }
    valuesOf(kernel, column, steps).set(valuesOf(kernel, row.column, steps));
    column.histograms = row.column.histograms?.slice();
    return { ...row, column };
  });
}

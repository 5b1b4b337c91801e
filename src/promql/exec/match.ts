/**
 * Arithmetic and comparison between two vectors. The "one" side is held, the "many" side streams past it; in
 * one-to-one matching the left side is taken for the many. Source: promql/engine.go, VectorBinop (3.14).
 */
import { OperationError } from '../../base/errors.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import type { VectorMatching } from '../parse/ast.ts';
import type { BinaryPlan } from '../plan/plan.ts';
import { BinaryRemarks } from './binary-values.ts';
import { vectorRows } from './evaluate.ts';
import type { Evaluation, Row, Rows } from './evaluation.ts';
import { type ColumnPair, type CombineTarget, combineColumns } from './match-columns.ts';
import { type MatchLabels, matchLabels } from './match-labels.ts';
import { type OneSide, readOneSide } from './match-one-side.ts';
import { DisjointLabels } from './metric-name.ts';
import type { StepGrid } from './result-sink.ts';
import {
  ABSENT,
  allocateColumn,
  FLOAT,
  type OpenColumn,
  presenceOf,
  type StepColumn,
  valuesOf,
} from './step-column.ts';

/** Everything that the rows of one operator share. */
interface Match {
  readonly evaluation: Evaluation;
  readonly plan: BinaryPlan;
  readonly matching: VectorMatching;
  readonly labels: MatchLabels;
  readonly grid: StepGrid;
  /** The many side stands on the right. */
  readonly isSwapped: boolean;
  readonly target: CombineTarget;
  readonly matched: MatchedSteps;
  /** Refuses equal results of different groups; undefined where they cannot be equal. */
  readonly disjoint: DisjointLabels | undefined;
}

export function* matchedRows(evaluation: Evaluation, plan: BinaryPlan, grid: StepGrid): Rows {
  const matching = plan.matching as VectorMatching;
  const isSwapped = matching.card === 'one-to-many';
  const [many, one] = isSwapped ? [plan.right, plan.left] : [plan.left, plan.right];
  const labels = matchLabels(plan, plan.returnBool && !evaluation.delayedNameRemoval);
  const ones = yield* readOneSide(evaluation, plan, { one, labels }, grid);
  const { kernel, budget } = evaluation;
  budget.hold(ones.weight);
  const match: Match = {
    evaluation,
    plan,
    matching,
    labels,
    grid,
    isSwapped,
    matched: new MatchedSteps(matching, grid.steps),
    disjoint:
      matching.card === 'one-to-one' ? undefined : new DisjointLabels(evaluation, grid.steps),
    target: {
      column: allocateColumn(kernel, grid.steps),
      steps: grid.steps,
      remark: new BinaryRemarks(evaluation.annotations, plan.position, plan.op),
      matched: new Uint8Array(grid.steps),
    },
  };
  const filler = allocateColumn(kernel, grid.steps);
  for (const row of vectorRows(evaluation, many, grid)) {
    if (row === undefined) {
      yield undefined;
      continue;
    }
    ones.refuseDuplicates(presenceOf(kernel, row.column, grid.steps));
    const matched = labels.matching(row.labels);
    const key = labelsKey(matched);
    for (const partner of ones.partnersOf(key)) {
      const result = combine(match, key, row, partner);
      if (result !== undefined) yield result;
    }
    if (matching.fillRight === undefined) continue;
    fillWhereAlone(match, row.column, ones.presenceOf(key), matching.fillRight, filler);
    const result = combine(match, key, row, { labels: matched, column: filler });
    if (result !== undefined) yield result;
  }
  yield* rowsWithoutMany(match, ones, filler);
  match.target.remark.finish();
  budget.release(ones.weight);
}

type Side = Pick<Row, 'labels' | 'column'>;

/** Rows of the one side that found no partner, against the many side's fill value. */
function* rowsWithoutMany(match: Match, ones: OneSide, filler: OpenColumn): Rows {
  const { matching, evaluation } = match;
  if (matching.fillLeft === undefined) return;
  for (const { key, side } of ones.all()) {
    if (evaluation.checkpoint()) yield undefined;
    fillWhereAlone(match, side.column, match.matched.presenceOf(key), matching.fillLeft, filler);
    const labels = match.labels.matching(side.labels);
    const result = combine(match, key, { labels, column: filler }, side);
    if (result !== undefined) yield result;
  }
}

function combine(match: Match, key: string, many: Side, one: Side): Row | undefined {
  const { evaluation, plan, isSwapped } = match;
  const { column } = match.target;
  const pair: ColumnPair = isSwapped
    ? { left: one.column, right: many.column }
    : { left: many.column, right: one.column };
  if (!combineColumns(evaluation, plan, pair, match.target)) return undefined;
  const labels = match.labels.result(many.labels, one.labels);
  match.matched.add(key, labels, match.target.matched);
  match.disjoint?.add(labels, column);
  return { labels, dropName: plan.returnBool, column };
}

/** A column that has the fill value wherever a side is present and its partners are not. */
function fillWhereAlone(
  { evaluation, grid }: Match,
  side: StepColumn,
  partners: Uint8Array | undefined,
  value: number,
  filler: OpenColumn,
): void {
  const { kernel } = evaluation;
  valuesOf(kernel, filler, grid.steps).fill(value);
  const from = presenceOf(kernel, side, grid.steps);
  const present = presenceOf(kernel, filler, grid.steps);
  for (let k = 0; k < grid.steps; k++) {
    const isAlone = partners === undefined || partners[k] === ABSENT;
    present[k] = from[k] !== ABSENT && isAlone ? FLOAT : ABSENT;
  }
}

/** At which steps a signature has found partners: twice is an error. */
class MatchedSteps {
  readonly #matching: VectorMatching;
  readonly #steps: number;
  readonly #bySignature = new Map<string, Uint8Array>();
  readonly #byResult = new Map<string, Uint8Array>();

  constructor(matching: VectorMatching, steps: number) {
    this.#matching = matching;
    this.#steps = steps;
  }

  /** @param matched a byte a step, not 0 where an element was computed. */
  add(signature: string, result: Labels, matched: Uint8Array): void {
    if (this.#matching.card === 'one-to-one') {
      this.#mark(this.#bySignature, signature, matched, MANY_TO_ONE);
      return;
    }
    this.#mark(this.#byResult, `${signature}\u{fe}${labelsKey(result)}`, matched, NOT_UNIQUE);
    if (this.#matching.fillLeft !== undefined) {
      this.#mark(this.#bySignature, signature, matched, undefined);
    }
  }

  presenceOf(signature: string): Uint8Array | undefined {
    return this.#bySignature.get(signature);
  }

  #mark(
    steps: Map<string, Uint8Array>,
    key: string,
    matched: Uint8Array,
    fault: string | undefined,
  ): void {
    const known = steps.get(key);
    if (known === undefined) {
      steps.set(key, matched.slice());
      return;
    }
    for (let k = 0; k < this.#steps; k++) {
      if (matched[k] === ABSENT) continue;
      if (known[k] !== ABSENT && fault !== undefined) throw new OperationError('execution', fault);
      known[k] = FLOAT;
    }
  }
}

const MANY_TO_ONE =
  'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)';
const NOT_UNIQUE = 'multiple matches for labels: grouping labels must ensure unique matches';

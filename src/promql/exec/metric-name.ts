/** Dropping metric names, and what may go wrong when series become equal by it. */
import { OperationError } from '../../base/errors.ts';
import { dropLabels, type Labels, labelsKey, METRIC_NAME } from '../../model/labels.ts';
import type { Evaluation } from './evaluation.ts';
import { ABSENT, presenceOf, type StepColumn } from './step-column.ts';

/** Labels that describe the metric: they go with its name. */
export const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, '__type__', '__unit__']);

/** Keeps the name when it is to be dropped at the query's end only. */
export function dropMetricName(evaluation: Evaluation, labels: Labels): Labels {
  return evaluation.delayedNameRemoval ? labels : dropLabels(labels, METADATA_LABELS);
}

export function sameLabelsError(): OperationError {
  return new OperationError('execution', 'vector cannot contain metrics with the same labelset');
}

/** Refuses a label set that was seen before, as range functions do, whatever steps have it. */
export class UniqueLabels {
  readonly #seen: Set<string> | undefined;

  constructor({ delayedNameRemoval }: Evaluation) {
    this.#seen = delayedNameRemoval ? undefined : new Set();
  }

  add(labels: Labels): void {
    if (this.#seen === undefined) return;
    const key = labelsKey(labels);
    if (this.#seen.has(key)) throw sameLabelsError();
    this.#seen.add(key);
  }
}

/** Refuses two rows of one label set that are present at the same step. */
export class DisjointLabels {
  readonly #evaluation: Evaluation;
  readonly #steps: number;
  readonly #seen = new Map<string, Uint8Array>();

  constructor(evaluation: Evaluation, steps: number) {
    this.#evaluation = evaluation;
    this.#steps = steps;
  }

  add(labels: Labels, column: StepColumn): void {
    const key = labelsKey(labels);
    const present = presenceOf(this.#evaluation.kernel, column, this.#steps);
    const known = this.#seen.get(key);
    if (known === undefined) {
      this.#seen.set(key, present.slice());
      return;
    }
    for (let k = 0; k < this.#steps; k++) {
      if (present[k] === ABSENT) continue;
      if (known[k] !== ABSENT) throw sameLabelsError();
      known[k] = present[k] as number;
    }
  }
}

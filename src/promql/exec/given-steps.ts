/** How much each part of a running query gives, step by step: what peak-samples.ts works from. */
import type { Kernel } from '../../base/kernel.ts';
import type { Plan } from '../plan/plan.ts';
import type { Rows } from './evaluation.ts';
import type { StepGrid } from './result-sink.ts';
import { ABSENT, presenceOf, type StepColumn, weightAt } from './step-column.ts';

export interface GivenSteps {
  readonly elements: Float64Array;
  /** As samples: histograms weigh more. */
  readonly weights: Float64Array;
}

/** Of all series of a range function, one after the other. */
export interface RangeSums {
  /** The most that windows and results were together. */
  readonly peak: number;
  readonly results: number;
}

export interface RangeWeights {
  /** Of the windows of one series. */
  readonly largest: number;
  readonly last: number;
  /** Of its result at all steps. */
  readonly result: number;
}

const NO_SUMS: RangeSums = { peak: 0, results: 0 };

export class GivenCounts {
  readonly #steps = new Map<Plan, GivenSteps>();
  readonly #ranges = new Map<Plan, RangeSums>();

  /** Rows of a part, counted as they pass. */
  *rows(plan: Plan, rows: Rows, { steps }: StepGrid, kernel: Kernel): Rows {
    const given = { elements: new Float64Array(steps), weights: new Float64Array(steps) };
    this.#steps.set(plan, given);
    for (const row of rows) {
      if (row !== undefined) count(kernel, row.column, given);
      yield row;
    }
  }

  addRange(plan: Plan, { largest, last, result }: RangeWeights): void {
    const { peak, results } = this.rangeSums(plan);
    this.#ranges.set(plan, {
      peak: Math.max(peak, results + Math.max(largest, last + result)),
      results: results + result,
    });
  }

  /** Undefined for a part that gave no rows, such as a scalar. */
  stepsOf(plan: Plan): GivenSteps | undefined {
    return this.#steps.get(plan);
  }

  rangeSums(plan: Plan): RangeSums {
    return this.#ranges.get(plan) ?? NO_SUMS;
  }
}

function count(kernel: Kernel, column: StepColumn, { elements, weights }: GivenSteps): void {
  const present = presenceOf(kernel, column, elements.length);
  for (let k = 0; k < present.length; k++) {
    if (present[k] === ABSENT) continue;
    elements[k] = (elements[k] as number) + 1;
    weights[k] = (weights[k] as number) + weightAt(column, present, k);
  }
}

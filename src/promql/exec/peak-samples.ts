/**
 * The most samples that Prometheus' engine would hold at a time. It evaluates arguments wholly before what they are
 * arguments of, where ours goes series by series: its peak is not measured but worked out from how much each part of
 * the plan gave at each step, in its order of evaluation. Source: promql/engine.go (3.14).
 */
import { unreachable } from '../../base/assert.ts';
import { rangeFunction } from '../function/range-functions.ts';
import type { AggregatePlan, CallPlan, InvariantPlan, Plan } from '../plan/plan.ts';
import { typeOfPlan } from '../plan/plan.ts';
import { firstStepOf } from './evaluation.ts';
import type { GivenCounts, GivenSteps } from './given-steps.ts';
import { subqueryGrid } from './range-source.ts';
import type { StepGrid } from './result-sink.ts';

/** Their result takes the place of their argument's. */
const RELABELLING: ReadonlySet<string> = new Set(['info', 'label_join', 'label_replace']);

/** @param rawSamples of a query that ends in a range selector: all of its samples. */
export function peakSamples(
  plan: Plan,
  grid: StepGrid,
  given: GivenCounts,
  rawSamples: number,
): number {
  const walk = new PeakWalk(given, rawSamples);
  if (grid.steps > 0) walk.evaluate(plan, grid);
  return walk.peak;
}

class PeakWalk {
  readonly #given: GivenCounts;
  readonly #rawSamples: number;
  #current = 0;
  peak = 0;

  constructor(given: GivenCounts, rawSamples: number) {
    this.#given = given;
    this.#rawSamples = rawSamples;
  }

  /** Leaves as current what is held once the part's result is there. */
  evaluate(plan: Plan, grid: StepGrid): void {
    switch (plan.kind) {
      case 'string':
        break;
      case 'number':
        this.#stepByStep(plan, [], grid);
        break;
      case 'select':
        // Prometheus does not count what `smoothed` gives.
        if (plan.extended !== 'smoothed') this.#hold(this.#weight(plan, grid));
        break;
      case 'range':
        this.#hold(this.#rawSamples);
        break;
      case 'subquery':
        this.evaluate(plan.expr, subqueryGrid(plan, grid));
        break;
      case 'negate':
        this.evaluate(plan.expr, grid);
        break;
      case 'invariant':
        this.#invariant(plan, grid);
        break;
      case 'binary':
        this.#stepByStep(plan, [plan.left, plan.right], grid);
        break;
      case 'aggregate':
        if (plan.op === 'count_values') this.#stepByStep(plan, [plan.expr], grid);
        else this.#aggregate(plan, grid);
        break;
      case 'call':
        if (rangeFunction(plan.func) !== undefined) this.#rangeCall(plan, grid);
        else this.#call(plan, grid);
        break;
      default:
        unreachable(plan);
    }
  }

  #invariant({ expr }: InvariantPlan, grid: StepGrid): void {
    const once = firstStepOf(grid);
    this.evaluate(expr, once);
    if (typeOfPlan(expr) !== 'matrix') this.#hold(this.#weight(expr, once) * (grid.steps - 1));
  }

  #aggregate(plan: AggregatePlan, grid: StepGrid): void {
    const before = this.#current;
    if (plan.param !== undefined) this.evaluate(plan.param, grid);
    this.evaluate(plan.expr, grid);
    this.#current = before;
    this.#hold(this.#weight(plan, grid));
  }

  #call(plan: CallPlan, grid: StepGrid): void {
    const { func, args } = plan;
    const [first] = args;
    if (RELABELLING.has(func)) this.evaluate(first as Plan, grid);
    else if (func.endsWith('timestamp') && first?.kind === 'select') {
      // The samples of each step are looked at when it is its turn.
      this.#steps(plan, [this.#stepsOf(plan, grid)], grid);
    } else this.#stepByStep(plan, args, grid);
  }

  /** A subquery's result is let go of, what the other arguments gave is not. */
  #rangeCall(plan: CallPlan, grid: StepGrid): void {
    const subquery = plan.args.find((arg) => arg.kind === 'subquery');
    const before = this.#current;
    if (subquery !== undefined) this.evaluate(subquery, grid);
    const ofSubquery = this.#current - before;
    for (const arg of plan.args) {
      if (arg !== subquery && arg.kind !== 'range') this.evaluate(arg, grid);
    }
    const { peak, results } = this.#given.rangeSums(plan);
    this.peak = Math.max(this.peak, this.#current + peak);
    this.#current += results - ofSubquery;
  }

  /** All arguments first, then each step from their elements at that step. */
  #stepByStep(plan: Plan, args: readonly Plan[], grid: StepGrid): void {
    const before = this.#current;
    for (const arg of args) this.evaluate(arg, grid);
    const vectors = args.filter(({ kind }) => kind !== 'string');
    this.#steps(
      plan,
      vectors.map((arg) => this.#stepsOf(arg, grid)),
      grid,
    );
    this.#current = before + this.#weight(plan, grid);
  }

  #steps(plan: Plan, args: readonly GivenSteps[], grid: StepGrid): void {
    const { weights } = this.#stepsOf(plan, grid);
    for (let k = 0; k < grid.steps; k++) {
      const gathered = args.reduce((sum, { elements }) => sum + (elements[k] as number), 0);
      this.peak = Math.max(this.peak, this.#current + gathered + (weights[k] as number));
      this.#current += weights[k] as number;
    }
  }

  #hold(samples: number): void {
    this.#current += samples;
    this.peak = Math.max(this.peak, this.#current);
  }

  #weight(plan: Plan, grid: StepGrid): number {
    return this.#stepsOf(plan, grid).weights.reduce((sum, one) => sum + one, 0);
  }

  #stepsOf(plan: Plan, { steps }: StepGrid): GivenSteps {
    const given = this.#given.stepsOf(plan);
    if (given !== undefined) return given;
    const all = new Float64Array(steps).fill(typeOfPlan(plan) === 'scalar' ? 1 : 0);
    return { elements: all, weights: all };
  }
}

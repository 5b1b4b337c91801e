/**
 * What the engine runs: the syntax tree with parentheses gone, durations and `@` resolved to milliseconds,
 * `start()`, `end()`, `range()`, `step()` folded, and what is the same at every step wrapped in `invariant`.
 */
import type { Matcher } from '../../model/matcher.ts';
import type { AggregationOp, BinaryOp, Position, VectorMatching } from '../parse/ast.ts';

export type Plan =
  | NumberPlan
  | StringPlan
  | SelectPlan
  | RangePlan
  | SubqueryPlan
  | CallPlan
  | AggregatePlan
  | BinaryPlan
  | NegatePlan
  | InvariantPlan;

export interface NumberPlan {
  readonly kind: 'number';
  readonly position: Position;
  readonly value: number;
}

export interface StringPlan {
  readonly kind: 'string';
  readonly position: Position;
  readonly value: string;
}

/** An instant selector. Object identity names the selected series set. */
export interface SelectPlan {
  readonly kind: 'select';
  readonly position: Position;
  readonly matchers: readonly Matcher[];
  readonly offsetMs: number;
  readonly atMs: number | undefined;
  readonly extended: 'anchored' | 'smoothed' | undefined;
  /** Of native histograms only count and sum are wanted. */
  readonly onlyHistogramStats: boolean;
}

export interface RangePlan {
  readonly kind: 'range';
  readonly position: Position;
  readonly selector: SelectPlan;
  readonly rangeMs: number;
}

export interface SubqueryPlan {
  readonly kind: 'subquery';
  readonly position: Position;
  readonly expr: Plan;
  readonly rangeMs: number;
  readonly stepMs: number;
  readonly offsetMs: number;
  readonly atMs: number | undefined;
}

export interface CallPlan {
  readonly kind: 'call';
  readonly position: Position;
  readonly func: string;
  readonly args: readonly Plan[];
}

export interface AggregatePlan {
  readonly kind: 'aggregate';
  readonly position: Position;
  readonly op: AggregationOp;
  readonly expr: Plan;
  readonly param: Plan | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export interface BinaryPlan {
  readonly kind: 'binary';
  readonly position: Position;
  readonly op: BinaryOp;
  readonly left: Plan;
  readonly right: Plan;
  readonly matching: VectorMatching | undefined;
  readonly returnBool: boolean;
}

export interface NegatePlan {
  readonly kind: 'negate';
  readonly position: Position;
  readonly expr: Plan;
}

/** Evaluated once, at the first step; the result is repeated at the others. */
export interface InvariantPlan {
  readonly kind: 'invariant';
  readonly position: Position;
  readonly expr: Plan;
}

const SCALAR_FUNCTIONS: ReadonlySet<string> = new Set(['max_of', 'min_of', 'pi', 'scalar', 'time']);

export type PlanType = 'scalar' | 'vector' | 'matrix' | 'string';

export function typeOfPlan(plan: Plan): PlanType {
  switch (plan.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'range':
    case 'subquery':
      return 'matrix';
    case 'call':
      return SCALAR_FUNCTIONS.has(plan.func) ? 'scalar' : 'vector';
    case 'binary':
      return typeOfPlan(plan.left) === 'scalar' && typeOfPlan(plan.right) === 'scalar'
        ? 'scalar'
        : 'vector';
    case 'negate':
    case 'invariant':
      return typeOfPlan(plan.expr);
    default:
      return 'vector';
  }
}

/** The plans directly below one, in the order of the query's text. */
export function childrenOfPlan(plan: Plan): readonly Plan[] {
  switch (plan.kind) {
    case 'range':
      return [plan.selector];
    case 'subquery':
    case 'negate':
    case 'invariant':
      return [plan.expr];
    case 'call':
      return plan.args;
    case 'aggregate':
      return plan.param === undefined ? [plan.expr] : [plan.expr, plan.param];
    case 'binary':
      return [plan.left, plan.right];
    default:
      return [];
  }
}

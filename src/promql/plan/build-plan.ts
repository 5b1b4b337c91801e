/** From the syntax tree to a plan. Source: promql/engine.go, PreprocessExpr (3.14). */
import { unreachable } from '../../base/assert.ts';
import type { AtModifier, Call, DurationExpr, Expr, VectorSelector } from '../parse/ast.ts';
import { type DurationContext, resolveDuration } from './durations.ts';
import type { Plan, SelectPlan, SubqueryPlan } from './plan.ts';

export interface PlanContext {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for instant queries. */
  readonly stepMs: number;
  readonly noStepSubqueryIntervalMs: number;
}

/** Throws OperationError 'bad-data' when a duration cannot be resolved. */
export function buildPlan(expr: Expr, context: PlanContext): Plan {
  const { plan, shouldWrap } = markInvariant(resolve(expr, { ...context, histograms: 'all' }));
  return shouldWrap ? wrap(plan) : plan;
}

/** What the functions around a selector need of native histograms; once buckets are needed, they stay so. */
interface Surroundings extends PlanContext {
  readonly histograms: 'all' | 'stats' | 'buckets';
}

function resolve(expr: Expr, context: Surroundings): Plan {
  const position = expr.position;
  switch (expr.kind) {
    case 'number':
      return { kind: 'number', position, value: expr.value };
    case 'string':
      return { kind: 'string', position, value: expr.value };
    case 'vectorSelector':
      return resolveSelector(expr, context);
    case 'matrixSelector': {
      const selector = resolveSelector(expr.selector, context);
      return { kind: 'range', position, selector, rangeMs: duration(expr.range, context) };
    }
    case 'subquery':
      return resolveSubquery(expr, context);
    case 'call':
      return resolveCall(expr, context);
    case 'aggregation': {
      const { op, grouping, without } = expr;
      const param = expr.param === undefined ? undefined : resolve(expr.param, context);
      const inner = resolve(expr.expr, context);
      return { kind: 'aggregate', position, op, expr: inner, param, grouping, without };
    }
    case 'binary': {
      const { op, matching, returnBool } = expr;
      const trims = op === '</' || op === '>/';
      const inside: Surroundings = trims ? { ...context, histograms: 'buckets' } : context;
      const left = resolve(expr.left, inside);
      const right = resolve(expr.right, inside);
      return { kind: 'binary', position, op, left, right, matching, returnBool };
    }
    case 'unary': {
      const inner = resolve(expr.expr, context);
      return expr.op === '-' ? { kind: 'negate', position, expr: inner } : inner;
    }
    case 'paren':
    case 'stepInvariant':
      return resolve(expr.expr, context);
    default:
      return unreachable(expr);
  }
}

function resolveSelector(selector: VectorSelector, context: Surroundings): SelectPlan {
  const { position, matchers, extended } = selector;
  const offsetMs = offset(selector.offset, context);
  return {
    kind: 'select',
    position,
    matchers,
    offsetMs,
    atMs: atTime(selector.at, context),
    extended,
    onlyHistogramStats: context.histograms === 'stats',
  };
}

function resolveSubquery(
  expr: Expr & { readonly kind: 'subquery' },
  context: Surroundings,
): SubqueryPlan {
  return {
    kind: 'subquery',
    position: expr.position,
    expr: resolve(expr.expr, { ...context, histograms: 'buckets' }),
    offsetMs: offset(expr.offset, context),
    stepMs:
      expr.step === undefined ? context.noStepSubqueryIntervalMs : duration(expr.step, context),
    rangeMs: duration(expr.range, context),
    atMs: atTime(expr.at, context),
  };
}

function resolveCall(expr: Call, context: Surroundings): Plan {
  const { position, func } = expr;
  const seconds = queryContextSeconds(func, context);
  if (seconds !== undefined) {
    return { kind: 'number', position, value: seconds };
  }
  const histograms = histogramsFor(func, context.histograms);
  const args = expr.args.map((arg) => resolve(arg, { ...context, histograms }));
  return { kind: 'call', position, func, args };
}

function histogramsFor(
  func: string,
  around: Surroundings['histograms'],
): Surroundings['histograms'] {
  if (around === 'buckets') return around;
  if (/^histogram_(quantiles?|fraction)$/.test(func)) return 'buckets';
  return /^histogram_(count|sum|avg)$/.test(func) ? 'stats' : around;
}

function queryContextSeconds(func: string, context: PlanContext): number | undefined {
  switch (func) {
    case 'start':
      return context.startMs / 1000;
    case 'end':
      return context.endMs / 1000;
    case 'range':
      return (context.endMs - context.startMs) / 1000;
    case 'step':
      return context.startMs === context.endMs ? 0 : context.stepMs / 1000;
    default:
      return undefined;
  }
}

function durationContext(context: PlanContext): DurationContext {
  return { stepMs: context.stepMs, rangeMs: context.endMs - context.startMs };
}

function duration(expr: DurationExpr, context: PlanContext): number {
  return resolveDuration(expr, durationContext(context), false);
}

function offset(expr: DurationExpr | undefined, context: PlanContext): number {
  return expr === undefined ? 0 : resolveDuration(expr, durationContext(context), true);
}

function atTime(at: AtModifier | undefined, context: PlanContext): number | undefined {
  if (at === undefined) return undefined;
  if (at.kind === 'time') return at.timeMs;
  return at.kind === 'start' ? context.startMs : context.endMs;
}

/** Functions whose result depends on the evaluation time itself, so that `@` does not make them invariant. */
const EVALUATION_TIME_FUNCTIONS: ReadonlySet<string> = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
]);

interface Marked {
  readonly plan: Plan;
  readonly invariant: boolean;
  /** False for what is invariant but needs no wrapping: ranges (their caller handles them) and strings. */
  readonly shouldWrap: boolean;
}

function markInvariant(plan: Plan): Marked {
  switch (plan.kind) {
    case 'number':
    case 'string':
      return { plan, invariant: true, shouldWrap: false };
    case 'select': {
      const invariant = plan.atMs !== undefined;
      return { plan, invariant, shouldWrap: invariant };
    }
    case 'range':
      return { plan, invariant: plan.selector.atMs !== undefined, shouldWrap: false };
    case 'subquery': {
      const inner = markInvariant(plan.expr);
      const expr = inner.invariant ? wrap(inner.plan) : inner.plan;
      return {
        plan: { ...plan, expr },
        invariant: plan.atMs !== undefined,
        shouldWrap: false,
      };
    }
    case 'aggregate':
    case 'negate': {
      const inner = markInvariant(plan.expr);
      return { ...inner, plan: { ...plan, expr: inner.plan } };
    }
    case 'binary': {
      const left = markInvariant(plan.left);
      const right = markInvariant(plan.right);
      if (left.invariant && right.invariant) {
        const whole = { ...plan, left: left.plan, right: right.plan };
        return { plan: whole, invariant: true, shouldWrap: true };
      }
      const parts = { left: wrapIf(left), right: wrapIf(right) };
      return { plan: { ...plan, ...parts }, invariant: false, shouldWrap: false };
    }
    case 'call': {
      const args = plan.args.map(markInvariant);
      const allInvariant = args.every(({ invariant }) => invariant);
      const ofSelectors = plan.args.every(({ kind }) => kind === 'select');
      const safe =
        !EVALUATION_TIME_FUNCTIONS.has(plan.func) || (plan.func === 'timestamp' && ofSelectors);
      if (allInvariant && safe) {
        const whole = { ...plan, args: args.map((arg) => arg.plan) };
        return { plan: whole, invariant: true, shouldWrap: true };
      }
      return { plan: { ...plan, args: args.map(wrapIf) }, invariant: false, shouldWrap: false };
    }
    case 'invariant':
      return { plan, invariant: true, shouldWrap: false };
    default:
      return unreachable(plan);
  }
}

function wrapIf({ plan, shouldWrap }: Marked): Plan {
  return shouldWrap ? wrap(plan) : plan;
}

function wrap(plan: Plan): Plan {
  return { kind: 'invariant', position: plan.position, expr: plan };
}

/** Which series and times each selector of a plan needs. Source: promql/engine.go, populateSeries (3.14). */
import type { SelectHints, SelectRequest } from '../../storage/queryable.ts';
import { infoSelector } from './info-selector.ts';
import type { CallPlan, Plan, SelectPlan } from './plan.ts';

export interface SelectContext {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for instant queries. */
  readonly stepMs: number;
  readonly lookbackMs: number;
}

export interface PlannedSelect {
  /** The selector, or the call of info() that joins the selected series. */
  readonly source: SelectPlan | CallPlan;
  readonly request: SelectRequest;
}

/** In the order of the query's text. The second argument of info() is no selector of its own. */
export function selectRequests(plan: Plan, context: SelectContext): PlannedSelect[] {
  const found: PlannedSelect[] = [];
  visit(plan, { ...context, path: [], rangeMs: 0, stepMs: context.stepMs }, found);
  return found.length > 1 ? withWhole(found) : found;
}

/** Tells each request the times of all, as Prometheus opens one querier for all selectors. */
function withWhole(found: readonly PlannedSelect[]): PlannedSelect[] {
  const whole = {
    minTime: Math.min(...found.map(({ request }) => request.minTime)),
    maxTime: Math.max(...found.map(({ request }) => request.maxTime)),
  };
  return found.map(({ source, request }) => ({ source, request: { ...request, whole } }));
}

/** Times are shifted and widened as the walk goes down through subqueries. */
interface Place extends SelectContext {
  readonly path: readonly Plan[];
  readonly rangeMs: number;
}

function visit(plan: Plan, place: Place, found: PlannedSelect[]): void {
  const path = [...place.path, plan];
  switch (plan.kind) {
    case 'select':
      found.push({ source: plan, request: requestFor(plan, place) });
      return;
    case 'range':
      visit(plan.selector, { ...place, path, rangeMs: plan.rangeMs }, found);
      return;
    case 'subquery': {
      const endMs = (plan.atMs ?? place.endMs) - plan.offsetMs;
      const startMs = (plan.atMs ?? place.startMs) - plan.offsetMs - plan.rangeMs;
      visit(plan.expr, { ...place, path, startMs, endMs, stepMs: plan.stepMs }, found);
      return;
    }
    case 'call': {
      const args = plan.func === 'info' ? plan.args.slice(0, 1) : plan.args;
      for (const arg of args) visit(arg, { ...place, path }, found);
      if (plan.func === 'info') found.push({ source: plan, request: infoRequest(plan, place) });
      return;
    }
    case 'aggregate':
      visit(plan.expr, { ...place, path }, found);
      if (plan.param !== undefined) visit(plan.param, { ...place, path }, found);
      return;
    case 'binary':
      visit(plan.left, { ...place, path }, found);
      visit(plan.right, { ...place, path }, found);
      return;
    case 'negate':
    case 'invariant':
      visit(plan.expr, { ...place, path }, found);
      return;
    default:
      return;
  }
}

function requestFor(selector: SelectPlan, place: Place): SelectRequest {
  const { rangeMs, stepMs, lookbackMs, path } = place;
  const seesLookback = rangeMs === 0 || selector.extended !== undefined;
  // The left end is exclusive: a sample exactly at it is never seen.
  const before = rangeMs + (seesLookback ? lookbackMs : 0) - 1;
  const after = selector.extended === 'smoothed' ? lookbackMs : 0;
  return {
    matchers: selector.matchers,
    minTime: (selector.atMs ?? place.startMs) - before - selector.offsetMs,
    maxTime: (selector.atMs ?? place.endMs) + after - selector.offsetMs,
    hints: { stepMs, rangeMs, func: surroundingFunction(path), limit: 0, ...groupingOf(path) },
  };
}

function infoRequest(call: CallPlan, place: Place): SelectRequest {
  const { nameMatchers, dataMatchers, atMs, offsetMs } = infoSelector(call);
  return {
    matchers: [...nameMatchers, ...dataMatchers],
    minTime: (atMs ?? place.startMs) - (place.lookbackMs - 1) - offsetMs,
    maxTime: (atMs ?? place.endMs) - offsetMs,
    hints: { stepMs: place.stepMs, rangeMs: 0, func: 'info', grouping: [], by: false, limit: 0 },
  };
}

function surroundingFunction(path: readonly Plan[]): string {
  for (let i = path.length - 1; i >= 0; i--) {
    const plan = path[i] as Plan;
    if (plan.kind === 'aggregate') return plan.op;
    if (plan.kind === 'call') return plan.func;
    if (plan.kind === 'binary') return '';
  }
  return '';
}

function groupingOf(path: readonly Plan[]): Pick<SelectHints, 'grouping' | 'by'> {
  const parent = path.at(-1);
  if (parent?.kind !== 'aggregate') return { grouping: [], by: false };
  return { grouping: parent.grouping, by: !parent.without };
}

/** Which info series a call of info() joins, and at what time. Source: promql/info.go (3.14). */
import { METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { type CallPlan, childrenOfPlan, type Plan } from './plan.ts';

export const IDENTIFYING_LABELS: readonly string[] = ['instance', 'job'];

export interface InfoSelector {
  /** Names of the info metrics. */
  readonly nameMatchers: readonly Matcher[];
  /** On labels to join; none means all labels. */
  readonly dataMatchers: readonly Matcher[];
  /** The first selector of the argument decides for what time information is wanted. */
  readonly atMs: number | undefined;
  readonly offsetMs: number;
}

export function infoSelector(call: CallPlan): InfoSelector {
  const [argument, selector] = call.args as readonly [Plan, Plan | undefined];
  const matchers = selector?.kind === 'select' ? selector.matchers : [];
  const named = matchers.filter(({ name }) => name === METRIC_NAME);
  return {
    nameMatchers: effectiveNames(named),
    dataMatchers: matchers.filter(({ name }) => name !== METRIC_NAME),
    ...timeOfFirstSelector(argument),
  };
}

function effectiveNames(named: readonly Matcher[]): readonly Matcher[] {
  if (named.some(({ type }) => type === '=' || type === '=~')) return named;
  if (named.length === 0) return [{ type: '=', name: METRIC_NAME, value: 'target_info' }];
  return [{ type: '=~', name: METRIC_NAME, value: '.+_info' }, ...named];
}

function timeOfFirstSelector(plan: Plan): Pick<InfoSelector, 'atMs' | 'offsetMs'> {
  return findSelector(plan) ?? { atMs: undefined, offsetMs: 0 };
}

/** Subqueries around the selector shift its time, up to the first `@`. */
function findSelector(plan: Plan): Pick<InfoSelector, 'atMs' | 'offsetMs'> | undefined {
  if (plan.kind === 'select') return { atMs: plan.atMs, offsetMs: plan.offsetMs };
  for (const child of childrenOfPlan(plan)) {
    const found = findSelector(child);
    if (found === undefined) continue;
    if (plan.kind !== 'subquery' || found.atMs !== undefined) return found;
    return { atMs: plan.atMs, offsetMs: found.offsetMs + plan.offsetMs };
  }
  return undefined;
}

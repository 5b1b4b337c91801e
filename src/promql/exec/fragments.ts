/**
 * What a plan tells about the label sets of its rows before it runs. An operator may give one label set in
 * several rows, at different steps: most parents do not care, those that do merge them.
 */
import { METRIC_NAME } from '../../model/labels.ts';
import { rangeFunction } from '../function/range-functions.ts';
import type { Plan } from '../plan/plan.ts';

/** Whether all rows have the same metric name, so that dropping it makes no two of them equal. */
export function sharesOneName(plan: Plan): boolean {
  switch (plan.kind) {
    case 'select':
      return plan.matchers.some(({ type, name }) => type === '=' && name === METRIC_NAME);
    case 'range':
      return sharesOneName(plan.selector);
    case 'subquery':
    case 'invariant':
    case 'negate':
      return sharesOneName(plan.expr);
    case 'aggregate':
      return !['topk', 'bottomk', 'limitk', 'limit_ratio'].includes(plan.op)
        ? !plan.grouping.some((name) => name.startsWith('__')) || plan.without
        : sharesOneName(plan.expr);
    case 'call': {
      if (!keepsLabels(plan.func)) return false;
      const inner = plan.args.find(({ kind }) => kind !== 'number' && kind !== 'string');
      return inner === undefined || sharesOneName(inner);
    }
    default:
      return false;
  }
}

/** Functions that leave labels alone, but for the metric's name. */
function keepsLabels(func: string): boolean {
  return !['label_replace', 'label_join', 'info', 'absent', 'absent_over_time'].includes(func);
}

/** Whether rows of one label set may come in pieces. */
export function mayFragment(plan: Plan): boolean {
  switch (plan.kind) {
    case 'select':
      return false;
    case 'invariant':
      return mayFragment(plan.expr);
    case 'aggregate':
      return (
        ['topk', 'bottomk', 'limitk', 'limit_ratio'].includes(plan.op) && mayFragment(plan.expr)
      );
    case 'negate':
      return mayFragment(plan.expr) || !sharesOneName(plan.expr);
    case 'call': {
      if (rangeFunction(plan.func) !== undefined) return false;
      // A series with classic and native buckets at different times gives one row for each kind.
      if (/^histogram_(quantiles?|fraction)$/.test(plan.func)) return true;
      const inner = plan.args.find(({ kind }) => kind !== 'number' && kind !== 'string');
      if (inner === undefined) return false;
      return mayFragment(inner) || !sharesOneName(inner) || !keepsLabels(plan.func);
    }
    default:
      return true;
  }
}

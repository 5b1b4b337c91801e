import { childrenOfPlan, type Plan } from './plan.ts';

/** The order in which Prometheus finishes the parts of a query: arguments first, from left to right. */
export function evaluationOrder(plan: Plan): ReadonlyMap<Plan, number> {
  const order = new Map<Plan, number>();
  const visit = (part: Plan): void => {
    for (const child of inOrder(part)) visit(child);
    order.set(part, order.size);
  };
  visit(plan);
  return order;
}

/** A subquery is evaluated before its call's other arguments, a parameter before what is aggregated. */
function inOrder(plan: Plan): readonly Plan[] {
  const children = childrenOfPlan(plan);
  if (plan.kind === 'aggregate') return [...children].reverse();
  if (plan.kind !== 'call') return children;
  const isSubquery = ({ kind }: Plan): boolean => kind === 'subquery';
  return [...children.filter(isSubquery), ...children.filter((child) => !isSubquery(child))];
}

import type { Matcher } from '../../model/matcher.ts';
import type { Expr } from './ast.ts';

/** The expressions right below one, in Prometheus' order: an aggregation's parameter comes last. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vectorSelector':
      return [];
    case 'matrixSelector':
      return [expr.selector];
    case 'call':
      return expr.args;
    case 'aggregation':
      return expr.param === undefined ? [expr.expr] : [expr.expr, expr.param];
    case 'binary':
      return [expr.left, expr.right];
    case 'subquery':
    case 'unary':
    case 'paren':
    case 'stepInvariant':
      return [expr.expr];
  }
}

/** The matchers of every selector of a tree. */
export function selectorsOf(expr: Expr): readonly (readonly Matcher[])[] {
  const own = expr.kind === 'vectorSelector' ? [expr.matchers] : [];
  return [...own, ...children(expr).flatMap(selectorsOf)];
}

/** Every expression of a tree, each before those below it, with those above it, the root first. */
export function* walk(
  expr: Expr,
  path: readonly Expr[] = [],
): Generator<{ readonly expr: Expr; readonly path: readonly Expr[] }> {
  yield { expr, path };
  const below = [...path, expr];
  for (const child of children(expr)) yield* walk(child, below);
}

/** How many levels a tree has; needs no stack of its own. */
export function treeDepth(root: Expr): number {
  let level: readonly Expr[] = [root];
  let depth = 0;
  while (level.length > 0) {
    depth++;
    level = level.flatMap(children);
  }
  return depth;
}

import type { AtModifier, Expr, VectorSelector } from '../../promql/parse/ast.ts';

/** Changes the `@` of every selector and subquery, present or not. */
export function rewriteAt(
  expr: Expr,
  change: (at: AtModifier | undefined) => AtModifier | undefined,
  entersSubqueries: boolean,
): Expr {
  const inner = (child: Expr): Expr => rewriteAt(child, change, entersSubqueries);
  const select = (selector: VectorSelector): VectorSelector => ({
    ...selector,
    at: change(selector.at),
  });
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'vectorSelector':
      return select(expr);
    case 'matrixSelector':
      return { ...expr, selector: select(expr.selector) };
    case 'subquery':
      return {
        ...expr,
        at: change(expr.at),
        expr: entersSubqueries ? inner(expr.expr) : expr.expr,
      };
    case 'call':
      return { ...expr, args: expr.args.map(inner) };
    case 'aggregation':
      return { ...expr, expr: inner(expr.expr), param: expr.param && inner(expr.param) };
    case 'binary':
      return { ...expr, left: inner(expr.left), right: inner(expr.right) };
    case 'unary':
    case 'paren':
    case 'stepInvariant':
      return { ...expr, expr: inner(expr.expr) };
  }
}

/** /api/v1/format_query and /api/v1/parse_query. Source: Prometheus web/api/v1. */
import { errorText } from '../base/errors.ts';
import type { Expr } from '../promql/parse/ast.ts';
import { parseExpr } from '../promql/parse/parse-expr.ts';
import { prettyExpr } from '../promql/parse/pretty.ts';
import type { SyntaxOptions } from '../promql/parse/syntax-options.ts';
import type { HttpRoute } from '../transport/http-route.ts';
import { apiRoute, GET_OR_POST } from './api-route.ts';
import { dataAnswer } from './envelope.ts';
import { expressionJson, placedExpressionJson } from './expression-json.ts';
import { invalidParameter, switchParameter } from './parameters.ts';

export function expressionRoutes(syntax: SyntaxOptions): readonly HttpRoute[] {
  const route = (name: string, show: (expr: Expr, query: URLSearchParams) => unknown): HttpRoute =>
    apiRoute({
      methods: GET_OR_POST,
      path: `/api/v1/${name}`,
      handler: name,
      action: ({ query }) => dataAnswer(show(parse(query.get('query') ?? '', syntax), query)),
    });
  return [route('format_query', prettyExpr), route('parse_query', showParsed)];
}

/** With `positions`, which is ours alone, nodes tell their places. */
function showParsed(expr: Expr, query: URLSearchParams): unknown {
  return switchParameter(query, 'positions', false)
    ? placedExpressionJson(expr)
    : expressionJson(expr);
}

function parse(query: string, syntax: SyntaxOptions): Expr {
  try {
    return parseExpr(query, syntax);
  } catch (error) {
    throw invalidParameter('query', errorText(error));
  }
}

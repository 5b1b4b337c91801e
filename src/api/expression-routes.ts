/** /api/v1/format_query and /api/v1/parse_query. Source: Prometheus web/api/v1. */
import { errorText } from '../base/errors.ts';
import type { Expr } from '../promql/parse/ast.ts';
import { parseExpr } from '../promql/parse/parse-expr.ts';
import { prettyExpr } from '../promql/parse/pretty.ts';
import type { SyntaxOptions } from '../promql/parse/syntax-options.ts';
import type { HttpRoute } from '../transport/http-route.ts';
import { dataAnswer, errorAnswer } from './envelope.ts';
import { expressionJson } from './expression-json.ts';
import { invalidParameter } from './parameters.ts';

export function expressionRoutes(syntax: SyntaxOptions): readonly HttpRoute[] {
  const route = (name: string, show: (expr: Expr) => unknown): HttpRoute => ({
    methods: ['GET', 'POST'],
    path: `/api/v1/${name}`,
    handler: name,
    handle({ query }) {
      try {
        return dataAnswer(show(parseExpr(query.get('query') ?? '', syntax)));
      } catch (error) {
        return errorAnswer(invalidParameter('query', errorText(error)));
      }
    },
  });
  return [route('format_query', prettyExpr), route('parse_query', expressionJson)];
}

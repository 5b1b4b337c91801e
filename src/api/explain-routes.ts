/**
 * /api/v1/query_explain and /api/v1/query_range_explain: how a query would run, without running it. Source: Thanos
 * pkg/api/query.
 */
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { explainPlan } from '../promql/exec/analyse.ts';
import { parseExpr } from '../promql/parse/parse-expr.ts';
import type { SyntaxOptions } from '../promql/parse/syntax-options.ts';
import { buildPlan } from '../promql/plan/build-plan.ts';
import type { HttpRequest, HttpRoute } from '../transport/http-route.ts';
import { apiRoute, GET_OR_POST } from './api-route.ts';
import { dataAnswer } from './envelope.ts';
import { durationParameter, invalidParameter, timeParameter } from './parameters.ts';
import { explainJson } from './query-statistics.ts';

export interface ExplainApi {
  readonly clock: Clock;
  readonly syntax: SyntaxOptions;
  readonly noStepSubqueryIntervalMs: number;
}

interface Times {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export function explainRoutes(api: ExplainApi): readonly HttpRoute[] {
  const route = (name: string, timesOf: (query: URLSearchParams) => Times): HttpRoute =>
    apiRoute({
      methods: GET_OR_POST,
      path: `/api/v1/${name}`,
      handler: name,
      action: (request) => dataAnswer(explain(api, request, timesOf(request.query))),
    });
  return [
    route('query_explain', (query) => {
      const timeMs = timeParameter(query, 'time', api.clock.nowMs());
      return { startMs: timeMs, endMs: timeMs, stepMs: 0 };
    }),
    route('query_range_explain', (query) => ({
      startMs: timeParameter(query, 'start'),
      endMs: timeParameter(query, 'end'),
      stepMs: durationParameter(query, 'step'),
    })),
  ];
}

function explain(api: ExplainApi, { query }: HttpRequest, times: Times): unknown {
  const text = query.get('query') ?? '';
  const { syntax, noStepSubqueryIntervalMs } = api;
  try {
    const expr = parseExpr(text, syntax);
    return explainJson(explainPlan(buildPlan(expr, { ...times, noStepSubqueryIntervalMs }), text));
  } catch (error) {
    throw invalidParameter('query', errorText(error));
  }
}

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { STABLE_SYNTAX } from '../promql/parse/syntax-options.ts';
import { explainRoutes } from './explain-routes.ts';
import { expressionRoutes } from './expression-routes.ts';
import { callRoute } from './testing/request.ts';

const clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  after: () => () => undefined,
  sleep: async () => undefined,
};
const routes = [
  ...expressionRoutes(STABLE_SYNTAX),
  ...explainRoutes({ clock, syntax: STABLE_SYNTAX, noStepSubqueryIntervalMs: 60_000 }),
];

async function data(path: string, parameters: Record<string, string>): Promise<unknown> {
  const { body } = await callRoute(routes, `/api/v1/${path}?${new URLSearchParams(parameters)}`);
  return (body as { readonly data: unknown }).data;
}

test('a parsed expression tells its places when it is asked to', async () => {
  const query = 'sum( a{b="µ"}) / 2';
  const plain = JSON.stringify(await data('parse_query', { query }));
  assert.ok(!plain.includes('position'), plain);
  const placed = (await data('parse_query', { query, positions: 'true' })) as {
    readonly position: unknown;
    readonly lhs: { readonly position: unknown; readonly expr: { readonly position: unknown } };
    readonly rhs: { readonly position: unknown };
  };
  assert.deepEqual(placed.position, { start: 0, end: 19 });
  assert.deepEqual(placed.lhs.position, { start: 0, end: 15 });
  assert.deepEqual(placed.lhs.expr.position, { start: 5, end: 14 });
  assert.deepEqual(placed.rhs.position, { start: 18, end: 19 });
});

test('a query is explained without being run', async () => {
  const query = 'sum(rate(a[1m]))';
  const selector = { name: '[matrixSelector] a[1m]', kind: 'matrixSelector', start: 9, end: 14 };
  const rate = { name: '[function] rate', kind: 'call', start: 4, end: 15, children: [selector] };
  const sum = { name: '[aggregate] sum by ([])', kind: 'aggregation', start: 0, end: 16 };
  const want = { ...sum, children: [rate] };
  assert.deepEqual(await data('query_explain', { query }), want);
  const range = { query, start: '0', end: '60', step: '15' };
  assert.deepEqual(await data('query_range_explain', range), want);
  const { status, body } = await callRoute(routes, '/api/v1/query_explain?query=sum(');
  assert.equal(status, 400);
  assert.equal((body as { readonly errorType: string }).errorType, 'bad_data');
});

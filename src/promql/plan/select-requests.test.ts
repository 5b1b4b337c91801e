import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { SelectRequest } from '../../storage/queryable.ts';
import { parseExpr } from '../parse/parse-expr.ts';
import { FULL_SYNTAX } from '../parse/syntax-options.ts';
import { buildPlan } from './build-plan.ts';
import { selectRequests } from './select-requests.ts';

/** @param when milliseconds, `at` or `start..end` of a range query of 1 s steps; the lookback is 5 s. */
function f(query: string, when: string, want: readonly string[]): void {
  const [startMs = 0, endMs = startMs] = when.split('..').map(Number);
  const stepMs = when.includes('..') ? 1000 : 0;
  const context = { startMs, endMs, stepMs, lookbackMs: 5000, noStepSubqueryIntervalMs: 60_000 };
  const plan = buildPlan(parseExpr(query, FULL_SYNTAX), context);
  const got = selectRequests(plan, context).map(({ request }) => printRequest(request));
  assert.deepEqual(got, want, query);
}

function printRequest({ minTime, maxTime, hints }: SelectRequest): string {
  const { stepMs, rangeMs, func, by, grouping } = hints;
  const parts = [`${minTime}..${maxTime}`];
  if (stepMs !== 0) parts.push(`step ${stepMs}`);
  if (rangeMs !== 0) parts.push(`range ${rangeMs}`);
  if (func !== '') parts.push(func);
  if (by || grouping.length > 0) parts.push(`${by ? 'by' : 'without'} (${grouping.join(', ')})`);
  return parts.join(' ');
}

test('selectors of a query with several know the times of all', () => {
  const times = { startMs: 200_000, endMs: 200_000, stepMs: 0, lookbackMs: 5000 };
  const context = { ...times, noStepSubqueryIntervalMs: 60_000 };
  const wholes = (query: string): unknown[] => {
    const plan = buildPlan(parseExpr(query, FULL_SYNTAX), context);
    return selectRequests(plan, context).map(({ request }) => request.whole);
  };
  const whole = { minTime: 80_001, maxTime: 300_000 };
  assert.deepEqual(wholes('foo @ 300 + rate(bar[2m])'), [whole, whole]);
  assert.deepEqual(wholes('foo'), [undefined]);
});

/** Queries and hints of Prometheus' own engine (promql/engine_test.go, TestSelectHintsSetCorrectly, 3.14). */
test('selectors ask for the times and with the hints that Prometheus asks with', () => {
  f('foo', '10000', ['5001..10000']);
  f('foo @ 15', '10000', ['10001..15000']);
  f('foo @ 1', '10000', ['-3999..1000']);
  f('foo[2m]', '200000', ['80001..200000 range 120000']);
  f('foo[2m] @ 180', '200000', ['60001..180000 range 120000']);
  f('foo[2m] @ 300', '200000', ['180001..300000 range 120000']);
  f('foo[2m] @ 60', '200000', ['-59999..60000 range 120000']);
  f('foo[2m] offset 2m', '300000', ['60001..180000 range 120000']);
  f('foo[2m] @ 200 offset 2m', '300000', ['-39999..80000 range 120000']);
  f('foo[2m:1s]', '300000', ['175001..300000 step 1000']);
  f('count_over_time(foo[2m:1s])', '300000', ['175001..300000 step 1000 count_over_time']);
  f('count_over_time(foo[2m:1s] @ 300)', '200000', ['175001..300000 step 1000 count_over_time']);
  f('count_over_time(foo[2m:1s] @ 200)', '200000', ['75001..200000 step 1000 count_over_time']);
  f('count_over_time(foo[2m:1s] @ 100)', '200000', ['-24999..100000 step 1000 count_over_time']);
  f('count_over_time(foo[2m:1s] offset 10s)', '300000', [
    '165001..290000 step 1000 count_over_time',
  ]);
  f('count_over_time((foo offset 10s)[2m:1s] offset 10s)', '300000', [
    '155001..280000 step 1000 count_over_time',
  ]);
  f('count_over_time((foo @ 200 offset 10s)[2m:1s] offset 10s)', '300000', [
    '185001..190000 step 1000 count_over_time',
  ]);
  f('count_over_time((foo @ 200 offset 10s)[2m:1s] @ 100 offset 10s)', '300000', [
    '185001..190000 step 1000 count_over_time',
  ]);
  f('count_over_time((foo offset 10s)[2m:1s] @ 100 offset 10s)', '300000', [
    '-44999..80000 step 1000 count_over_time',
  ]);
  f('foo', '10000..20000', ['5001..20000 step 1000']);
  f('foo @ 15', '10000..20000', ['10001..15000 step 1000']);
  f('foo @ 1', '10000..20000', ['-3999..1000 step 1000']);
  f('rate(foo[2m] @ 180)', '200000..500000', ['60001..180000 step 1000 range 120000 rate']);
  f('rate(foo[2m] @ 300)', '200000..500000', ['180001..300000 step 1000 range 120000 rate']);
  f('rate(foo[2m] @ 60)', '200000..500000', ['-59999..60000 step 1000 range 120000 rate']);
  f('rate(foo[2m])', '200000..500000', ['80001..500000 step 1000 range 120000 rate']);
  f('rate(foo[2m] offset 2m)', '300000..500000', ['60001..380000 step 1000 range 120000 rate']);
  f('rate(foo[2m:1s])', '300000..500000', ['175001..500000 step 1000 rate']);
  f('count_over_time(foo[2m:1s])', '300000..500000', ['175001..500000 step 1000 count_over_time']);
  f('count_over_time(foo[2m:1s] offset 10s)', '300000..500000', [
    '165001..490000 step 1000 count_over_time',
  ]);
  f('count_over_time(foo[2m:1s] @ 300)', '200000..500000', [
    '175001..300000 step 1000 count_over_time',
  ]);
  f('count_over_time(foo[2m:1s] @ 200)', '200000..500000', [
    '75001..200000 step 1000 count_over_time',
  ]);
  f('count_over_time(foo[2m:1s] @ 100)', '200000..500000', [
    '-24999..100000 step 1000 count_over_time',
  ]);
  f('count_over_time((foo offset 10s)[2m:1s] offset 10s)', '300000..500000', [
    '155001..480000 step 1000 count_over_time',
  ]);
  f('count_over_time((foo @ 200 offset 10s)[2m:1s] offset 10s)', '300000..500000', [
    '185001..190000 step 1000 count_over_time',
  ]);
  f('count_over_time((foo @ 200 offset 10s)[2m:1s] @ 100 offset 10s)', '300000..500000', [
    '185001..190000 step 1000 count_over_time',
  ]);
  f('count_over_time((foo offset 10s)[2m:1s] @ 100 offset 10s)', '300000..500000', [
    '-44999..80000 step 1000 count_over_time',
  ]);
  f('sum by (dim1) (foo)', '10000', ['5001..10000 sum by (dim1)']);
  f('sum without (dim1) (foo)', '10000', ['5001..10000 sum without (dim1)']);
  f('sum by (dim1) (avg_over_time(foo[1s]))', '10000', ['9001..10000 range 1000 avg_over_time']);
  f('sum by (dim1) (max by (dim2) (foo))', '10000', ['5001..10000 max by (dim2)']);
  f('(max by (dim1) (foo))[5s:1s]', '10000', ['1..10000 step 1000 max by (dim1)']);
  f('(sum(http_requests{group=~"p.*"})+max(http_requests{group=~"c.*"}))[20s:5s]', '120000', [
    '95001..120000 step 5000 sum by ()',
    '95001..120000 step 5000 max by ()',
  ]);
  f('foo @ 50 + bar @ 250 + baz @ 900', '100000..500000', [
    '45001..50000 step 1000',
    '245001..250000 step 1000',
    '895001..900000 step 1000',
  ]);
  f('foo @ 50 + bar + baz @ 900', '100000..500000', [
    '45001..50000 step 1000',
    '95001..500000 step 1000',
    '895001..900000 step 1000',
  ]);
  f('rate(foo[2s] @ 50) + bar @ 250 + baz @ 900', '100000..500000', [
    '48001..50000 step 1000 range 2000 rate',
    '245001..250000 step 1000',
    '895001..900000 step 1000',
  ]);
  f('rate(foo[2s:1s] @ 50) + bar + baz', '100000..500000', [
    '43001..50000 step 1000 rate',
    '95001..500000 step 1000',
    '95001..500000 step 1000',
  ]);
  f('rate(foo[2s:1s] @ 50) + bar + rate(baz[2m:1s] @ 900 offset 2m)', '100000..500000', [
    '43001..50000 step 1000 rate',
    '95001..500000 step 1000',
    '655001..780000 step 1000 rate',
  ]);
  f('sum_over_time(sum_over_time(metric{job="1"}[100s])[100s:25s] @ 50)[3s:1s] @ 3000', '100000', [
    '-149999..50000 step 25000 range 100000 sum_over_time',
  ]);
  f('sum_over_time(sum_over_time(metric{job="1"}[100s])[100s:25s] @ 3000)[3s:1s] @ 50', '0', [
    '2800001..3000000 step 25000 range 100000 sum_over_time',
  ]);
});

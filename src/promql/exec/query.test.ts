import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { testKernel } from '../../base/testing/kernel.ts';
import { ResultCollector } from './result-collector.ts';
import {
  minutes,
  prepareText,
  type RequestChanges,
  runText,
  storeOf,
} from './testing/evaluate-text.ts';

const DATA = `
  up{job="a", i="1"} 1 1 1 1 1 1 1 1 1 1 1
  up{job="a", i="2"} 1 1 1 1 1 1 1 1 1 1 0
  up{job="b", i="1"} 1 1 1 1 1 1 1 1 stale
  c_total{job="a"} 0 60 120 180 240 300 360 0 60 120 180
  limit{job="a"} 2 2 2 2 2 2 2 2 2 2 2
  limit{job="b"} 1 1 1 1 1 1 1 1 1 1 1
  x_bucket{le="1"} 0 1 2 3 4 5 6 7 8 9 10
  x_bucket{le="2"} 0 2 4 6 8 10 12 14 16 18 20
  x_bucket{le="+Inf"} 0 2 4 6 8 10 12 14 16 18 20
`;

const store = storeOf(DATA);
const kernel = testKernel();

async function f(
  query: string,
  want: readonly string[],
  changes: RequestChanges = {},
): Promise<void> {
  const { lines } = await runText(store, query, { kernel, ...changes });
  assert.deepEqual(lines, want, query);
}

test('selectors see the newest sample inside the lookback, and no stale one', async () => {
  await f('up', ['{__name__="up", i="1", job="a"} 1', '{__name__="up", i="2", job="a"} 0']);
  await f('up{job="b"}', []);
  await f('up{job="b"} offset 3m', ['{__name__="up", i="1", job="b"} 1']);
  await f('up{job="b"} @ 60', ['{__name__="up", i="1", job="b"} 1']);
  await f('up{i="2"}', ['{__name__="up", i="2", job="a"} 0@600 0@840'], minutes(10, 18, 4));
});

test('range functions slide over floats', async () => {
  await f('increase(c_total[4m])', ['{job="a"} 180']);
  await f('resets(c_total[5m])', ['{job="a"} 1']);
  await f('max_over_time(c_total[2m])', ['{job="a"} 360@360 360@420 60@480'], minutes(6, 8));
  await f('quantile_over_time(scalar(limit{job="b"}), c_total[3m])', ['{job="a"} 180']);
  await f('c_total[2m]', ['{__name__="c_total", job="a"} 120@540 180@600']);
  await f('max_over_time(rate(c_total[2m])[3m:1m] @ 300)', ['{job="a"} 1']);
});

test('aggregations fold groups', async () => {
  await f('sum by (job) (up)', ['{job="a"} 1']);
  await f('count without (i) (up offset 3m)', ['{job="a"} 2', '{job="b"} 1']);
  await f('topk(1, limit)', ['{__name__="limit", job="a"} 2']);
  await f('bottomk by (job) (1, up)', ['{__name__="up", i="2", job="a"} 0']);
  await f('quantile(0.5, up)', ['{} 0.5']);
  await f('count_values("v", up)', ['{v="1"} 1', '{v="0"} 1']);
});

test('binary operators match by labels', async () => {
  await f('limit - 1', ['{job="a"} 1', '{job="b"} 0']);
  await f('limit > 1', ['{__name__="limit", job="a"} 2']);
  await f('1 < bool limit', ['{job="a"} 1', '{job="b"} 0']);
  await f('up * on (job) group_left limit', ['{i="1", job="a"} 2', '{i="2", job="a"} 0']);
  await f('sum by (job) (up) / limit', ['{job="a"} 0.5']);
  await f('limit unless on (job) up', ['{__name__="limit", job="b"} 1']);
});

test('classic histograms give quantiles', async () => {
  await f('histogram_quantile(0.75, rate(x_bucket[5m]))', ['{} 1.5']);
});

test('a many-to-many match is refused with both series', async () => {
  const want = /found duplicate series for the match group \{job="a"\} on the right hand-side/;
  await assert.rejects(runText(store, 'limit * on (job) up', { kernel }), want);
});

test('series that become equal without their names are refused', async () => {
  const query = '-{__name__=~"limit|c_total", job="a"}';
  await assert.rejects(runText(store, query, { kernel }), /same labelset/);
});

test('remarks name their place', async () => {
  const { outcome } = await runText(store, 'sum(rate(limit[5m]))', { kernel });
  assert.deepEqual(outcome.annotations.infos, [
    'PromQL info: metric might not be a counter, name does not end in ' +
      '_total/_sum/_count/_bucket: "limit" (1:10)',
  ]);
});

test('more samples than allowed are refused', async () => {
  const want = /would load too many samples into memory in query execution/;
  await assert.rejects(runText(store, 'up', { kernel, maxSamples: 1 }), want);
  await assert.rejects(runText(store, 'sum(rate(c_total[5m]))', { kernel, maxSamples: 5 }), want);
  await runText(store, 'sum(rate(c_total[5m]))', { kernel, maxSamples: 6 });
});

test('more steps than memory is given for are refused', async () => {
  const want = /cannot evaluate a subquery at 86400000 steps of 1 ms: at most 10000000 are allowed/;
  await assert.rejects(runText(store, 'sum_over_time(vector(1)[1d:1ms])', { kernel }), want);
});

test('statistics count a sample for each step that sees it', async () => {
  const { outcome } = await runText(store, 'rate(c_total[2m])', {
    kernel,
    ...minutes(2, 5),
    countsWindows: true,
  });
  assert.equal(outcome.statistics.totalSamples, 8);
});

test('a query runs in slices and can be canceled between series', async () => {
  using prepared = await prepareText(store, 'sum(up offset 3m)');
  const collector = new ResultCollector(kernel);
  const options = { isCanceled: () => false, shouldPause: () => true };
  let slices = 0;
  for (const _ of prepared.runInSlices(kernel, collector, options)) slices++;
  assert.equal(slices, 4);
  assert.deepEqual(collector.result, {
    kind: 'vector',
    samples: [{ labels: [], time: 600_000, value: 3 }],
  });
  using canceled = await prepareText(store, 'sum(up)');
  assert.throws(
    () => canceled.run(kernel, new ResultCollector(kernel), { isCanceled: () => true }),
    /query was canceled in expression evaluation/,
  );
});

test('a range vector has no place in a range query', async () => {
  await assert.rejects(
    prepareText(store, 'up[5m]', minutes(1, 2)),
    /invalid expression type "range vector" for range query, must be Scalar or instant Vector/,
  );
});

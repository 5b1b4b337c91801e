import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { testKernel } from '../../base/testing/kernel.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import { labelsOf } from '../../model/labels.ts';
import { MemoryStore } from '../../storage/memory-store.ts';
import { runText } from './testing/evaluate-text.ts';

/** Series with a sample each 10 seconds: one, three, and one of histograms. */
const store = new MemoryStore();
for (let i = 0; i <= 100; i++) {
  const time = i * 10_000;
  store.append(labelsOf({ __name__: 'one' }), { time, value: i });
  for (const [a, b] of ['11', '22', '32'] as const) {
    store.append(labelsOf({ __name__: 'three', a: a as string, b: b as string }), {
      time,
      value: i,
    });
  }
  store.append(labelsOf({ __name__: 'histogram' }), { time, value: histogramOf(i) });
}

function histogramOf(i: number): FloatHistogram {
  return {
    counterResetHint: 'unknown',
    schema: 1,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 5 + 10 * i,
    sum: 20 + 5 * i,
    stale: false,
    positiveSpans: [{ offset: 0, length: 4 }],
    negativeSpans: [],
    positiveBuckets: Float64Array.of(1 + i, 2 + 2 * i, 1 + 3 * i, 1 + 4 * i),
    negativeBuckets: new Float64Array(0),
    customValues: new Float64Array(0),
  };
}

const kernel = testKernel();

/** @param when seconds, `at` or `start..end/step`. @param want samples in total, read once, held at most. */
async function f(query: string, when: string, want: readonly number[]): Promise<void> {
  const [start = 0, end = start, step = 0] = when.split(/\D+/).map((text) => Number(text) * 1000);
  const times = { startMs: start, endMs: end, stepMs: step };
  const { outcome } = await runText(store, query, { kernel, ...times, countsWindows: true });
  const { totalSamples, samplesRead, peakSamples } = outcome.statistics;
  assert.deepEqual([totalSamples, samplesRead, peakSamples], want, `${query} at ${when}`);
}

/** Queries and figures of Prometheus' own engine (promql/engine_test.go, TestQueryStatistics, 3.14). */
test('samples are counted as Prometheus counts them', async () => {
  await f('"literal string"', '21', [0, 0, 0]);
  await f('1', '21', [0, 0, 1]);
  await f('one', '21', [1, 1, 1]);
  await f('histogram', '21', [13, 13, 13]);
  await f('timestamp(one)', '21', [1, 1, 2]);
  await f('timestamp(histogram)', '21', [1, 1, 2]);
  await f('one', '22', [1, 1, 1]);
  await f('one offset 10s', '21', [1, 1, 1]);
  await f('one @ 15', '21', [1, 1, 1]);
  await f('three{a="1"}', '21', [1, 1, 1]);
  await f('three{a="1"} @ 19', '21', [1, 1, 1]);
  await f('three{a="1"}[20s] @ 19', '21', [2, 2, 2]);
  await f('three', '21', [3, 3, 3]);
  await f('one[60s]', '201', [6, 6, 6]);
  await f('histogram[60s]', '201', [78, 78, 78]);
  await f('max_over_time(one[60s])[20s:5s]', '201', [24, 8, 10]);
  await f('max_over_time(one[61s])[20s:5s]', '201', [26, 8, 11]);
  await f('max_over_time(histogram[60s])[20s:5s]', '201', [312, 104, 78]);
  await f('one[60s] @ 30', '201', [4, 4, 4]);
  await f('histogram[60s] @ 30', '201', [52, 52, 52]);
  await f('sum(max_over_time(three[60s] @ 30))', '201', [12, 12, 7]);
  await f('sum by (b) (max_over_time(three[60s] @ 30))', '201', [12, 12, 7]);
  await f('one[60s] offset 10s', '201', [6, 6, 6]);
  await f('three[60s]', '201', [18, 18, 18]);
  await f('max_over_time(one[60s])', '201', [6, 6, 7]);
  await f('absent_over_time(one[60s])', '201', [6, 6, 7]);
  await f('max_over_time(three[60s])', '201', [18, 18, 9]);
  await f('one[60s:5s]', '201', [12, 12, 12]);
  await f('one[60s:5s] offset 10s', '201', [12, 12, 12]);
  await f('max_over_time(three[60s:5s])', '201', [36, 36, 51]);
  await f(
    'sum(max_over_time(three[60s:5s])) + sum(max_over_time(three[60s:5s]))',
    '201',
    [72, 72, 52],
  );
  await f('three{a="1"}', '201..220/5', [4, 4, 4]);
  await f('three{a="1"}', '204..223/5', [4, 4, 4]);
  await f('histogram', '204..223/5', [52, 52, 52]);
  await f('timestamp(one)', '201..220/5', [4, 4, 5]);
  await f('timestamp(histogram)', '201..220/5', [4, 4, 5]);
  await f('max_over_time(three{a="1"}[10s])', '991..1021/10', [2, 2, 2]);
  await f('three{a="1"} offset 10s', '201..220/5', [4, 4, 4]);
  await f('max_over_time(three[60s] @ 30)', '201..220/5', [48, 12, 12]);
  await f('three', '201..220/5', [12, 12, 12]);
  await f('max_over_time(three[60s])', '201..220/5', [72, 21, 18]);
  await f('max_over_time(three[60s:5s])', '201..216/5', [144, 45, 69]);
  await f('max_over_time(three[60s:5s])', '201..220/5', [144, 45, 69]);
  await f('max_over_time(one[60s:5s])', '201..220/5', [48, 15, 31]);
  await f('sum by (b) (max_over_time(one[60s:5s]))', '201..220/5', [48, 15, 31]);
  await f(
    'sum(max_over_time(three[60s:5s])) + sum(max_over_time(three[60s:5s]))',
    '201..220/5',
    [288, 90, 73],
  );
  await f(
    'sum(max_over_time(three[60s:5s])) + sum(max_over_time(one[60s:5s]))',
    '201..216/5',
    [192, 60, 69],
  );
  await f(
    'sum(max_over_time(three[60s:5s])) + sum(max_over_time(one[60s:5s]))',
    '201..220/5',
    [192, 60, 69],
  );
  await f('max_over_time(one[20s:10s])', '201', [2, 2, 5]);
  await f('sum_over_time(one[30s:30s])', '90', [1, 1, 3]);
  await f('max_over_time(one[30s:2m])', '240', [1, 1, 3]);
  await f('max_over_time(one[30s:10s])', '201..231/30', [6, 6, 11]);
  await f('max_over_time(one[20s:10s])', '201..261/10', [14, 8, 17]);
  await f('max_over_time(one[30s:10s])', '201..261/60', [6, 6, 14]);
  await f('histogram_count(max_over_time(histogram[20s:10s]))', '201', [26, 26, 52]);
  await f('avg_over_time(histogram[2m:1m])', '120..240/60', [78, 52, 117]);
  await f('max_over_time(three[60s:10s])', '200..400/30', [126, 72, 99]);
  await f('predict_linear(one[60s] @ 100, 60)', '100..300/100', [18, 6, 12]);
  await f('sum_over_time(three[20s:10s] @ 200)', '250', [6, 6, 11]);
  await f('sum_over_time(one[20s:10s] offset 1m)', '240', [2, 2, 5]);
  await f('sum_over_time(three[1m:10s] @ 200 offset 1m)', '300', [18, 18, 27]);
  await f(
    'sum_over_time(max_over_time(three[60s] @ 300)[5m:1m] @ 600)[10m:2m]',
    '800',
    [75, 18, 23],
  );
  await f('rate(sum_over_time(one[30s])[1m:30s])', '240', [2, 6, 5]);
});

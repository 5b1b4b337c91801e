import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { testKernel } from '../base/testing/kernel.ts';
import type { FloatHistogram } from '../model/histogram.ts';
import { labelsOf } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { isStaleAt } from '../model/stale.ts';
import { type MemorySample, MemoryStore } from './memory-store.ts';
import type { SelectHints } from './queryable.ts';

const hints: SelectHints = {
  stepMs: 0,
  rangeMs: 0,
  func: '',
  grouping: [],
  by: false,
  limit: 0,
};
const all: readonly Matcher[] = [{ type: '=~', name: '__name__', value: '.+' }];

function storeOf(...samples: readonly (readonly [string, ...MemorySample[]])[]): MemoryStore {
  const store = new MemoryStore();
  for (const [name, ...column] of samples) {
    for (const sample of column) store.append(labelsOf({ __name__: name }), sample);
  }
  return store;
}

test('series come in label order, each once, within the times asked for', async () => {
  const store = storeOf(
    ['b', { time: 1, value: 1 }],
    ['a', { time: 2, value: 1 }, { time: 3, value: 2 }],
    ['c', { time: 9, value: 1 }],
  );
  const f = async (minTime: number, maxTime: number, want: string, limit = 0): Promise<void> => {
    const request = { matchers: all, minTime, maxTime, hints: { ...hints, limit } };
    using set = await store.select(request);
    const names: string[] = [];
    while (set.next()) names.push(set.labels[1] as string);
    assert.equal(names.join(''), want);
  };
  await f(0, 10, 'abc');
  await f(0, 1, 'b');
  await f(2, 3, 'a');
  await f(4, 8, '');
  await f(0, 10, 'ab', 2);
});

test('columns hold values, stale markers and start times', async () => {
  const samples = Array.from({ length: 40 }, (_, i) => ({ time: i, value: i / 2, startTime: -i }));
  const store = storeOf(['a', ...samples, { time: 40, value: 'stale' }]);
  using set = await store.select({ matchers: all, minTime: 0, maxTime: 99, hints });
  assert.ok(set.next());
  const kernel = testKernel();
  const { times, values, startTimes, count, histograms } = set.read(kernel);
  assert.equal(count, 41);
  assert.equal(histograms.length, 0);
  assert.deepEqual([...kernel.f64.subarray(times >>> 3, (times >>> 3) + 3)], [0, 1, 2]);
  assert.equal(kernel.f64[(values >>> 3) + 39], 19.5);
  assert.equal(kernel.f64[(startTimes >>> 3) + 39], -39);
  assert.ok(isStaleAt(kernel.u32.subarray(values >>> 2), 40));
});

test('labels are listed', async () => {
  const store = new MemoryStore();
  store.append(labelsOf({ __name__: 'a', x: '2', y: '' }), { time: 1, value: 1 });
  store.append(labelsOf({ __name__: 'b', x: '1' }), { time: 1, value: 1 });
  const request = { matchers: [], minTime: 0, maxTime: 9, limit: 0 };
  assert.deepEqual((await store.labelNames(request)).values, ['__name__', 'x']);
  assert.deepEqual((await store.labelValues('x', request)).values, ['1', '2']);
  assert.deepEqual((await store.labelValues('x', { ...request, limit: 1 })).values, ['1']);
});

test('what comes too late is refused', () => {
  const store = storeOf(['a', { time: 5, value: 1 }]);
  assert.throws(() => store.append(labelsOf({ __name__: 'a' }), { time: 5, value: 2 }), {
    kind: 'bad-data',
    message: 'cannot append to {__name__="a"}: out of order sample at 5, newest is 5',
  });
});

/** A histogram with one bucket a count, from index 1. */
function histogram(change: Partial<FloatHistogram>, ...counts: readonly number[]): FloatHistogram {
  return {
    counterResetHint: 'unknown',
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count: counts.reduce((sum, count) => sum + count, 0),
    sum: 0,
    stale: false,
    positiveSpans: [{ offset: 1, length: counts.length }],
    negativeSpans: [],
    positiveBuckets: Float64Array.from(counts),
    negativeBuckets: new Float64Array(0),
    customValues: new Float64Array(0),
    ...change,
  };
}

test('reset hints are those that reading chunks gives', async () => {
  const f = async (
    values: readonly (FloatHistogram | number | 'stale')[],
    want: readonly string[],
    gapMs = 1000,
  ): Promise<void> => {
    const samples = values.map((value, i) => ({ time: i * gapMs, value }));
    using set = await storeOf(['a', ...samples]).select({
      matchers: all,
      minTime: 0,
      maxTime: 1e12,
      hints,
    });
    assert.ok(set.next());
    const hintsRead = set
      .read(testKernel())
      .histograms.map(({ histogram: { counterResetHint } }) => counterResetHint);
    assert.deepEqual(hintsRead, want);
  };
  const h = histogram;
  await f([h({}, 1), h({}, 1), h({}, 2)], ['unknown', 'not_reset', 'not_reset']);
  await f([h({}, 2), h({}, 1)], ['unknown', 'unknown']);
  await f([h({}, 2, 1), h({}, 1, 3)], ['unknown', 'unknown']);
  await f([h({}, 2), h({}, 2, 1), h({}, 2)], ['unknown', 'not_reset', 'unknown']);
  await f([h({}, 2, 0), h({}, 2)], ['unknown', 'not_reset']);
  await f([h({}, 1), h({ counterResetHint: 'reset' }, 2)], ['unknown', 'unknown']);
  await f([h({}, 1), h({ counterResetHint: 'not_reset' }, 2)], ['unknown', 'not_reset']);
  await f([h({}, 1), h({ schema: 1 }, 2)], ['unknown', 'unknown']);
  await f([h({}, 1), h({ zeroThreshold: 1 }, 2)], ['unknown', 'unknown']);
  await f([h({ zeroCount: 1, count: 2 }, 1), h({}, 3)], ['unknown', 'unknown']);
  const gauge = h({ counterResetHint: 'gauge' }, 5);
  await f([gauge, h({ counterResetHint: 'gauge' }, 1), h({}, 2)], ['gauge', 'gauge', 'unknown']);
  await f([h({}, 1), gauge], ['unknown', 'gauge']);
  await f([h({}, 1), 'stale', h({}, 1)], ['unknown', 'not_reset', 'unknown']);
  await f([h({}, 1), 3, h({}, 1)], ['unknown', 'unknown']);
  await f([h({}, 1), h({}, 1), h({}, 1)], ['unknown', 'not_reset', 'unknown'], 3_600_000);
});

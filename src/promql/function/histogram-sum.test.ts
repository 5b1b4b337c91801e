import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from '../../model/histogram.ts';
import { spansOfIndices } from '../../model/histogram-spans.ts';
import { exponentialBound } from './histogram-buckets.ts';
import { equalHistograms, isCounterReset } from './histogram-compare.ts';
import { histogramFraction, histogramQuantile } from './histogram-quantile.ts';
import { compactHistogram, HistogramSum } from './histogram-sum.ts';
import { printHistogram } from './histogram-text.ts';
import { trimHistogram } from './histogram-trim.ts';

interface Parts {
  readonly schema?: number;
  readonly threshold?: number;
  readonly zero?: number;
  readonly positive?: Readonly<Record<number, number>>;
  readonly negative?: Readonly<Record<number, number>>;
  readonly bounds?: readonly number[];
  readonly hint?: FloatHistogram['counterResetHint'];
}

/** A histogram whose count is that of its buckets. */
function make(parts: Parts): FloatHistogram {
  const { positive = {}, negative = {}, zero = 0 } = parts;
  const side = (buckets: Readonly<Record<number, number>>): [number[], number[]] => {
    const indices = Object.keys(buckets)
      .map(Number)
      .sort((a, b) => a - b);
    return [indices, indices.map((index) => buckets[index] as number)];
  };
  const [positiveIndices, positiveCounts] = side(positive);
  const [negativeIndices, negativeCounts] = side(negative);
  const all = [...positiveCounts, ...negativeCounts, zero];
  return {
    counterResetHint: parts.hint ?? 'unknown',
    schema: parts.bounds === undefined ? (parts.schema ?? 0) : CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: parts.threshold ?? 0,
    zeroCount: zero,
    count: all.reduce((a, b) => a + b, 0),
    sum: 10,
    stale: false,
    positiveSpans: spansOfIndices(positiveIndices),
    negativeSpans: spansOfIndices(negativeIndices),
    positiveBuckets: Float64Array.from(positiveCounts),
    negativeBuckets: Float64Array.from(negativeCounts),
    customValues: Float64Array.from(parts.bounds ?? []),
  };
}

function added(a: FloatHistogram, b: FloatHistogram, sign: 1 | -1 = 1): FloatHistogram {
  const sum = new HistogramSum(a);
  assert.equal(sum.addPlain(b, sign).compatible, true);
  return compactHistogram(sum.toHistogram());
}

test('bucket bounds are powers of two and end at the largest double', () => {
  for (let schema = -4; schema <= 8; schema++) {
    const perOctave = 2 ** schema;
    assert.equal(exponentialBound(0, schema), 1);
    assert.equal(
      exponentialBound(10 * Math.max(1, perOctave), schema),
      2 ** (10 / Math.min(1, perOctave)),
    );
    assert.equal(exponentialBound(1024 * perOctave, schema), Number.MAX_VALUE);
    assert.equal(exponentialBound(1024 * perOctave + 1, schema), Infinity);
  }
  assert.equal(exponentialBound(1, 3), 1.0905077326652577);
  assert.equal(exponentialBound(-1074, 0), Number.MIN_VALUE);
});

test('the coarser schema and the wider zero bucket win', () => {
  const fine = make({ schema: 1, positive: { 0: 1, 1: 2, 2: 3, 3: 4 } });
  const coarse = make({ schema: 0, positive: { 1: 10 }, negative: { 2: 1 } });
  assert.equal(
    printHistogram(added(fine, coarse)),
    '{count:21, sum:20, [-4,-2):1, (0.5,1]:1, (1,2]:15, (2,4]:4}',
  );
  const narrow = make({ threshold: 0.5, zero: 1, positive: { 0: 2, 1: 3 } });
  const wide = make({ threshold: 1, zero: 5, positive: { 2: 1 } });
  assert.equal(
    printHistogram(added(narrow, wide)),
    '{count:12, sum:20, [-1,1]:8, (1,2]:3, (2,4]:1}',
  );
  assert.equal(
    printHistogram(added(wide, narrow)),
    '{count:12, sum:20, [-1,1]:8, (1,2]:3, (2,4]:1}',
  );
});

test('custom bounds that differ are reduced to those in common', () => {
  const a = make({ bounds: [1, 2, 5], positive: { 0: 1, 1: 2, 2: 3, 3: 4 } });
  const b = make({ bounds: [1, 5, 8], positive: { 0: 10, 1: 20, 2: 30, 3: 40 } });
  const sum = new HistogramSum(a);
  assert.deepEqual(sum.addPlain(b, 1), { compatible: true, collision: false, reconciled: true });
  assert.equal(
    printHistogram(sum.toHistogram()),
    '{count:110, sum:20, [-Inf,1]:11, (1,5]:25, (5,+Inf]:74}',
  );
  assert.equal(new HistogramSum(a).addPlain(make({}), 1).compatible, false);
});

test('hints of summands: gauge wins, then unknown; opposite ones collide', () => {
  const hint = (a: FloatHistogram['counterResetHint'], b: FloatHistogram['counterResetHint']) => {
    const sum = new HistogramSum(make({ hint: a }));
    const { collision } = sum.addPlain(make({ hint: b }), 1);
    return `${sum.toHistogram().counterResetHint}${collision ? ' collides' : ''}`;
  };
  assert.equal(hint('gauge', 'reset'), 'gauge');
  assert.equal(hint('unknown', 'not_reset'), 'unknown');
  assert.equal(hint('not_reset', 'not_reset'), 'not_reset');
  assert.equal(hint('reset', 'not_reset'), 'unknown collides');
});

test('a counter that lost observations was reset, one that was only made coarser was not', () => {
  const before = make({ schema: 1, positive: { 0: 1, 1: 2, 2: 3 } });
  assert.equal(isCounterReset(make({ schema: 1, positive: { 0: 1, 1: 2, 2: 4 } }), before), false);
  assert.equal(isCounterReset(make({ schema: 1, positive: { 0: 0, 1: 5, 2: 5 } }), before), true);
  assert.equal(isCounterReset(make({ schema: 1, positive: { 1: 5, 2: 5 } }), before), true);
  assert.equal(isCounterReset(make({ schema: 0, positive: { 0: 1, 1: 5 } }), before), false);
  assert.equal(isCounterReset(make({ schema: 2, positive: { 0: 9 } }), before), true);
  const told = make({ schema: 1, positive: { 0: 9, 1: 9, 2: 9 }, hint: 'reset' });
  assert.equal(isCounterReset(told, before), true);
});

test('a trimmed histogram keeps what lies on the wanted side', () => {
  const histogram = make({ schema: 0, positive: { 1: 4, 2: 8, 3: 2 } });
  assert.equal(printHistogram(trimHistogram(histogram, 2, true)).startsWith('{count:4, '), true);
  assert.equal(printHistogram(trimHistogram(histogram, 2, false)).startsWith('{count:10, '), true);
  assert.equal(trimHistogram(histogram, 100, true), histogram);
});

const buckets = fc.dictionary(
  fc.integer({ min: -8, max: 8 }).map(String),
  fc.integer({ min: 1, max: 1000 }),
  { maxKeys: 8 },
);
/** No bucket reaches into the zero bucket. */
const histograms = fc
  .record({
    schema: fc.integer({ min: -2, max: 5 }),
    first: fc.integer({ min: -9, max: 0 }),
    zero: fc.integer({ min: 0, max: 9 }),
    positive: buckets,
    negative: buckets,
  })
  .map(({ first, ...parts }) => {
    const indices = [...Object.keys(parts.positive), ...Object.keys(parts.negative)].map(Number);
    const threshold = exponentialBound(Math.min(first, ...indices) - 1, parts.schema);
    return make({ ...parts, threshold: first === 0 ? 0 : threshold });
  });

test('sums do not depend on the order, and keep every observation', () => {
  fc.assert(
    fc.property(histograms, histograms, (a, b) => {
      const sum = added(a, b);
      assert.ok(equalHistograms(sum, added(b, a)));
      const all = [...sum.positiveBuckets, ...sum.negativeBuckets, sum.zeroCount];
      assert.equal(
        all.reduce((x, y) => x + y, 0),
        a.count + b.count,
      );
    }),
  );
});

test('a growing counter is no reset, and less of it is its own zero', () => {
  fc.assert(
    fc.property(histograms, histograms, (a, b) => {
      const later = { ...added(a, b), counterResetHint: 'unknown' as const };
      assert.equal(isCounterReset(later, a), false);
      const nothing = added(later, later, -1);
      assert.equal(printHistogram(nothing), '{count:0, sum:0}');
    }),
  );
});

test('the fraction below a quantile is the quantile', () => {
  const shares = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(histograms, shares, (histogram, q) => {
      fc.pre(histogram.count > 0 && histogram.zeroCount === 0);
      const { value } = histogramQuantile(q, histogram);
      const below = histogramFraction(-Infinity, value, histogram).value;
      assert.ok(Math.abs(below - q) < 1e-9, `${below} of ${printHistogram(histogram)} for ${q}`);
    }),
  );
});

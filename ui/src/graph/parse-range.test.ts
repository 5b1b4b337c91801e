import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { printSample } from '../../../src/model/number-text.ts';
import { nearestStep, valueAt } from './matrix.ts';
import { buffersOf, parseRange } from './parse-range.ts';

const grid = { startMs: 1_000_000, endMs: 1_060_000, stepMs: 15_000 };

function answer(result: string, rest = ''): string {
  return `{"status":"success","data":{"resultType":"matrix","result":[${result}]}${rest}}`;
}

test('samples land on the step grid and gaps between them stay gaps', () => {
  const { matrix } = parseRange(
    answer(
      `{"metric":{"__name__":"up","job":"a\\"b"},"values":[[1015,"1"],[1045,"0.5"]]},
       {"metric":{},"values":[[1000,"-2"]]}`,
    ),
    grid,
  );
  assert.deepEqual([...matrix.times], [1_000_000, 1_015_000, 1_030_000, 1_045_000, 1_060_000]);
  const [up, other] = matrix.series;
  assert.deepEqual(up.labels, { __name__: 'up', job: 'a"b' });
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((step) => valueAt(up, step)),
    [undefined, 1, undefined, 0.5, undefined],
  );
  assert.deepEqual(up.stats, { count: 2, min: 0.5, max: 1, avg: 0.75, last: 0.5 });
  assert.equal(valueAt(other, 0), -2);
});

test('infinities and NaN are samples, and statistics are of finite ones', () => {
  const { matrix } = parseRange(
    answer('{"metric":{},"values":[[1000,"NaN"],[1015,"+Inf"],[1030,"-Inf"],[1045,"3"]]}'),
    grid,
  );
  const [series] = matrix.series;
  assert.deepEqual(
    [0, 1, 2, 3].map((step) => valueAt(series, step)),
    [Number.NaN, Infinity, -Infinity, 3],
  );
  assert.deepEqual(series.stats, { count: 4, min: 3, max: 3, avg: 3, last: 3 });
});

test('any float64 is read as Number reads it', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { minLength: 5, maxLength: 5 }), (values) => {
      const samples = values.map((value, i) => {
        const text = Number.isFinite(value) ? printSample(value) : 'NaN';
        return `[${1000 + i * 15},"${text}"]`;
      });
      const { matrix } = parseRange(answer(`{"metric":{},"values":[${samples.join(',')}]}`), grid);
      for (let i = 0; i < values.length; i++) {
        const want = Number.isFinite(values[i]) ? values[i] : Number.NaN;
        assert.ok(Object.is(valueAt(matrix.series[0], i), want), String(want));
      }
    }),
  );
  const decimals = [
    '0.1',
    '-0',
    '123456789.012345',
    '0.000001',
    '1e-07',
    '1e+21',
    '9007199254740993',
  ];
  for (const text of decimals) {
    const { matrix } = parseRange(answer(`{"metric":{},"values":[[1000,"${text}"]]}`), grid);
    assert.ok(Object.is(valueAt(matrix.series[0], 0), Number(text)), text);
  }
});

test('times with fractions of a second are read to the millisecond', () => {
  const asked = { startMs: 1_700_000_000_123, endMs: 1_700_000_000_623, stepMs: 250 };
  const { matrix } = parseRange(
    answer(
      '{"metric":{},"values":[[1700000000.123,"1"],[1700000000.373,"2"],[1700000000.623,"3"]]}',
    ),
    asked,
  );
  assert.deepEqual([...matrix.series[0].values], [1, 2, 3]);
});

test('an answer that a frontend aligned to the step has the grid of the answer', () => {
  const { matrix } = parseRange(answer('{"metric":{},"values":[[990,"1"],[1005,"2"]]}'), grid);
  assert.equal(matrix.times[0], 990_000);
  assert.deepEqual([...matrix.series[0].values], [1, 2]);
});

test('warnings, infos, statistics and unknown members are taken or passed over', () => {
  const text = `{"status":"success","isPartial":null,"data":{"resultType":"matrix","result":[],
    "stats":{"timings":{"evalTotalTime":1e-3}},"analysis":{"name":"[x]","children":[]},"explanation":[]},
    "warnings":["a \\"b\\""],"infos":["c"]} `;
  const result = parseRange(text, grid);
  assert.deepEqual(result.warnings, ['a "b"']);
  assert.deepEqual(result.infos, ['c']);
  assert.deepEqual(result.stats, { timings: { evalTotalTime: 1e-3 } });
  assert.deepEqual(result.analysis, { name: '[x]', children: [] });
  assert.equal(result.matrix.times.length, 5);
});

test('native histograms become columns of buckets', () => {
  const { histograms } = parseRange(
    answer(`{"metric":{"job":"a"},"histograms":[
      [1000,{"count":"3","sum":"4.5","buckets":[[3,"-0.1","0.1","1"],[0,"1","2","2"]]}],
      [1030,{"count":"0","sum":"0"}],
      [1045,{"count":"1","sum":"+Inf","buckets":[[0,"8","+Inf","1"]]}]]}`),
    grid,
  );
  const [series] = histograms;
  assert.deepEqual([...series.steps], [0, 2, 3]);
  assert.deepEqual([...series.counts], [3, 0, 1]);
  assert.deepEqual([...series.sums], [4.5, 0, Infinity]);
  assert.deepEqual([...series.offsets], [0, 2, 2, 3]);
  assert.deepEqual([...series.lower], [-0.1, 1, 8]);
  assert.deepEqual([...series.upper], [0.1, 2, Infinity]);
  assert.deepEqual([...series.rules], [3, 0, 0]);
  assert.deepEqual([...series.inBucket], [1, 2, 1]);
});

test('a broken answer is refused with the place, cut at every character', () => {
  const text = answer('{"metric":{"a":"b"},"values":[[1000,"1"]]}', ',"warnings":["x"]');
  for (let length = 0; length < text.length; length++) {
    assert.throws(() => parseRange(text.slice(0, length), grid), SyntaxError);
  }
  assert.throws(
    () => parseRange(answer('{"metric":{},"values":[[1000,"one"]]}'), grid),
    /expected a number, NaN, \+Inf or -Inf at character \d+: "one"/,
  );
  assert.throws(
    () => parseRange('{"data":{"resultType":"vector","result":[]}}', grid),
    /cannot draw an answer of type vector/,
  );
});

test('series of one answer share few buffers', () => {
  const series = Array.from(
    { length: 200 },
    (_, i) => `{"metric":{"i":"${i}"},"values":[[1000,"${i}"]]}`,
  );
  const result = parseRange(answer(series.join(',')), grid);
  assert.ok(buffersOf(result).length < 30);
  assert.deepEqual(
    result.matrix.series.map(({ values }) => values[0]),
    series.map((_, i) => i),
  );
});

test('the step nearest to a time lies within the grid', () => {
  const { matrix } = parseRange(answer(''), grid);
  const f = (timeMs: number, want: number): void => assert.equal(nearestStep(matrix, timeMs), want);
  f(0, 0);
  f(1_007_000, 0);
  f(1_008_000, 1);
  f(9_000_000, 4);
});

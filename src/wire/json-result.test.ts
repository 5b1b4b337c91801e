import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Kernel } from '../base/kernel.ts';
import { testKernel } from '../base/testing/kernel.ts';
import type { FloatHistogram } from '../model/histogram.ts';
import { labelsOf } from '../model/labels.ts';
import { printSample } from '../model/number-text.ts';
import { type JsonResultOptions, JsonResultWriter, type JsonStepColumn } from './json-result.ts';

const SLICE_MAX = 1 << 20;

/** Runs a writer over a grid of so many steps of 15 s from 1.5 s on and gives the text it wrote. */
function written(
  steps: number,
  run: (writer: JsonResultWriter, kernel: Kernel, grid: JsonResultOptions['grid']) => void,
): string {
  const kernel = testKernel();
  const slices: Uint8Array[] = [];
  const grid = { startMs: 1500, stepMs: 15_000, steps };
  const writer = new JsonResultWriter(kernel, {
    grid,
    write: (slice) => slices.push(slice),
    plainNumber: (value) => value.toFixed(1),
    positiveBuckets: () => [
      { lower: 1, upper: 2, count: 3 },
      { lower: 2, upper: 4, count: 0 },
      { lower: 4, upper: 8, count: 1e-7 },
    ],
    negativeBuckets: () => [
      { lower: -2, upper: -1, count: 5 },
      { lower: -4, upper: -2, count: 6 },
    ],
  });
  run(writer, kernel, grid);
  writer.end();
  for (const slice of slices) assert.ok(slice.length > 0 && slice.length <= SLICE_MAX);
  return `{${Buffer.concat(slices).toString('utf8')}}`;
}

function columnOf(
  kernel: Kernel,
  cells: readonly (number | FloatHistogram | undefined)[],
): JsonStepColumn {
  const values = kernel.arena.alloc(8 * cells.length);
  const present = kernel.arena.alloc(cells.length);
  cells.forEach((cell, k) => {
    kernel.u8[present + k] = cell === undefined ? 0 : typeof cell === 'number' ? 1 : 2;
    kernel.f64[(values >>> 3) + k] = typeof cell === 'number' ? cell : 0;
  });
  return {
    values,
    present,
    histograms: cells.map((cell) => (typeof cell === 'object' ? cell : undefined)),
  };
}

const histogram: FloatHistogram = {
  counterResetHint: 'unknown',
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 2,
  count: 16,
  sum: 18.4,
  stale: false,
  positiveSpans: [],
  negativeSpans: [],
  positiveBuckets: new Float64Array(),
  negativeBuckets: new Float64Array(),
  customValues: new Float64Array(),
};
const HISTOGRAM_TEXT =
  '{"count":"16","sum":"18.4","buckets":[[1,"-4","-2","6"],[1,"-2","-1","5"],' +
  '[3,"-0.001","0.001","2"],[0,"1","2","3"],[0,"4","8","1e-07"]]}';

test('a matrix has a metric, its values at the steps that have one, and its histograms', () => {
  const text = written(4, (writer, kernel, grid) => {
    writer.begin('matrix');
    const labels = labelsOf({ __name__: 'up', job: 'a "b" \\ ü\n' });
    writer.stepSeries(labels, grid, columnOf(kernel, [1, undefined, -0.25, Number.NaN]));
    writer.stepSeries([], grid, columnOf(kernel, [undefined, histogram, 2, undefined]));
    writer.stepSeries([], grid, columnOf(kernel, [undefined, undefined, undefined, histogram]));
  });
  assert.equal(
    text,
    '{"resultType":"matrix","result":[' +
      '{"metric":{"__name__":"up","job":"a \\"b\\" \\\\ ü\\n"},' +
      '"values":[[1.500,"1"],[31.500,"-0.25"],[46.500,"NaN"]]},' +
      `{"metric":{},"values":[[31.500,"2"]],"histograms":[[16.500,${HISTOGRAM_TEXT}]]},` +
      `{"metric":{},"histograms":[[46.500,${HISTOGRAM_TEXT}]]}]}`,
  );
});

test('a vector has one value or histogram an element', () => {
  const text = written(1, (writer) => {
    writer.begin('vector');
    writer.sample(labelsOf({ a: 'b' }), 1_700_000_000_123, 1e21);
    writer.sample([], 1_700_000_000_000, histogram);
  });
  assert.equal(
    text,
    '{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1700000000.123,"1e+21"]},' +
      `{"metric":{},"histogram":[1700000000,${HISTOGRAM_TEXT}]}]}`,
  );
});

test('a zero bucket that subtraction made negative is left out, as Prometheus does', () => {
  const negative = { ...histogram, count: -16, zeroCount: -2 };
  const text = written(1, (writer) => {
    writer.begin('vector');
    writer.sample([], 1000, negative);
  });
  const want = HISTOGRAM_TEXT.replace('"16"', '"-16"').replace('[3,"-0.001","0.001","2"],', '');
  assert.equal(text, `{"resultType":"vector","result":[{"metric":{},"histogram":[1,${want}]}]}`);
});

test('buckets end where the zero bucket begins', () => {
  const text = written(1, (writer) => {
    writer.begin('vector');
    writer.sample([], 1000, { ...histogram, zeroThreshold: 1.25 });
  });
  const want = HISTOGRAM_TEXT.replace('"-1","5"', '"-1.25","5"')
    .replace('"-0.001","0.001"', '"-1.25","1.25"')
    .replace('[0,"1","2","3"]', '[0,"1.25","2","3"]');
  assert.equal(text, `{"resultType":"vector","result":[{"metric":{},"histogram":[1,${want}]}]}`);
});

test('raw samples keep their own times', () => {
  const text = written(1, (writer, kernel) => {
    const times = kernel.arena.alloc(16);
    const values = kernel.arena.alloc(16);
    kernel.f64.set([1000, 2001], times >>> 3);
    kernel.f64.set([5, 6.5], values >>> 3);
    const histograms = [{ time: 3000, startTime: 0, histogram }];
    writer.begin('matrix');
    writer.sampleSeries([], { times, values, count: 2, startTimes: 0, histograms: [] });
    writer.sampleSeries([], { times, values, count: 0, startTimes: 0, histograms });
  });
  assert.equal(
    text,
    '{"resultType":"matrix","result":[{"metric":{},"values":[[1,"5"],[2.001,"6.5"]]},' +
      `{"metric":{},"histograms":[[3,${HISTOGRAM_TEXT}]]}]}`,
  );
});

test('scalars and strings stand alone, an empty vector is an empty list', () => {
  const f = (run: (writer: JsonResultWriter) => void, want: string): void =>
    assert.equal(written(1, run), want);
  f((writer) => {
    writer.begin('scalar');
    writer.scalar(1500, 3);
  }, '{"resultType":"scalar","result":[1.5,"3.0"]}');
  f((writer) => {
    writer.begin('string');
    writer.string(0, 'a"b');
  }, '{"resultType":"string","result":[0,"a\\"b"]}');
  f((writer) => writer.begin('vector'), '{"resultType":"vector","result":[]}');
});

test('a large matrix comes in slices and is whole when they are joined', () => {
  const steps = 11_000;
  const values = Array.from({ length: steps }, (_, k) => (k % 3 === 0 ? undefined : k / 7));
  const text = written(steps, (writer, kernel, grid) => {
    const column = columnOf(kernel, values);
    writer.begin('matrix');
    for (let i = 0; i < 20; i++) writer.stepSeries(labelsOf({ i: `${i}` }), grid, column);
  });
  const { result } = JSON.parse(text) as { result: { values: [number, string][] }[] };
  const want = values.flatMap((value, k) =>
    value === undefined ? [] : [[(1500 + 15_000 * k) / 1000, printSample(value)]],
  );
  assert.equal(result.length, 20);
  for (const series of result) assert.deepEqual(series.values, want);
});

test('a label longer than a slice is cut into slices between its bytes', () => {
  const long = 'ü'.repeat(SLICE_MAX);
  const text = written(1, (writer) => {
    writer.begin('vector');
    writer.sample(labelsOf({ long }), 0, 1);
  });
  const { result } = JSON.parse(text) as { result: { metric: { long: string } }[] };
  assert.equal(result[0]?.metric.long, long);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import {
  cellAt,
  type HeatmapModel,
  hasBuckets,
  heatmapOfBuckets,
  heatmapOfHistograms,
  histogramLines,
  thinHeatmap,
} from './heatmap-model.ts';
import { matrixOf, valueAt } from './matrix.ts';
import { parseRange } from './parse-range.ts';
import { valueAxis } from './value-axis.ts';

const asked = { startMs: 0, endMs: 2000, stepMs: 1000 };

function parse(...series: readonly string[]) {
  return parseRange(`{"data":{"resultType":"matrix","result":[${series.join(',')}]}}`, asked);
}

function cells(model: HeatmapModel, step: number): (readonly number[])[] {
  const found: (readonly number[])[] = [];
  for (let c = model.offsets[step]; c < model.offsets[step + 1]; c++) {
    found.push([model.lower[c], model.upper[c], model.counts[c]]);
  }
  return found;
}

test('native histograms of several series are added bucket by bucket', () => {
  const { matrix, histograms } = parse(
    `{"metric":{"i":"a"},"histograms":[[0,{"count":"3","sum":"3","buckets":[[0,"1","2","2"],[0,"2","4","1"]]}]]}`,
    `{"metric":{"i":"b"},"histograms":[[0,{"count":"1","sum":"1.5","buckets":[[0,"1","2","1"]]}],
      [2,{"count":"1","sum":"0","buckets":[[3,"-0.001","0.001","1"]]}]]}`,
  );
  const model = heatmapOfHistograms(matrix, histograms);
  assert.deepEqual(cells(model, 0), [
    [1, 2, 3],
    [2, 4, 1],
  ]);
  assert.deepEqual(cells(model, 1), []);
  assert.deepEqual(cells(model, 2), [[-0.001, 0.001, 1]]);
  assert.equal(model.max, 3);
  assert.equal(cellAt(model, 0, 3), 1);
  assert.equal(cellAt(model, 0, 2), 0);
  assert.equal(cellAt(model, 1, 1), -1);
});

test('buckets by le are differences of neighbours, from zero to infinity', () => {
  const times = Float64Array.of(0, 1000);
  const matrix = matrixOf(times, 1000, [
    { labels: { le: '+Inf', job: 'a' }, values: [10, 12] },
    { labels: { le: '0.5', job: 'a' }, values: [4, undefined] },
    { labels: { le: '1', job: 'a' }, values: [9, 12] },
  ]);
  assert.ok(hasBuckets(matrix));
  const model = heatmapOfBuckets(matrix);
  assert.deepEqual(cells(model, 0), [
    [0, 0.5, 4],
    [0.5, 1, 5],
    [1, Infinity, 1],
  ]);
  assert.deepEqual(cells(model, 1), [[0, 1, 12]]);
});

test('buckets that fall, as rates of unequal series may, count as empty', () => {
  const matrix = matrixOf(Float64Array.of(0), 1000, [
    { labels: { le: '-1' }, values: [5] },
    { labels: { le: '1' }, values: [4] },
    { labels: { le: '2' }, values: [6] },
  ]);
  assert.deepEqual(cells(heatmapOfBuckets(matrix), 0), [
    [-Infinity, -1, 5],
    [1, 2, 1],
  ]);
});

test('series without le are no buckets', () => {
  const matrix = matrixOf(Float64Array.of(0), 1000, [{ labels: { le: '1' }, values: [5] }]);
  assert.equal(hasBuckets(matrix), false);
});

test('of steps that share a column of pixels the fullest bucket is kept', () => {
  const matrix = matrixOf(Float64Array.of(0, 1000, 2000, 3000, 4000), 1000, [
    { labels: { le: '1' }, values: [1, 9, 2, 3, 4] },
    { labels: { le: '2' }, values: [5, 9, 2, 3, 4] },
  ]);
  const model = thinHeatmap(heatmapOfBuckets(matrix), 2);
  assert.deepEqual([...model.times], [500, 2500, 4500]);
  assert.equal(model.stepMs, 2000);
  assert.deepEqual(cells(model, 0), [
    [0, 1, 9],
    [1, 2, 4],
  ]);
  assert.deepEqual(cells(model, 2), [[0, 1, 4]]);
});

test('lines of count, sum and average follow from native histograms', () => {
  const { matrix, histograms } = parse(
    `{"metric":{"i":"a"},"histograms":[[0,{"count":"4","sum":"10"}],[2,{"count":"0","sum":"0"}]]}`,
  );
  const f = (what: 'count' | 'sum' | 'avg', want: readonly (number | undefined)[]): void => {
    const [line] = histogramLines(matrix, histograms, what).series;
    assert.deepEqual(
      [0, 1, 2].map((step) => valueAt(line, step)),
      want,
    );
  };
  f('count', [4, undefined, 0]);
  f('sum', [10, undefined, 0]);
  f('avg', [2.5, undefined, Number.NaN]);
});

function modelWith(bounds: readonly (readonly [number, number])[]): HeatmapModel {
  return {
    times: Float64Array.of(0),
    stepMs: 1000,
    offsets: Uint32Array.of(0, bounds.length),
    lower: Float64Array.from(bounds, ([lower]) => lower),
    upper: Float64Array.from(bounds, ([, upper]) => upper),
    counts: new Float64Array(bounds.length).fill(1),
    max: 1,
  };
}

test('on a log axis buckets that grow by the same factor are equally high', () => {
  const model = modelWith([
    [1, 10],
    [10, 100],
    [100, 1000],
  ]);
  const axis = valueAxis(model, 'log', { ticks: 5, unit: 'none' });
  const heights = [1, 10, 100, 1000].map((bound) => Math.round(axis.position(bound) * 1000) / 1000);
  assert.deepEqual(heights, [0, 0.333, 0.667, 1]);
  assert.deepEqual([...axis.ticks], [1, 10, 100, 1000]);
  assert.ok(Math.abs(axis.value(0.5) - Math.sqrt(1000)) < 1e-9);
});

test('zero, negative and open buckets have their place on either axis', () => {
  const model = modelWith([
    [-Infinity, -8],
    [-8, -1],
    [-1, 1],
    [1, 8],
    [8, Infinity],
  ]);
  for (const kind of ['log', 'linear'] as const) {
    const axis = valueAxis(model, kind, { ticks: 5, unit: 'none' });
    const bounds = [-Infinity, -8, -1, 0, 1, 8, Infinity];
    const positions = bounds.map((bound) => axis.position(bound));
    assert.deepEqual(
      positions,
      [...positions].sort((a, b) => a - b),
      kind,
    );
    assert.equal(positions[0], 0);
    assert.ok(positions[1] > 0.05);
    assert.ok(Math.abs(axis.position(0) - 0.5) < 1e-9);
    assert.equal(positions[6], 1);
    assert.equal(axis.value(0.999), Infinity);
    for (const bound of [-8, -3, 0.5, 8]) {
      assert.ok(Math.abs(axis.value(axis.position(bound)) - bound) < 1e-9);
    }
  }
});

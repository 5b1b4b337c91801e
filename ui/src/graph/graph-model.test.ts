import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { facesOf, modelOf, neighbourSeries, seriesNear } from './graph-model.ts';
import { matrixOf } from './matrix.ts';

const matrix = matrixOf(Float64Array.of(0, 1000), 1000, [
  { labels: { i: 'a' }, values: [1, 10] },
  { labels: { i: 'b' }, values: [5, undefined] },
  { labels: { i: 'c' }, values: [9, 30] },
]);
const faces = facesOf(matrix);
const lines = { stacked: false, zeroBased: false, selected: undefined };

test('the nearest series of those that have a sample is found', () => {
  const model = modelOf(matrix, faces, lines);
  const f = (step: number, value: number, want: number): void =>
    assert.equal(seriesNear(model, step, value), want);
  f(0, 0, 0);
  f(0, 6, 1);
  f(1, 5, 0);
  f(1, 1e9, 2);
});

test('in a stack the band under the pointer counts', () => {
  const model = modelOf(matrix, faces, { ...lines, stacked: true });
  assert.equal(seriesNear(model, 0, 3), 1);
  assert.equal(seriesNear(model, 0, 14.9), 2);
  assert.equal(seriesNear(model, 0, 99), 2);
});

test('a selection shows only its series and fits the axis to them', () => {
  const model = modelOf(matrix, faces, { ...lines, selected: new Set([faces.keys[1]]) });
  assert.deepEqual(model.shown, [1]);
  assert.deepEqual(model.range, { min: 4.5, max: 5.5 });
});

test('a selection of series that are gone shows all', () => {
  const model = modelOf(matrix, faces, { ...lines, selected: new Set(['gone']) });
  assert.deepEqual(model.shown, [0, 1, 2]);
});

test('keys go from series to series by their height', () => {
  const model = modelOf(matrix, faces, lines);
  assert.equal(neighbourSeries(model, -1, 0, 1), 0);
  assert.equal(neighbourSeries(model, 0, 0, 1), 1);
  assert.equal(neighbourSeries(model, 0, 1, 1), 2);
  assert.equal(neighbourSeries(model, 2, 0, 1), 2);
  assert.equal(neighbourSeries(model, 2, 0, -1), 1);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { type KeyState, keyAction } from './graph-keys.ts';
import { facesOf, modelOf } from './graph-model.ts';
import { matrixOf } from './matrix.ts';

const times = Float64Array.from({ length: 20 }, (_, i) => i * 1000);
const flat = (value: number) => new Array<number>(20).fill(value);
const matrix = matrixOf(times, 1000, [
  { labels: { i: 'a' }, values: flat(1) },
  { labels: { i: 'b' }, values: flat(2) },
]);
const model = modelOf(matrix, facesOf(matrix), {
  stacked: false,
  zeroBased: false,
  selected: undefined,
});
const exemplar = { timeMs: 4200, value: 1, labels: { trace_id: 'x' }, seriesLabels: {} };
const idle: KeyState = {
  model,
  range: { startMs: 0, endMs: 19_000 },
  exemplars: [exemplar],
  hover: undefined,
  anchor: undefined,
};
const at = (step: number, series = 0): KeyState => ({ ...idle, hover: { step, series } });

function press(state: KeyState, key: string, shiftKey = false) {
  return keyAction({ key, shiftKey }, state);
}

test('arrows move along the steps and stay within them', () => {
  const f = (state: KeyState, key: string, want: number): void =>
    assert.equal(press(state, key)?.point?.step, want, key);
  f(idle, 'ArrowLeft', 19);
  f(idle, 'ArrowRight', 19);
  f(at(5), 'ArrowLeft', 4);
  f(at(5), 'ArrowRight', 6);
  f(at(19), 'ArrowRight', 19);
  f(at(5), 'PageUp', 0);
  f(at(5), 'PageDown', 15);
  f(at(5), 'Home', 0);
  f(at(5), 'End', 19);
});

test('up and down change the series at the same step', () => {
  assert.deepEqual(press(at(5, 0), 'ArrowUp')?.point, { step: 5, series: 1 });
  assert.deepEqual(press(at(5, 1), 'ArrowDown')?.point, { step: 5, series: 0 });
});

test('shift marks a range, Enter zooms into it, an arrow alone drops it', () => {
  const marking = press(at(5), 'ArrowRight', true);
  assert.equal(marking?.anchor, 5);
  assert.deepEqual(marking?.marked, { startMs: 5000, endMs: 6000 });
  const zoom = press({ ...at(8), anchor: 5 }, 'Enter')?.zoom;
  assert.deepEqual(zoom, { startMs: 5000, endMs: 8000 });
  assert.equal(press({ ...at(8), anchor: 5 }, 'ArrowLeft')?.anchor, undefined);
  assert.equal(press(at(8), 'Enter'), undefined);
});

test('plus and minus zoom around the crosshair and out', () => {
  assert.deepEqual(press(at(10), '+')?.zoom, { startMs: 5250, endMs: 14_750 });
  assert.equal(press(idle, '-')?.zoomOut, true);
});

test('e opens the exemplar nearest in time', () => {
  assert.equal(press(at(4), 'e')?.picked, exemplar);
});

test('other keys are left to the page', () => {
  assert.equal(press(at(4), 'x'), undefined);
  assert.equal(press(idle, 'Escape'), undefined);
});

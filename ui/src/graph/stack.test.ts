import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { matrixOf } from './matrix.ts';
import { bandAt, columnSteps, stackSeries } from './stack.ts';

const none = Number.NaN;

function stackOf(rows: readonly (readonly (number | undefined)[])[]) {
  const times = Float64Array.from(rows[0], (_, i) => i * 1000);
  const matrix = matrixOf(
    times,
    1000,
    rows.map((values) => ({ labels: {}, values })),
  );
  return stackSeries(
    matrix,
    rows.map((_, i) => i),
  );
}

test('the top of a band is the base of the next', () => {
  const { bands, highs } = stackOf([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  assert.deepEqual([...bands[0].tops], [1, 2]);
  assert.deepEqual([...bands[1].bases], [1, 2]);
  assert.deepEqual([...bands[1].tops], [4, 6]);
  assert.deepEqual([...bands[2].tops], [9, 12]);
  assert.deepEqual([...highs], [9, 12]);
});

test('a gap adds nothing and is a hole in its own band alone', () => {
  const { bands } = stackOf([
    [1, undefined, 1],
    [2, 2, 2],
  ]);
  assert.deepEqual([...bands[0].tops], [1, none, 1]);
  assert.deepEqual([...bands[1].bases], [1, 0, 1]);
  assert.deepEqual([...bands[1].tops], [3, 2, 3]);
});

test('values below zero pile downwards and do not eat into those above', () => {
  const { bands, highs, lows } = stackOf([[4], [-3], [2], [-1]]);
  assert.deepEqual(
    bands.map(({ bases, tops }) => [bases[0], tops[0]]),
    [
      [0, 4],
      [0, -3],
      [4, 6],
      [-3, -4],
    ],
  );
  assert.deepEqual([highs[0], lows[0]], [6, -4]);
});

test('infinities and NaN leave the pile as it is', () => {
  const { bands } = stackOf([
    [Number.POSITIVE_INFINITY, none],
    [1, 2],
  ]);
  assert.deepEqual([...bands[0].tops], [none, none]);
  assert.deepEqual([...bands[1].tops], [1, 2]);
});

test('the band under the pointer is found above and below zero', () => {
  const stack = stackOf([[4], [-3], [2]]);
  assert.equal(bandAt(stack, 0, 3), 0);
  assert.equal(bandAt(stack, 0, 5), 2);
  assert.equal(bandAt(stack, 0, -2), 1);
  assert.equal(bandAt(stack, 0, 7), -1);
});

test('a spike of one step survives when columns are narrow', () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i === 501 ? 99 : 1));
  const steps = columnSteps(stackOf([values]), (step) => Math.floor(step / 100));
  assert.ok(steps.includes(501));
  assert.ok(steps.length <= 20);
  assert.deepEqual(
    [...steps],
    [...steps].sort((a, b) => a - b),
  );
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { automaticStepMs, movePanel, NEW_PANEL, nextRange, RANGES_MS } from './panel.ts';

test('a step is round and gives about as many steps as the width can show', () => {
  const step = (rangeMs: number, widthPx: number, want: number) =>
    assert.equal(automaticStepMs(rangeMs, widthPx, 'medium'), want);
  step(3_600_000, 1200, 15_000);
  step(3_600_000, 390, 60_000);
  step(60_000, 1200, 1000);
  step(7 * 86_400_000, 1200, 3_600_000);
  step(730 * 86_400_000, 1000, 3 * 86_400_000);
});

test('no automatic step asks for more than servers give', () => {
  for (const rangeMs of RANGES_MS) {
    for (const density of ['low', 'medium', 'high'] as const) {
      const steps = rangeMs / automaticStepMs(rangeMs, 8000, density);
      assert.ok(steps <= 2000, `${rangeMs} ${density}: ${steps}`);
    }
  }
});

test('ranges grow and shrink along the usual ones and stop at both ends', () => {
  assert.equal(nextRange(3_600_000, 'longer'), 7_200_000);
  assert.equal(nextRange(3_500_000, 'longer'), 3_600_000);
  assert.equal(nextRange(3_600_000, 'shorter'), 1_800_000);
  assert.equal(nextRange(1000, 'shorter'), 1000);
  assert.equal(nextRange(731 * 86_400_000, 'longer'), 731 * 86_400_000);
});

test('panels move up and down within the page', () => {
  const panels = ['a', 'b', 'c'].map((expr) => ({ ...NEW_PANEL, expr }));
  const order = (from: number, direction: 'up' | 'down') =>
    movePanel(panels, from, direction)
      .map(({ expr }) => expr)
      .join('');
  assert.equal(order(1, 'up'), 'bac');
  assert.equal(order(1, 'down'), 'acb');
  assert.equal(order(0, 'up'), 'abc');
  assert.equal(order(2, 'down'), 'abc');
});

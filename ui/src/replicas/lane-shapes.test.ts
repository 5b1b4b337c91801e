import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { axisTimes, laneShapes, toTime, toX, zoomed } from './lane-shapes.ts';

const SCALE = { view: { startMs: 0, endMs: 100_000 }, widthPx: 1000 };

test('a stretch reaches to the next one, but not over a gap', () => {
  const lane = {
    times: [0, 10_000, 20_000, 60_000, 70_000],
    intervalMs: 10_000,
    gaps: [{ startMs: 20_000, endMs: 60_000 }],
  };
  const stretches = [
    { lane: 0, startMs: 0, endMs: 10_000, count: 2 },
    { lane: 1, startMs: 20_000, endMs: 70_000, count: 3 },
  ];
  const { spans, gaps, ticks } = laneShapes(lane, stretches, SCALE, 20);
  assert.deepEqual(spans, [
    { x: 0, width: 200, lane: 0 },
    { x: 200, width: 2, lane: 1 },
    { x: 600, width: 100, lane: 1 },
  ]);
  assert.deepEqual(gaps, [{ x: 200, width: 400, lane: -1 }]);
  assert.ok(ticks.startsWith('M0.0 0V20M100.0 0V20'));
});

test('ticks that would run together are not drawn, and what is out of view is not either', () => {
  const times = Array.from({ length: 1000 }, (_, i) => i * 100);
  const lane = { times, intervalMs: 100, gaps: [{ startMs: 200_000, endMs: 300_000 }] };
  const { ticks, gaps, spans } = laneShapes(
    lane,
    [{ lane: 0, startMs: 0, endMs: 500_000, count: 1000 }],
    SCALE,
    20,
  );
  assert.deepEqual([ticks, gaps.length, spans.length], ['', 0, 1]);
  assert.ok((spans[0]?.width ?? 0) <= 1004);
});

test('axis times are round and have room', () => {
  assert.deepEqual(
    axisTimes({ view: { startMs: 1000, endMs: 61_000 }, widthPx: 400 }),
    [15_000, 30_000, 45_000, 60_000],
  );
  assert.deepEqual(axisTimes({ view: { startMs: 0, endMs: 1000 }, widthPx: 0 }).length, 1);
});

test('zooming keeps the time under the pointer and stays in the window', () => {
  const window = SCALE.view;
  const view = zoomed(window, window, 0.5, 20_000);
  assert.deepEqual(view, { startMs: 10_000, endMs: 60_000 });
  assert.equal(toX({ view, widthPx: 1000 }, 20_000), toX(SCALE, 20_000));
  assert.deepEqual(zoomed(view, window, 4, 20_000), window);
  assert.equal(zoomed(view, window, 0.5, 10_000).startMs, 10_000);
  assert.equal(toTime(SCALE, 500), 50_000);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { traceLine, type View } from './line-path.ts';
import { matrixOf } from './matrix.ts';

const grid = { firstMs: 0, stepMs: 1000 };

/** What was drawn, as text: `M x,y` `L x,y` `D x,y` (dot) `I x,sign` (infinity). */
function drawn(values: readonly (number | undefined)[], view: View): string[] {
  const times = Float64Array.from(values, (_, i) => i * 1000);
  const strokes: string[] = [];
  const say = (letter: string) => (x: number, y: number) =>
    void strokes.push(`${letter} ${x},${Math.round(y * 10) / 10}`);
  const pen = { moveTo: say('M'), lineTo: say('L'), dot: say('D'), beyond: say('I') };
  traceLine(pen, matrixOf(times, 1000, [{ labels: {}, values }]).series[0], grid, view);
  return strokes;
}

const view: View = { startMs: 0, endMs: 4000, min: 0, max: 10, width: 400, height: 100 };

test('neighbours are joined and gaps are left open', () => {
  assert.deepEqual(drawn([0, 10, undefined, 5, 5], view), [
    'M 0,100',
    'L 100,0',
    'M 300,50',
    'L 400,50',
  ]);
});

test('a lone sample is a dot', () => {
  assert.deepEqual(drawn([undefined, 5, undefined, 10, undefined], view), ['D 100,50', 'D 300,0']);
});

test('NaN opens the line, and infinities are told at their edge', () => {
  assert.deepEqual(drawn([1, 1, Number.NaN, Infinity, -Infinity], view), [
    'M 0,90',
    'L 100,90',
    'I 300,1',
    'I 400,-1',
  ]);
});

test('what lies outside of the view is left out but for one step', () => {
  const middle = { ...view, startMs: 2000, endMs: 3000 };
  const strokes = drawn([1, 1, 1, 1, 1, 1, 1, 1, 1], middle);
  assert.deepEqual(
    strokes.map((stroke) => stroke.split(',')[0]),
    ['M -400', 'L 0', 'L 400', 'L 800'],
  );
});

function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

test('with many steps a pixel every column reaches from its lowest to its highest value', () => {
  const next = random(7);
  const values = Array.from({ length: 10_000 }, () => Math.round(next() * 8));
  values[1234] = 10;
  const narrow = { ...view, endMs: 10_000_000, width: 100 };
  const strokes = drawn(values, narrow).map((stroke) => stroke.slice(2).split(',').map(Number));
  for (let column = 0; column < 100; column++) {
    const ys = strokes.filter(([x]) => Math.floor(x) === column).map(([, y]) => y);
    const own = values.slice(column * 100, column * 100 + 100);
    assert.equal(Math.min(...ys), 100 - Math.max(...own) * 10, `column ${column}`);
    assert.equal(Math.max(...ys), 100 - Math.min(...own) * 10, `column ${column}`);
  }
  assert.ok(strokes.length <= 410, `${strokes.length} strokes`);
});

test('with many steps a pixel a gap of several pixels stays open', () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i >= 300 && i < 600 ? undefined : 5));
  const strokes = drawn(values, { ...view, endMs: 1_000_000, width: 100 });
  const moves = strokes.filter((stroke) => stroke.startsWith('M'));
  assert.equal(moves.length, 2);
  assert.ok(!strokes.some((stroke) => /^. (3[1-9]|4\d|5[0-8])/.test(stroke)));
});

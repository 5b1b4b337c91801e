import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { type Box, type LayoutNode, layoutPicture } from './layout.ts';

const node = (id: string, rank: number, lane = 0): LayoutNode => ({
  id,
  rank,
  lane,
  heightPx: 100,
});

const PAIR = [
  node('targets', 0),
  node('prometheus-a', 1),
  node('prometheus-b', 1),
  node('sidecar-a', 2),
  node('sidecar-b', 2),
  node('query-a', 3),
  node('query-b', 3),
  node('entry', 4),
  node('client', 5),
];
const STORAGE = [node('compact', 0, 1), node('bucket', 1, 1), node('store', 2, 1)];

function apart(boxes: readonly Box[]): void {
  for (const [i, a] of boxes.entries()) {
    for (const b of boxes.slice(i + 1)) {
      const isAside = a.x + a.width <= b.x || b.x + b.width <= a.x;
      const isAbove = a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert.ok(isAside || isAbove, `${a.id} and ${b.id} overlap`);
    }
  }
}

function inside(boxes: readonly Box[], width: number, height: number): void {
  for (const box of boxes) {
    assert.ok(box.x >= 0 && box.x + box.width <= width + 0.01, `${box.id} leaves the width`);
    assert.ok(box.y >= 0 && box.y + box.height <= height + 0.01, `${box.id} leaves the height`);
  }
}

test('boxes never overlap and never leave the picture, at any width', () => {
  for (const nodes of [PAIR, [...PAIR, ...STORAGE], PAIR.slice(0, 2), []]) {
    for (let width = 320; width < 2000; width += 37) {
      const { boxes, height } = layoutPicture(nodes, [], width);
      assert.equal(boxes.length, nodes.length);
      apart(boxes);
      inside(boxes, width, height);
    }
  }
});

test('data flows to the right where there is room, else downwards', () => {
  const wide = layoutPicture(PAIR, [], 1200);
  assert.equal(wide.direction, 'right');
  const x = (id: string): number => wide.boxes.find((box) => box.id === id)?.x ?? -1;
  const order = ['targets', 'prometheus-a', 'sidecar-a', 'query-b', 'entry', 'client'].map(x);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  const phone = layoutPicture(PAIR, [], 358);
  assert.equal(phone.direction, 'down');
  const y = (id: string): number => phone.boxes.find((box) => box.id === id)?.y ?? -1;
  assert.equal(y('prometheus-a'), y('prometheus-b'));
  assert.ok(y('targets') < y('prometheus-a') && y('entry') < y('client'));
});

test('long-term storage lies below the stream it is read from', () => {
  const { boxes } = layoutPicture([...PAIR, ...STORAGE], [], 1400);
  const box = (id: string): Box => boxes.find((one) => one.id === id) as Box;
  assert.ok(box('bucket').y > box('prometheus-b').y + box('prometheus-b').height);
  assert.equal(box('bucket').x, box('prometheus-a').x);
  assert.equal(box('store').y, box('bucket').y);
});

test('edges join the sides that face each other, and unknown ends are left out', () => {
  const edges = [
    { from: 'targets', to: 'prometheus-a' },
    { from: 'sidecar-a', to: 'bucket' },
    { from: 'nobody', to: 'entry' },
  ];
  const picture = layoutPicture([...PAIR, ...STORAGE], edges, 1400);
  assert.equal(picture.edges.length, 2);
  const box = (id: string): Box => picture.boxes.find((one) => one.id === id) as Box;
  const from = box('targets');
  const start = `M${Math.round((from.x + from.width) * 10) / 10} `;
  assert.ok(picture.edges[0].path.startsWith(start), picture.edges[0].path);
  const sidecar = box('sidecar-a');
  assert.ok(picture.edges[1].path.includes(` ${sidecar.y + sidecar.height}C`));
});

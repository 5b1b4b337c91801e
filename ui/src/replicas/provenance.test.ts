import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { findProvenance, gapsOf, groupReplicas, nearest, seriesKey } from './provenance.ts';

/** `A 1:5 2:6` is replica A with value 5 at second 1 and 6 at second 2. */
function series(text: string) {
  const [name = '', ...samples] = text.split(' ');
  return {
    metric: { __name__: 'x', ...(name === '*' ? {} : { replica: name }) },
    samples: samples.map((sample) => {
      const [time = '', value = ''] = sample.split(':');
      return [Number(time), value] as const;
    }),
  };
}

function f(texts: readonly string[], window = { startMs: 0, endMs: 60_000 }) {
  const all = texts.map(series);
  const result = all.find(({ metric }) => !('replica' in metric));
  const raw = all.filter(({ metric }) => 'replica' in metric);
  return findProvenance(raw, result, ['replica'], window);
}

test('each sample of the result is found in the replica that has it', () => {
  const found = f(['B 12:1 22:2 32:3', 'A 10:1 20:2 40:9', '* 10:1 20:2 32:3 40:9'], {
    startMs: 5000,
    endMs: 45_000,
  });
  assert.deepEqual(
    found.lanes.map(({ name }) => name),
    ['A', 'B'],
  );
  assert.deepEqual(found.suppliers, [0, 0, 1, 0]);
  assert.deepEqual(found.stretches, [
    { lane: 0, startMs: 10_000, endMs: 20_000, count: 2 },
    { lane: 1, startMs: 32_000, endMs: 32_000, count: 1 },
    { lane: 0, startMs: 40_000, endMs: 40_000, count: 1 },
  ]);
  assert.equal(found.switches, 2);
});

test('a sample that two replicas share counts for the one that supplied the last', () => {
  const { suppliers } = f(['A 10:1 20:2', 'B 5:0 10:1 20:2', '* 5:0 10:1 20:2']);
  assert.deepEqual(suppliers, [1, 1, 1]);
});

test('equal times with other values are not the same sample', () => {
  const { suppliers } = f(['A 10:1', 'B 10:2', '* 10:2']);
  assert.deepEqual(suppliers, [1]);
  assert.deepEqual(f(['A 10:1', '* 10:3']).suppliers, [-1]);
});

test('the gap of one replica is filled where the result has samples of another', () => {
  const found = f(
    [
      'A 0:1 10:1 20:1 50:1 60:1',
      'B 3:1 13:1 23:1 33:1 43:1 53:1',
      '* 0:1 10:1 20:1 33:1 43:1 53:1',
    ],
    { startMs: 0, endMs: 60_000 },
  );
  assert.deepEqual(found.filled, [
    { lane: 0, startMs: 20_000, endMs: 50_000, samples: 2, by: [1] },
  ]);
  assert.deepEqual(found.lanes[1].gaps, []);
});

test('a replica that came late or left early has a gap to the end of the window', () => {
  const window = { startMs: 0, endMs: 100_000 };
  assert.deepEqual(gapsOf([40_000, 50_000], 10_000, window), [
    { startMs: 0, endMs: 40_000 },
    { startMs: 50_000, endMs: 100_000 },
  ]);
  assert.deepEqual(gapsOf([], 10_000, window), [window]);
  assert.deepEqual(gapsOf([5000, 15_000, 29_000], 10_000, { startMs: 0, endMs: 30_000 }), []);
});

test('who begins a moment sooner has closed no gap of the other', () => {
  const window = { startMs: 0, endMs: 200_000 };
  const found = f(['A 100:1 110:1 120:1', 'B 103:1 113:1 123:1', '* 100:1 110:1 120:1'], window);
  assert.deepEqual(found.filled, []);
  const late = f(['A 100:1 110:1 120:1', 'B 123:1 133:1', '* 100:1 110:1 120:1'], window);
  assert.deepEqual(late.filled, [{ lane: 1, startMs: 0, endMs: 123_000, samples: 2, by: [0] }]);
});

test('a gap that is left tells who has samples in it', () => {
  const found = f(['A 0:1 10:1 40:1 50:1', 'B 3:1 13:1 23:1 33:1 43:1', '* 0:1 10:1 40:1 50:1'], {
    startMs: 0,
    endMs: 90_000,
  });
  assert.deepEqual(found.left, [
    { startMs: 10_000, endMs: 40_000, held: [1] },
    { startMs: 50_000, endMs: 90_000, held: [] },
  ]);
});

test('nothing at all is no fault', () => {
  const { lanes, result, stretches, filled } = f([]);
  assert.deepEqual([lanes, stretches, filled], [[], [], []]);
  assert.deepEqual(result.times, []);
});

test('replicas of one series are grouped by all other labels', () => {
  const raw = [
    series('A 1:1'),
    series('B 1:1'),
    { metric: { __name__: 'y', replica: 'A' }, samples: [] },
  ];
  const groups = groupReplicas(raw, ['replica']);
  assert.deepEqual(
    [...groups.values()].map((group) => group.length),
    [2, 1],
  );
  assert.equal(seriesKey({ b: '1', a: '2', replica: 'A' }, ['replica']), '[["a","2"],["b","1"]]');
});

test('the nearest sample', () => {
  const g = (value: number, want: number): void =>
    assert.equal(nearest([10, 20, 30], value), want, String(value));
  g(0, 0);
  g(14, 0);
  g(16, 1);
  g(99, 2);
  assert.equal(nearest([], 5), -1);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { makeUlid } from '../base/ulid.ts';
import { labelsOf } from '../model/labels.ts';
import type { RelabelAction, RelabelConfig } from '../model/relabel-config.ts';
import { NO_THANOS_META } from '../tsdb/block/thanos-meta.ts';
import { modelMeta } from '../tsdb/testing/model-block.ts';
import type { BlockFilter, FilterRun } from './meta-fetcher.ts';
import {
  consistencyDelay,
  shardByLabels,
  timePartition,
  withoutDuplicates,
} from './meta-filters.ts';
import type { StoredBlock } from './stored-block.ts';

type Changes = Partial<StoredBlock> & {
  readonly labels?: Record<string, string>;
  readonly sources?: readonly string[];
  readonly thanosPart?: Partial<StoredBlock['thanos']>;
};

function block(ulid: string, { labels = {}, sources = [ulid], thanosPart, ...rest }: Changes = {}) {
  const meta = modelMeta(ulid, 0, 10);
  const compaction = { ...meta.compaction, sources };
  const thanos = { ...NO_THANOS_META, labels: labelsOf(labels), ...thanosPart };
  return { ...meta, compaction, thanos, ...rest };
}

/** Set-aside blocks with their states. */
async function run(filter: BlockFilter, blocks: readonly StoredBlock[]): Promise<object> {
  const left = new Map(blocks.map((one) => [one.ulid, one]));
  const setAside: Record<string, string> = {};
  const view: FilterRun = {
    blocks: left,
    listed: new Map(),
    marks: new Map(),
    signal: undefined,
    setAside(ulid, state) {
      left.delete(ulid);
      setAside[ulid] = state;
    },
    fail: (error) => assert.fail(String(error)),
  };
  await filter(view);
  return setAside;
}

test('blocks outside the time partition are left out; both bounds count', async () => {
  const filter = timePartition(() => ({ minTime: 10, maxTime: 20 }));
  const blocks = [
    block('before', { minTime: 0, maxTime: 9 }),
    block('touches', { minTime: 0, maxTime: 10 }),
    block('starts', { minTime: 20, maxTime: 30 }),
    block('after', { minTime: 21, maxTime: 30 }),
  ];
  const want = { before: 'time-excluded', after: 'time-excluded' };
  assert.deepEqual(await run(filter, blocks), want);
});

function step(action: RelabelAction, rest: Partial<RelabelConfig>): RelabelConfig {
  const usual = { sourceLabels: [], separator: ';', regex: '(.*)', modulus: 0, targetLabel: '' };
  return { ...usual, replacement: '$1', action, ...rest };
}

test('shards are chosen by external labels and by the block’s ULID', async () => {
  const blocks = [block('A', { labels: { tenant: 'x' } }), block('B', { labels: { tenant: 'y' } })];
  const f = async (configs: readonly RelabelConfig[], want: readonly string[]): Promise<void> => {
    assert.deepEqual(Object.keys(await run(shardByLabels(configs), blocks)), want);
  };
  await f([], []);
  await f([step('keep', { sourceLabels: ['tenant'], regex: 'x' })], ['B']);
  await f([step('drop', { sourceLabels: ['__block_id'], regex: 'A' })], ['A']);
  // The shards of all remainders have each block once.
  const shard = (remainder: number): BlockFilter =>
    shardByLabels([
      step('hashmod', { sourceLabels: ['__block_id'], modulus: 2, targetLabel: 'shard' }),
      step('keep', { sourceLabels: ['shard'], regex: String(remainder) }),
    ]);
  const many = Array.from({ length: 20 }, (_, i) => block(`B${i}`));
  const left = [0, 1].map(async (remainder) => Object.keys(await run(shard(remainder), many)));
  const [zero = [], one = []] = await Promise.all(left);
  assert.deepEqual([...zero, ...one].sort(), many.map(({ ulid }) => ulid).sort());
  assert.ok(zero.length > 0 && one.length > 0);
});

test('other relabel actions are refused', () => {
  assert.throws(() => shardByLabels([step('replace', {})]), { kind: 'bad-data' });
});

test('fresh blocks wait, by upload or else ULID, but not those of a compaction', async () => {
  const clock = new ManualClock(1_700_000_000_000);
  const nowMs = clock.nowMs();
  const random = seededRandom(1);
  const [fresh, old] = [makeUlid(nowMs - 1, random), makeUlid(nowMs - 5000, random)];
  const filter = consistencyDelay(1000, clock);
  const blocks = [
    block(fresh),
    block(old),
    block('A', { thanosPart: { uploadTimeMs: nowMs - 999 } }),
    block('B', { thanosPart: { uploadTimeMs: nowMs - 1000 } }),
    block('C', { thanosPart: { uploadTimeMs: nowMs, source: 'compactor' } }),
  ];
  assert.deepEqual(await run(filter, blocks), { [fresh]: 'too-fresh', A: 'too-fresh' });
});

test('a block whose sources are in another of its group is a duplicate', async () => {
  const f = async (blocks: readonly StoredBlock[], want: readonly string[]): Promise<void> => {
    assert.deepEqual(Object.keys(await run(withoutDuplicates, blocks)).sort(), want);
  };
  await f([block('A'), block('B'), block('AB', { sources: ['A', 'B'] })], ['A', 'B']);
  await f([block('A'), block('C'), block('AB', { sources: ['A', 'B'] })], ['A']);
  await f([block('AB', { sources: ['A', 'B'] }), block('BC', { sources: ['B', 'C'] })], []);
  // Of two equal ones the older stays.
  await f([block('Y', { sources: ['A'] }), block('X', { sources: ['A'] })], ['Y']);
  await f([block('A', { labels: { r: '1' } }), block('AB', { sources: ['A', 'B'] })], []);
  const downsampled = { sources: ['A', 'B'], thanosPart: { resolutionMs: 300_000 } };
  await f([block('A'), block('AB', downsampled)], []);
  // Without sources it stands for itself.
  await f([block('A', { sources: [] }), block('BC', { sources: ['B', 'C'] })], []);
});

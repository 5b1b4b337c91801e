import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { type Random, seededRandom } from '../base/random.ts';
import { FaultyFiles, SimulatedDeath } from '../base/testing/faulty-files.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { compileMatcher } from '../model/matcher.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { isDeleted } from './block/tombstones.ts';
import { BlockList } from './block-list.ts';
import { openBlocks } from './blocks.ts';
import { compactBlocks } from './compact/compact-blocks.ts';
import type { CompactionWorker } from './compact/compaction-worker.ts';
import type { DeleteRequest } from './delete-series.ts';
import { type HeadPart, Maintenance } from './maintenance.ts';
import type { Retention } from './retention.ts';
import { dump } from './testing/dump.ts';
import { modelSource } from './testing/model-block.ts';

const DATA = 'data';
const kernel = testKernel();
const RANGE_MS = 100;
const SERIES = 4;
const FOR_EVER: Retention = { timeMs: 0, sizeBytes: 0, percentage: 0 };

/** A head of plain values whose samples survive a crash, as with a log. */
class ModelHead implements HeadPart {
  samples: Map<number, number>[] = Array.from({ length: SERIES }, () => new Map());
  sealed = Number.NEGATIVE_INFINITY;
  diskBytes = 0;

  get minTime(): number {
    return Math.min(...this.samples.flatMap((series) => [...series.keys()]));
  }

  get maxTime(): number {
    return Math.max(...this.samples.flatMap((series) => [...series.keys()]));
  }

  append(time: number, value: number): void {
    assert.ok(time >= this.sealed);
    for (const series of this.samples) series.set(time, value);
  }

  *blockSource(minTime: number, maxTime: number) {
    yield;
    const series = this.samples.map((samples, i) => ({
      labels: ['__name__', 'm', 'i', String(i)],
      samples: new Map([...samples].filter(([time]) => time >= minTime && time <= maxTime)),
    }));
    return Object.assign(modelSource(series), { [Symbol.dispose]: () => undefined });
  }

  sweep(): void {
    // There is nothing on the disk.
  }

  seal(minTime: number): void {
    this.sealed = minTime;
  }

  *truncate(minTime: number) {
    yield;
    for (const series of this.samples) {
      for (const time of series.keys()) if (time < minTime) series.delete(time);
    }
  }

  *delete({ matchers, minTime, maxTime }: DeleteRequest) {
    yield;
    for (const [i, series] of this.samples.entries()) {
      if (!matchers.every(({ name, matches }) => matches(name === 'i' ? String(i) : 'm'))) continue;
      for (const time of series.keys()) {
        if (isDeleted([{ minTime, maxTime }], time, time)) series.delete(time);
      }
    }
  }
}

class Scene {
  readonly clock = new ManualClock();
  readonly random: Random = seededRandom(8);
  readonly files = new FaultyFiles(this.random);
  readonly head = new ModelHead();
  /** Time → value, as every series has them. */
  readonly written = new Map<number, number>();
  retention: Retention = FOR_EVER;
  maxBlockMs = 900;
  worker: CompactionWorker | undefined;
  blocks: BlockList;
  maintenance: Maintenance;

  constructor() {
    this.files.makeDirectory(DATA);
    this.files.syncDirectory('.');
    [this.blocks, this.maintenance] = this.start();
  }

  start(): [BlockList, Maintenance] {
    const { files, clock, random, head, retention, maxBlockMs, worker } = this;
    const common = { files, directory: DATA, clock, log: silentLogger };
    this.blocks = new BlockList(common);
    const end = Math.max(
      Number.NEGATIVE_INFINITY,
      ...this.blocks.metas.map((meta) => meta.maxTime),
    );
    for (const series of head.samples) {
      for (const time of series.keys()) if (time < end) series.delete(time);
    }
    this.maintenance = new Maintenance({
      ...common,
      random,
      head,
      blocks: this.blocks,
      openKernel: () => kernel,
      worker,
      retention,
      minBlockMs: RANGE_MS,
      maxBlockMs,
    });
    return [this.blocks, this.maintenance];
  }

  append(from: number, to: number): void {
    for (let time = from; time < to; time += 5) {
      const value = Math.floor(this.random.next() * 1000);
      this.head.append(time, value);
      this.written.set(time, value);
    }
  }

  /** Until nothing is due; gives the number of steps. */
  work(): number {
    for (let steps = 1; ; steps++) if (!this.maintenance.step(0)) return steps;
  }

  get ranges(): string {
    return this.blocks.metas.map((meta) => `${meta.minTime}-${meta.maxTime}`).join(' ');
  }

  /** Every series has each sample exactly once, in a block or in the head. */
  async check(isThere: (series: number, time: number) => boolean = () => true): Promise<void> {
    using blocks = openBlocks(this.files, DATA, { cacheBytes: 0 });
    const stored = (await dump(blocks, kernel)).map(
      (line) => /i="(\d)"\} (\d+) (\d+)$/.exec(line)?.slice(1).join(' ') as string,
    );
    const fresh = this.head.samples.flatMap((series, i) =>
      [...series].map(([time, value]) => `${i} ${value} ${time}`),
    );
    const want = this.head.samples.flatMap((_, i) =>
      [...this.written]
        .filter(([time]) => isThere(i, time))
        .map(([time, value]) => `${i} ${value} ${time}`),
    );
    assert.deepEqual([...stored, ...fresh].sort(), want.sort());
  }
}

function onlySeries(i: number, minTime: number, maxTime: number): DeleteRequest {
  const matchers = [compileMatcher({ type: '=', name: 'i', value: String(i) })];
  return { matchers, minTime, maxTime };
}

test('the head becomes a block when it is one and a half blocks long', async () => {
  const scene = new Scene();
  scene.append(0, 150);
  scene.work();
  assert.equal(scene.ranges, '');
  scene.append(150, 160);
  assert.ok(scene.work() > 8, 'it is done in small steps');
  assert.equal(scene.ranges, '0-100');
  assert.equal(scene.head.minTime, 100);
  assert.equal(scene.head.sealed, 100);
  await scene.check();
});

test('a head that begins in the middle of a range becomes the rest of it', async () => {
  const scene = new Scene();
  scene.append(1030, 1500);
  scene.work();
  assert.equal(scene.ranges, '1030-1200 1200-1300 1300-1400');
  await scene.check();
});

test('blocks become longer ones, and the old ones go a minute later', async () => {
  const scene = new Scene();
  scene.append(0, 1300);
  scene.work();
  assert.equal(scene.ranges, '0-900 900-1000 1000-1100 1100-1200');
  assert.ok(scene.files.list(DATA).length > 4);
  scene.clock.advance(60_000);
  scene.work();
  assert.equal(scene.files.list(DATA).length, 4);
  await scene.check();
});

test('the oldest blocks go when they are too old', async () => {
  const scene = new Scene();
  scene.retention = { timeMs: 250, sizeBytes: 0, percentage: 0 };
  scene.maxBlockMs = RANGE_MS;
  scene.start();
  scene.append(0, 700);
  scene.work();
  assert.equal(scene.ranges, '300-400 400-500 500-600');
  scene.clock.advance(60_000);
  scene.work();
  assert.equal(scene.files.list(DATA).length, 3);
  await scene.check((_, time) => time >= 300);
});

test('the oldest blocks go when all are too large, the head counted', () => {
  const scene = new Scene();
  scene.maxBlockMs = RANGE_MS;
  scene.start();
  scene.append(0, 700);
  scene.work();
  const each = scene.blocks.sizeBytes / 6;
  scene.head.diskBytes = each;
  scene.maintenance.configure({ timeMs: 0, sizeBytes: each * 3.5, percentage: 0 });
  scene.work();
  assert.equal(scene.ranges, '400-500 500-600');
  scene.files.capacityBytes = each * 10;
  scene.maintenance.configure({ timeMs: 0, sizeBytes: 1, percentage: 25 });
  scene.work();
  assert.equal(scene.ranges, '500-600');
});

test('deletions take effect at once and are gone after cleaning', async () => {
  const scene = new Scene();
  scene.append(0, 500);
  scene.work();
  scene.clock.advance(60_000);
  scene.work();
  const isThere = (series: number, time: number): boolean =>
    series !== 2 || time < 150 || time > 1000;
  const deleted = scene.maintenance.deleteSeries(onlySeries(2, 150, 1000));
  scene.work();
  await deleted;
  await scene.check(isThere);
  const [first, second] = scene.blocks.names;
  assert.deepEqual([first?.version, second?.version], [0, 1]);
  assert.ok(scene.blocks.metas.some(({ stats }) => stats.numTombstones > 0));
  const cleaned = scene.maintenance.cleanTombstones();
  scene.work();
  await cleaned;
  assert.ok(scene.blocks.metas.every(({ stats }) => stats.numTombstones === 0));
  assert.equal(scene.ranges, '0-300 300-400');
  scene.clock.advance(60_000);
  scene.work();
  await scene.check(isThere);
});

test('a snapshot holds blocks and head, and stays when they go', async () => {
  const scene = new Scene();
  scene.append(0, 500);
  scene.work();
  const done = scene.maintenance.snapshot('snapshots/one', true);
  scene.work();
  await done;
  for (const name of scene.files.list(DATA)) scene.files.remove(`${DATA}/${name}`);
  using blocks = openBlocks(scene.files, 'snapshots/one', { cacheBytes: 0 });
  assert.equal((await dump(blocks, kernel)).length, SERIES * scene.written.size);
});

test('all of the head becomes blocks on demand', async () => {
  const scene = new Scene();
  scene.append(0, 130);
  const done = scene.maintenance.persistHead();
  scene.work();
  await done;
  assert.equal(scene.ranges, '0-100 100-126');
  assert.equal(scene.head.minTime, Number.POSITIVE_INFINITY);
  await scene.check();
});

test('a full disk delays, and nothing is lost', async () => {
  const scene = new Scene();
  scene.append(0, 300);
  scene.files.capacityBytes = 700;
  scene.work();
  assert.equal(scene.ranges, '');
  assert.equal(scene.maintenance.counters.compactionsFailed, 1);
  scene.files.capacityBytes = Number.POSITIVE_INFINITY;
  scene.work();
  assert.equal(scene.ranges, '', 'it waits before it tries again');
  scene.clock.advance(1000);
  scene.work();
  assert.equal(scene.ranges, '0-100 100-200');
  await scene.check();
});

test('what is asked for fails where a block is damaged, and is answered', async () => {
  const scene = new Scene();
  scene.append(0, 300);
  scene.work();
  const [first] = scene.blocks.names;
  scene.files.flipBit(`${DATA}/${first?.ulid}/index`, 77);
  const deleted = scene.maintenance.deleteSeries(onlySeries(1, 0, 1000));
  scene.work();
  await assert.rejects(deleted, OperationError);
});

test('what waits is refused at the end', async () => {
  const scene = new Scene();
  const done = scene.maintenance.cleanTombstones();
  await Promise.all([scene.maintenance.close(), assert.rejects(done, /is being closed/)]);
});

test('a worker compacts while the head is written, and what is asked for waits', async () => {
  const scene = new Scene();
  const { files } = scene;
  const started = Promise.withResolvers<void>();
  scene.worker = {
    async run(task) {
      await started.promise;
      for (const _ of compactBlocks({ files, kernel: testKernel() }, task));
    },
    stop: async () => undefined,
  };
  scene.start();
  scene.append(0, 500);
  scene.work();
  assert.equal(scene.ranges, '0-100 100-200 200-300 300-400');
  const cleaned = scene.maintenance.cleanTombstones();
  scene.append(500, 600);
  scene.work();
  assert.equal(scene.ranges, '0-100 100-200 200-300 300-400 400-500');
  started.resolve();
  await new Promise(setImmediate);
  scene.work();
  await cleaned;
  assert.equal(scene.ranges, '0-300 300-400 400-500');
  await scene.check();
});

test('a crash at any moment leaves every sample exactly once', async () => {
  let deaths = 0;
  for (const after of ['kill', 'loss of power'] as const) {
    for (let change = 1; ; change += 3) {
      const scene = new Scene();
      scene.append(0, 600);
      scene.files.dieIn(change);
      let isDone = false;
      try {
        scene.work();
        scene.clock.advance(60_000);
        scene.work();
        isDone = true;
      } catch (error) {
        if (!(error instanceof SimulatedDeath)) throw error;
        deaths++;
      }
      scene.files.restart(after);
      scene.start();
      await scene.check();
      scene.work();
      assert.equal(scene.ranges, '0-300 300-400 400-500');
      await scene.check();
      if (isDone) break;
    }
  }
  assert.ok(deaths > 60, `only ${deaths} crashes`);
});

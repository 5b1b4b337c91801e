import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import { FaultyFiles, SimulatedDeath } from '../../base/testing/faulty-files.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { ManualClock } from '../../base/testing/manual-clock.ts';
import { makeUlid } from '../../base/ulid.ts';
import { type Labels, labelsOf } from '../../model/labels.ts';
import { printLabels } from '../../model/labels-text.ts';
import { compileMatcher } from '../../model/matcher.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { type BlockMeta, readBlockMeta } from '../block/meta.ts';
import { BlockList } from '../block-list.ts';
import { openBlocks } from '../blocks.ts';
import { deleteFromBlock } from '../delete-series.ts';
import { dump } from '../testing/dump.ts';
import { type ModelSeries, modelMeta, writeModelBlock } from '../testing/model-block.ts';
import { compactBlocks } from './compact-blocks.ts';

const DATA = 'data';
/** Series text → time → value. */
type Model = Map<string, { readonly labels: Labels; readonly samples: Map<number, number> }>;

class Scene {
  readonly files: FaultyFiles;
  readonly random: Random;
  readonly model: Model = new Map();
  #ulids = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.files = new FaultyFiles(this.random);
    this.files.makeDirectory(DATA);
    this.files.syncDirectory('.');
  }

  ulid(): string {
    return makeUlid(++this.#ulids, this.random);
  }

  /** A block of random series; what the model has already keeps its value, as blocks written before win. */
  addBlock(minTime: number, maxTime: number): BlockMeta {
    const series: ModelSeries[] = [];
    for (let i = 0; i < 6; i++) {
      if (this.random.next() < 0.3) continue;
      const labels = labelsOf({ __name__: 'm', i: String(i), odd: i % 2 === 1 ? 'yes' : '' });
      const samples = new Map<number, number>();
      for (let time = minTime; time < maxTime; time += 1 + Math.floor(this.random.next() * 20)) {
        samples.set(time, this.#known(labels)?.get(time) ?? Math.floor(this.random.next() * 100));
      }
      series.push({ labels, samples });
      const known = this.#known(labels) ?? new Map<number, number>();
      this.model.set(printLabels(labels), { labels, samples: known });
      for (const [time, value] of samples) known.set(time, value);
    }
    const meta = writeModelBlock(
      this.files,
      DATA,
      modelMeta(this.ulid(), minTime, maxTime),
      series,
    );
    assert.ok(meta !== undefined);
    return meta;
  }

  #known(labels: Labels): Map<number, number> | undefined {
    return this.model.get(printLabels(labels))?.samples;
  }

  delete(blocks: readonly BlockMeta[], matcher: string, minTime: number, maxTime: number): void {
    const matchers = [compileMatcher({ type: '=~', name: 'i', value: matcher })];
    for (const { ulid } of blocks) {
      const request = { matchers, minTime, maxTime };
      for (const _ of deleteFromBlock(this.files, `${DATA}/${ulid}`, request));
    }
    for (const { labels, samples } of this.model.values()) {
      if (!new RegExp(`^(?:${matcher})$`).test(labels[3] as string)) continue;
      for (const time of samples.keys()) {
        if (time >= minTime && time <= maxTime) samples.delete(time);
      }
    }
  }

  compact(parents: readonly BlockMeta[], purpose: 'merge' | 'clean' = 'merge'): string {
    const ulid = this.ulid();
    const task = { directory: DATA, ulid, parents: parents.map((meta) => meta.ulid), purpose };
    for (const _ of compactBlocks({ files: this.files, kernel: testKernel() }, task));
    return ulid;
  }

  /** Loads as a new process does. */
  load(): BlockList {
    const { files } = this;
    return new BlockList({ files, directory: DATA, clock: new ManualClock(), log: silentLogger });
  }

  /** All samples of the blocks, as lines, must be those of the model. */
  async check(): Promise<void> {
    const want = [...this.model.values()].flatMap(({ labels, samples }) =>
      [...samples].map(([time, value]) => `${printLabels(labels)} ${value} ${time}`),
    );
    assert.deepEqual((await dumpAll(this.files)).sort(), want.sort());
  }
}

async function dumpAll(files: FileSystem): Promise<string[]> {
  using blocks = openBlocks(files, DATA, { cacheBytes: 0 });
  return dump(blocks, testKernel());
}

test('blocks of neighbouring times become one that holds the same', async () => {
  const scene = new Scene(1);
  const metas = [0, 1000, 2000].map((start) => scene.addBlock(start, start + 1000));
  const ulid = scene.compact(metas);
  assert.deepEqual(scene.load().names, [{ ulid, version: 0 }]);
  await scene.check();
  const { minTime, maxTime, stats, compaction } = readBlockMeta(scene.files, `${DATA}/${ulid}`);
  assert.deepEqual([minTime, maxTime], [0, 3000]);
  assert.equal(stats.numSamples, (await dumpAll(scene.files)).length);
  assert.equal(compaction.level, 2);
  assert.deepEqual(compaction.sources, metas.map((meta) => meta.ulid).sort());
  assert.deepEqual(
    compaction.parents,
    metas.map((meta) => ({ ulid: meta.ulid, minTime: meta.minTime, maxTime: meta.maxTime })),
  );
});

test('overlapping blocks are joined sample by sample', async () => {
  const scene = new Scene(2);
  scene.compact([scene.addBlock(0, 2000), scene.addBlock(500, 2500), scene.addBlock(2400, 5000)]);
  scene.load();
  await scene.check();
});

test('what is deleted is not in the new block', async () => {
  const scene = new Scene(3);
  const metas = [scene.addBlock(0, 3000), scene.addBlock(3000, 6000)];
  scene.delete(metas, '[0-2]', 500, 1500);
  scene.delete(metas, '[1-4]', 2000, 4000);
  scene.delete(metas, '5', 0, 1e9);
  await scene.check();
  const ulid = scene.compact(metas);
  scene.load();
  await scene.check();
  assert.equal(readBlockMeta(scene.files, `${DATA}/${ulid}`).stats.numTombstones, 0);
});

test('a block of which everything is deleted goes', async () => {
  const scene = new Scene(4);
  const meta = scene.addBlock(0, 1000);
  scene.delete([meta], '.*', 0, 1e9);
  scene.compact([meta], 'clean');
  assert.deepEqual(scene.load().names, []);
  await scene.check();
});

test('random blocks with random deletions stay what they are', async () => {
  for (let seed = 10; seed < 30; seed++) {
    const scene = new Scene(seed);
    const at = (): number => Math.floor(scene.random.next() * 3000);
    const metas = [0, 1, 2, 3].map(() => {
      const start = at();
      return scene.addBlock(start, start + 1 + at());
    });
    metas.sort((a, b) => a.minTime - b.minTime);
    scene.delete(metas, '[02]', at(), 1500 + at());
    scene.delete(metas, '[3-5]', at(), 1500 + at());
    scene.compact(metas);
    scene.load();
    await scene.check();
  }
});

test('a crash at any moment of a compaction leaves every sample exactly once', async () => {
  let deaths = 0;
  for (const after of ['kill', 'loss of power'] as const) {
    for (let step = 1; ; step++) {
      const scene = new Scene(5);
      const metas = [scene.addBlock(0, 300), scene.addBlock(300, 600)];
      const { files } = scene;
      files.dieIn(step);
      let isDone = false;
      try {
        scene.compact(metas);
        scene.load();
        isDone = true;
      } catch (error) {
        if (!(error instanceof SimulatedDeath)) throw error;
        deaths++;
      }
      files.restart(after);
      const names = scene.load().names.length;
      assert.ok(names === 1 || names === 2, `${names} blocks`);
      assert.deepEqual(files.list(DATA).length, names);
      await scene.check();
      if (isDone) break;
    }
  }
  assert.ok(deaths > 40, `only ${deaths} crashes`);
});

test('a damaged block is named and marked, and its neighbours stay', () => {
  const scene = new Scene(6);
  const metas = [scene.addBlock(0, 1000), scene.addBlock(1000, 2000)];
  const [first] = metas;
  scene.files.flipBit(`${DATA}/${first?.ulid}/chunks/000001`, 400);
  assert.throws(
    () => scene.compact(metas),
    (error: Error) =>
      error instanceof OperationError &&
      error.kind === 'corrupt' &&
      error.message.includes(first?.ulid ?? '-'),
  );
  for (const { ulid } of metas) {
    assert.equal(readBlockMeta(scene.files, `${DATA}/${ulid}`).compaction.failed, true);
  }
  assert.equal(scene.load().names.length, 2);
});

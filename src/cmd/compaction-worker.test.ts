import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { makeUlid } from '../base/ulid.ts';
import { readBlockMeta } from '../tsdb/block/meta.ts';
import { type CompactionWorker, compactionWorker } from '../tsdb/compact/compaction-worker.ts';
import { modelMeta, writeModelBlock } from '../tsdb/testing/model-block.ts';
import { ScratchDirectory } from '../tsdb/testing/promtool-blocks.ts';
import { realFileSystem as files } from '../world/file-system.ts';
import { realWorkerHost } from '../world/worker-host.ts';

const random = seededRandom(2);

function newWorker(): CompactionWorker {
  return compactionWorker(realWorkerHost, new URL('./compaction-worker.ts', import.meta.url));
}

test('a worker thread compacts blocks, one task after another', async () => {
  using scratch = new ScratchDirectory();
  const directory = scratch.path;
  const parents = [0, 100, 200].map((start) => {
    const ulid = makeUlid(start, random);
    const samples = new Map([[start + 5, 1]]);
    const series = [{ labels: ['a', 'b'], samples }];
    writeModelBlock(files, directory, modelMeta(ulid, start, start + 100), series);
    return ulid;
  });
  const worker = newWorker();
  const [first = '', second = '', third = ''] = parents;
  const one = makeUlid(300, random);
  await worker.run({ directory, ulid: one, parents: [first, second], purpose: 'merge' });
  const two = makeUlid(400, random);
  await worker.run({ directory, ulid: two, parents: [one, third], purpose: 'merge' });
  const { stats, compaction } = readBlockMeta(files, `${directory}/${two}`);
  assert.equal(stats.numSamples, 3);
  assert.equal(compaction.level, 3);
});

test('what goes wrong in the worker thread comes back as an operating error', async () => {
  using scratch = new ScratchDirectory();
  const ulid = makeUlid(1, random);
  const task = { directory: scratch.path, ulid, parents: [ulid], purpose: 'merge' } as const;
  await assert.rejects(newWorker().run(task), OperationError);
  await assert.rejects(
    newWorker().run(task),
    /^OperationError: cannot compact blocks \w+: .*meta\.json/,
  );
});

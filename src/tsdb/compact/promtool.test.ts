import { strict as assert } from 'node:assert';
import { after, before, describe, test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { makeUlid } from '../../base/ulid.ts';
import { compileMatcher } from '../../model/matcher.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { realClock } from '../../world/clock.ts';
import { realFileSystem as files } from '../../world/file-system.ts';
import { BlockList } from '../block-list.ts';
import { deleteFromBlock } from '../delete-series.ts';
import { openMetrics, START_MS } from '../testing/open-metrics.ts';
import {
  createBlocks,
  dumpBlocks,
  hasPromtool,
  runPromtool,
  ScratchDirectory,
} from '../testing/promtool-blocks.ts';
import { compactBlocks } from './compact-blocks.ts';

const skip = hasPromtool() ? false : 'promtool is not on the PATH';

describe('compaction as promtool sees it', { skip }, () => {
  let scratch: ScratchDirectory;
  before(() => {
    scratch = new ScratchDirectory();
    createBlocks(scratch.path, openMetrics());
  });
  after(() => scratch[Symbol.dispose]());

  test('one block of several, less what is deleted, holds what promtool read before', () => {
    const directory = scratch.path;
    const load = (): BlockList =>
      new BlockList({ files, directory, clock: realClock, log: silentLogger });
    const matchers = [compileMatcher({ type: '=~', name: 'room', value: 'r1.*' })];
    const times = { minTime: START_MS + 3e6, maxTime: START_MS + 8e6 };
    const parents = load().metas.map(({ ulid }) => ulid);
    for (const ulid of parents) {
      for (const _ of deleteFromBlock(files, `${directory}/${ulid}`, { matchers, ...times }));
    }
    const before = dumpBlocks(directory);
    const ulid = makeUlid(START_MS, seededRandom(1));
    const task = { directory, ulid, parents, purpose: 'merge' } as const;
    for (const _ of compactBlocks({ files, kernel: testKernel() }, task));
    assert.deepEqual(
      load().metas.map((meta) => meta.ulid),
      [ulid],
    );
    assert.ok(parents.length > 2 && before.length > 50_000);
    assert.deepEqual(dumpBlocks(directory).toSorted(), before.toSorted());
    assert.match(runPromtool(['tsdb', 'list', directory]), new RegExp(ulid));
    assert.match(runPromtool(['tsdb', 'analyze', directory, ulid]), /Series: 83\n/);
  });
});

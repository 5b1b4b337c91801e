/** Logs of ours are read by the real promtool. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { realFileSystem } from '../../world/file-system.ts';
import { dumpBlocks, hasPromtool, ScratchDirectory } from '../testing/promtool-blocks.ts';
import { columnsOf, lineSink } from './testing/wal-lines.ts';
import { Wal } from './wal.ts';

const skip = hasPromtool() ? false : 'promtool is not on the PATH';

test('promtool dumps every sample of our log, of its checkpoint too', { skip }, () => {
  using scratch = new ScratchDirectory();
  const kernel = testKernel();
  const random = seededRandom(4);
  const directory = `${scratch.path}/wal`;
  const wal = Wal.open({ files: realFileSystem, directory, kernel, segmentBytes: 32_768 });
  wal.replay(lineSink(kernel, []));
  const want: string[] = [];
  const refs = Array.from({ length: 50 }, (_, i) => i + 1);
  const host = (ref: number): string => `host ${ref}`;
  const series = refs.map((ref) => ({ ref, labels: ['__name__', 'up', 'host', host(ref)] }));
  wal.log({ series });
  const first = 1_700_000_000_000;
  for (let i = 0; i < 300; i++) {
    const samples = refs.map((ref) => ({
      ref,
      time: first + 15_000 * i + Math.floor(random.next() * 9000),
      value: Math.round(random.next() * 1e6) / 8,
    }));
    const mark = kernel.arena.mark();
    wal.log({ samples: columnsOf(kernel, samples) });
    kernel.arena.release(mark);
    for (const { ref, time, value } of samples) {
      want.push(`{__name__="up", host="${host(ref)}"} ${value} ${time}`);
    }
  }
  for (const _ of wal.truncate({ minTime: first, keep: () => true }));
  assert.ok(realFileSystem.list(directory).some((name) => name.startsWith('checkpoint')));
  wal.close();
  assert.deepEqual(dumpBlocks(scratch.path).toSorted(), want.toSorted());
});

import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { FileSystem } from '../base/file-system.ts';
import { KernelPool } from '../base/kernel-pool.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { allocChunkTable, decodeChunks, setChunkRow } from '../chunk/columns.ts';
import { printLabels } from '../model/labels-text.ts';
import type { SelectRequest } from '../storage/queryable.ts';
import type { BlockName } from './block-list.ts';
import { openBlocks } from './blocks.ts';
import { LiveBlocks } from './live-blocks.ts';
import { dump, NO_HINTS } from './testing/dump.ts';
import { memoryFiles } from './testing/memory-files.ts';

const goldens = JSON.parse(
  readFileSync(new URL('../../test/golden/blocks.json', import.meta.url), 'utf8'),
) as readonly { readonly files: Readonly<Record<string, string>> }[];

/** Every block of the golden files, in one directory, and how many files of them are open. */
function directory(): { files: FileSystem; open: Set<object>; names: BlockName[] } {
  const all = goldens.flatMap(({ files }) => Object.entries(files));
  const bytes = new Map(all.map(([path, text]) => [`data/${path}`, Buffer.from(text, 'base64')]));
  const files = memoryFiles(bytes);
  const open = new Set<object>();
  const counted: FileSystem = {
    ...files,
    open(path) {
      const file = files.open(path);
      open.add(file);
      return { ...file, read: file.read, [Symbol.dispose]: () => void open.delete(file) };
    },
  };
  const names = files.list('data').map((ulid) => ({ ulid, version: 0 }));
  return { files: counted, open, names };
}

function liveBlocks(files: FileSystem): LiveBlocks {
  const kernels = new KernelPool(() => testKernel());
  return new LiveBlocks({ files, directory: 'data', cacheBytes: 1 << 20, kernels });
}

const signal = new AbortController().signal;
const everything: SelectRequest = {
  matchers: [{ type: '!=', name: '__name__', value: '' }],
  minTime: -1e15,
  maxTime: 1e15,
  hints: NO_HINTS,
};

test('the blocks of the list are read, as if they had been opened together', async () => {
  const { files, names } = directory();
  using live = liveBlocks(files);
  assert.deepEqual(await dump(live, testKernel()), []);
  live.use(names);
  using together = openBlocks(files, 'data');
  const want = await dump(together, testKernel());
  assert.ok(want.length > 100);
  assert.deepEqual(await dump(live, testKernel()), want);
  const scope = { matchers: [], minTime: -1e15, maxTime: 1e15, limit: 0 };
  assert.deepEqual(
    await live.labelValues('__name__', scope, { signal }),
    await together.labelValues('__name__', scope, { signal }),
  );
  live.use([]);
  assert.deepEqual(await dump(live, testKernel()), []);
});

test('a block that leaves the list is closed when no selection uses it any more', async () => {
  const { files, open, names } = directory();
  using live = liveBlocks(files);
  live.use(names);
  const whole = open.size;
  const first = await live.select(everything, { signal });
  const second = await live.selectChunks(everything, { signal });
  live.use(names.slice(1));
  assert.equal(open.size, whole);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.equal(open.size, whole);
  second[Symbol.dispose]();
  assert.ok(open.size < whole);
  const [kept] = names.slice(1);
  assert.ok(kept !== undefined);
  live.use([{ ...kept, version: 1 }]);
  const few = open.size;
  live.use([{ ...kept, version: 2 }]);
  assert.equal(open.size, few);
  live[Symbol.dispose]();
  assert.equal(open.size, 0);
});

test('a list that names a block which is gone changes nothing', async () => {
  const { files, open, names } = directory();
  using live = liveBlocks(files);
  live.use(names.slice(0, 1));
  const before = open.size;
  const gone = { ulid: '01JZZZZZZZZZZZZZZZZZZZZZZZ', version: 0 };
  assert.throws(() => live.use([...names, gone]), { kind: 'not-found' });
  assert.equal(open.size, before);
});

test('chunks come as they are stored, those of one series from all blocks', async () => {
  const { files, names } = directory();
  using live = liveBlocks(files);
  live.use(names);
  const kernel = testKernel();
  using chunked = await live.selectChunks(everything, { signal });
  using decoded = await live.select(everything, { signal });
  let series = 0;
  let kinds = new Set<number>();
  while (chunked.next()) {
    assert.ok(decoded.next());
    assert.deepEqual(chunked.labels, decoded.labels);
    const chunks = chunked.chunks();
    const ranges = chunks.map(({ minTime }) => minTime);
    assert.deepEqual(
      ranges,
      ranges.toSorted((a, b) => a - b),
    );
    kinds = kinds.union(new Set(chunks.map(({ encoding }) => encoding)));
    for (const { data, encoding, minTime, maxTime } of chunks) {
      const mark = kernel.arena.mark();
      const table = allocChunkTable(kernel, 1);
      const address = kernel.arena.alloc(data.length);
      kernel.u8.set(data, address);
      setChunkRow(kernel, table, 0, { address, length: data.length, encoding });
      const describe = (): string => printLabels(chunked.labels);
      const { times, count, histograms } = decodeChunks(kernel, { table, count: 1, describe });
      const found = [
        ...kernel.f64.subarray(times >>> 3, (times >>> 3) + count),
        ...histograms.map(({ time }) => time),
      ];
      assert.deepEqual([found[0], found.at(-1)], [minTime, maxTime]);
      kernel.arena.release(mark);
    }
    series++;
  }
  assert.equal(decoded.next(), false);
  assert.ok(series === 5 && kinds.size === 6, `${series} series, encodings ${[...kinds]}`);
});

test('for labels alone no chunk is read', async () => {
  const { files, names } = directory();
  using live = liveBlocks(files);
  live.use(names);
  const bare = { ...everything, hints: { ...NO_HINTS, func: 'series' } };
  using set = await live.selectChunks(bare, { signal });
  let series = 0;
  while (set.next()) {
    assert.deepEqual(set.chunks(), []);
    series++;
  }
  assert.equal(series, 5);
});

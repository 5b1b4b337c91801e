import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { MemoryBucket } from '../objstore/testing/memory-bucket.ts';
import { openIndex } from '../tsdb/index/index-reader.ts';
import { PageCache } from '../tsdb/page-cache.ts';
import { readGoldenBlocks, unpackGolden } from '../tsdb/testing/golden-blocks.ts';
import { memoryFiles } from '../tsdb/testing/memory-files.ts';
import { modelMeta, writeModelBlock } from '../tsdb/testing/model-block.ts';
import { realFileSystem } from '../world/file-system.ts';
import { buildIndexHeader, openIndexHeader } from './index-header.ts';

const scratch = mkdtempSync(join(tmpdir(), 'index-header-'));
after(() => rmSync(scratch, { recursive: true }));

const ULID = '01M86DRXAN3QKEWVQDHA8AGHMZ';
const path = join(scratch, 'data', ULID, 'index-header');

/** 3,000 series with a label of as many values, in a bucket. */
async function modelIndex(): Promise<MemoryBucket> {
  const series = Array.from({ length: 3000 }, (_, i) => ({
    labels: [
      ['__name__', `m${i % 7}`],
      ['instance', `host-${i % 500}`],
      ['job', 'x'.repeat((i % 3) + 1)],
      ['n', String(i)],
    ].flat(),
    samples: new Map([
      [1000 + i, i],
      [9000 + i, i],
    ]),
  }));
  rmSync(join(scratch, ULID), { recursive: true, force: true });
  writeModelBlock(realFileSystem, scratch, modelMeta(ULID, 0, 20_000), series);
  return bucketWith(join(scratch, ULID, 'index'));
}

async function bucketWith(file: string): Promise<MemoryBucket> {
  const bucket = new MemoryBucket();
  await bucket.upload('index', readFileSync(file));
  return bucket;
}

function build(bucket: MemoryBucket): Promise<void> {
  return buildIndexHeader(bucket, 'index', { files: realFileSystem, path });
}

function sha256(): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

test('headers are those that Thanos 0.43 builds of the same blocks', async () => {
  for (const golden of readGoldenBlocks()) {
    for (const ulid of unpackGolden(realFileSystem, scratch, golden)) {
      await build(await bucketWith(join(scratch, ulid, 'index')));
      const want = '378707dca3193b6625e98c566025f5be0587a9c763a12b5f141c4df611a39296';
      assert.equal(sha256(), want, golden.name);
    }
  }
  await build(await modelIndex());
  const want = 'f27c4d9b089230592680278ffda5dafb5557719d492f1a6a0259f77a7547c073';
  assert.equal(sha256(), want);
});

test('only what the header holds is read of the index', async () => {
  const bucket = await modelIndex();
  bucket.calls.length = 0;
  await build(bucket);
  const operations = bucket.calls.map(({ operation }) => operation);
  assert.deepEqual(operations, ['attributes', 'get_range', 'get_range', 'get_range', 'get_range']);
});

test('names, values and lists are those of the index', async () => {
  const bucket = await modelIndex();
  await build(bucket);
  const bytes = Buffer.from(bucket.objects.get('index')?.bytes ?? []);
  const cache = new PageCache(1 << 20);
  using header = openIndexHeader(realFileSystem, path, cache);
  using index = openIndex(memoryFiles(new Map([['index', bytes]])), 'index', cache);
  assert.deepEqual(header.labelNames(), index.labelNames());
  const listAt = ({ start, end }: { start: number; end: number }): Uint32Array => {
    const count = bytes.readUInt32BE(start + 4);
    assert.ok(start + 12 + 4 * count <= end, `list from ${start} to ${end}`);
    return Uint32Array.from({ length: count }, (_, i) => bytes.readUInt32BE(start + 8 + 4 * i));
  };
  for (const name of ['', ...header.labelNames()]) {
    const values: string[] = [];
    let lastEnd = 0;
    header.eachValue(name, '', (value, list) => {
      values.push(value);
      assert.deepEqual(header.postings(name, value), list);
      assert.deepEqual(listAt(list), index.postings(name, value));
      if (lastEnd !== 0) assert.equal(list.start, lastEnd);
      lastEnd = list.end;
    });
    assert.deepEqual(values, index.labelValues(name));
  }
  const some: string[] = [];
  header.eachValue('n', '29', (value, list) => {
    some.push(value);
    assert.deepEqual(listAt(list), index.postings('n', value));
  });
  assert.deepEqual(some, index.labelValues('n', '29'));
  for (const value of ['', '0a', '31', '3000', '~']) {
    assert.equal(header.postings('n', value) !== undefined, value === '31', value);
  }
  assert.equal(header.postings('absent', 'x'), undefined);
  const { symbols } = index;
  for (const { reference, text } of symbols.all()) assert.equal(header.symbol(reference), text);
});

test('an index that is cut or garbage makes no header', async () => {
  const whole = (await modelIndex()).objects.get('index')?.bytes ?? new Uint8Array();
  rmSync(join(scratch, 'data'), { recursive: true, force: true });
  const garbled = Uint8Array.from(whole);
  garbled[whole.length - 10] = (garbled[whole.length - 10] ?? 0) ^ 1;
  for (const bytes of [whole.slice(0, 3), whole.slice(0, -1), whole.slice(1), garbled]) {
    const bucket = new MemoryBucket();
    await bucket.upload('index', bytes);
    await assert.rejects(build(bucket), { kind: 'corrupt' });
    assert.equal(realFileSystem.stat(path), undefined);
  }
});

test('a connection that is lost leaves no header, and the next try makes one', async () => {
  const bucket = await modelIndex();
  rmSync(join(scratch, 'data'), { recursive: true, force: true });
  let reads = 0;
  bucket.onCall = ({ operation }) => {
    if (operation === 'get_range' && ++reads === 4) throw new OperationError('unavailable', 'lost');
  };
  await assert.rejects(build(bucket), { kind: 'unavailable' });
  assert.equal(realFileSystem.stat(path), undefined);
  await build(bucket);
  using header = openIndexHeader(realFileSystem, path, new PageCache(1 << 20));
  assert.equal(header.labelNames().length, 4);
});

test('a header that was cut, or has a bit changed, is refused', async () => {
  await build(await modelIndex());
  const whole = readFileSync(path);
  const f = (bytes: Uint8Array): void => {
    const files = memoryFiles(new Map([['header', bytes]]));
    assert.throws(() => openIndexHeader(files, 'header', new PageCache(1 << 20)), {
      kind: 'corrupt',
    });
  };
  for (let i = 1; i < 40; i++) {
    f(whole.subarray(0, Math.floor((whole.length * i) / 40)));
    const changed = Uint8Array.from(whole);
    const at = Math.floor((whole.length * i) / 40);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    // None of these bytes is padding or in the foot of the index: both are never read.
    f(changed);
  }
});

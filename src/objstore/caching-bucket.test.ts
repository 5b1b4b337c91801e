import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { declareCacheMetrics } from '../cache/cache-metrics.ts';
import { MemoryCache } from '../cache/memory-cache.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { realFileSystem } from '../world/file-system.ts';
import { type Bucket, readObject } from './bucket.ts';
import { cachingBucket } from './caching-bucket.ts';
import { parseCachingConfig } from './caching-config.ts';
import { declareCachingMetrics } from './caching-metrics.ts';
import { openCachingBucket } from './open-caching-bucket.ts';
import { joinSubranges, type Subrange } from './subranges.ts';
import {
  acceptBucket,
  bytesOf,
  failureKind,
  listNames,
  patternBytes,
} from './testing/acceptance.ts';
import { MemoryBucket } from './testing/memory-bucket.ts';

interface Setup {
  readonly bucket: Bucket;
  readonly inner: MemoryBucket;
  readonly cache: MemoryCache;
  readonly clock: ManualClock;
  /** Operations on the inner bucket since the last time: `get_range get_range`. */
  asked(): string;
  metric(line: string): Promise<boolean>;
}

function setUp(yaml = ''): Setup {
  const registry = createMetricRegistry();
  const clock = new ManualClock(1e12);
  const inner = new MemoryBucket('b', () => 5000);
  const memory = { kind: 'IN-MEMORY', sizeBytesMax: 1e7, itemBytesMax: 1e6 } as const;
  const metrics = declareCacheMetrics(registry).memory;
  const cache = new MemoryCache(memory, { name: 'c', clock, metrics });
  const config = parseCachingConfig(`type: IN-MEMORY\n${yaml}`, 'c.yml');
  const caching = declareCachingMetrics(registry);
  const parts = { cache, clock, metrics: caching, hash: '77' };
  return {
    bucket: cachingBucket(inner, config, parts),
    inner,
    cache,
    clock,
    asked() {
      const operations = inner.calls.map(({ operation }) => operation).join(' ');
      inner.calls.length = 0;
      return operations;
    },
    async metric(line) {
      const { body } = await registry.print('text');
      return body.split('\n').includes(`thanos_store_bucket_cache_${line}`);
    },
  };
}

acceptBucket({ name: 'caching', open: async () => setUp('blocks_iter_ttl: 0s').bucket });

test('a configuration has the defaults of Thanos', () => {
  const { identity, cache, ...rest } = parseCachingConfig('type: IN-MEMORY', 'c.yml');
  assert.equal(identity, 'type: IN-MEMORYc.yml');
  assert.equal(cache.kind, 'IN-MEMORY');
  assert.deepEqual(rest, {
    subrangeBytes: 16_000,
    rangeRequestsMax: 3,
    metaBytesMax: 1_048_576,
    ttlMs: {
      attributes: 86_400_000,
      subrange: 86_400_000,
      blocksList: 300_000,
      metaExists: 7_200_000,
      metaAbsent: 900_000,
      metaContent: 86_400_000,
    },
  });
  const f = (text: string, want: RegExp) =>
    assert.throws(
      () => parseCachingConfig(text, 'c.yml'),
      (error: unknown) => error instanceof OperationError && want.test(error.message),
    );
  f('', /^c\.yml:1:1: has no type of a cache$/);
  f('type: GROUPCACHE', /GROUPCACHE is a type of Thanos that is not supported here/);
  f('type: IN-MEMORY\nchunk_size: 1', /chunk_size: unknown field/);
  f('type: IN-MEMORY\nchunk_subrange_size: 0', /chunk_subrange_size: is not above 0/);
});

test('any range of a chunk file has its bytes, and warm ones ask for nothing', async () => {
  const { bucket, inner, asked } = setUp('chunk_subrange_size: 100');
  const sizeBytes = 1234;
  const name = '01J/chunks/000001';
  await inner.upload(name, patternBytes(0, sizeBytes));
  const random = seededRandom(3);
  const ranges = Array.from({ length: 300 }, () => ({
    offset: Math.floor(random.next() * (sizeBytes + 50)),
    length: 1 + Math.floor(random.next() * 400),
  }));
  for (const _ of ['cold', 'warm']) {
    asked();
    for (const range of ranges) {
      const got = await bucket.readRange(name, range);
      const want = patternBytes(0, sizeBytes).slice(range.offset, range.offset + range.length);
      assert.deepEqual(got, want, JSON.stringify(range));
      assert.equal(got.byteLength, got.buffer.byteLength, 'in memory of its own');
      got.fill(0);
    }
  }
  assert.equal(asked(), '');
});

test('missing pieces become few requests', async () => {
  const f = (text: string, max: number, want: string) => {
    const pieces = text.split(' ').map((one): Subrange => {
      return { start: Number(one) * 10, end: Number(one) * 10 + 10 };
    });
    const joined = joinSubranges(pieces, 10, max);
    assert.equal(joined.map(({ start, end }) => `${start / 10}-${end / 10}`).join(' '), want);
  };
  f('0 1 2', 3, '0-3');
  f('0 2 4 6', 0, '0-1 2-3 4-5 6-7');
  f('0 2 10 12', 3, '0-3 10-13');
  f('0 2 9 30', 2, '0-10 30-31');
  f('0 50 90', 1, '0-91');
  const { bucket, inner, asked, metric } = setUp('chunk_subrange_size: 10');
  await inner.upload('a/chunks/000001', new Uint8Array(95));
  asked();
  for (const offset of [10, 50]) await bucket.readRange('a/chunks/000001', { offset, length: 1 });
  assert.equal(asked(), 'attributes get_range get_range');
  await bucket.readRange('a/chunks/000001', { offset: 0, length: 95 });
  assert.equal(asked(), 'get_range get_range get_range');
  assert.ok(await metric('getrange_requested_bytes_total{config="chunks"} 97'));
  assert.ok(await metric('getrange_fetched_bytes_total{origin="cache",config="chunks"} 20'));
  assert.ok(await metric('getrange_fetched_bytes_total{origin="bucket",config="chunks"} 95'));
});

test('meta files are kept, and that they are not there too, for their times', async () => {
  const { bucket, inner, asked, clock, cache } = setUp();
  await inner.upload('a/meta.json', bytesOf('{}'));
  asked();
  for (const _ of ['cold', 'warm']) {
    assert.deepEqual(await readObject(bucket, 'a/meta.json'), bytesOf('{}'));
    assert.equal(await bucket.exists('a/meta.json'), true);
    assert.equal(await failureKind(() => readObject(bucket, 'a/deletion-mark.json')), 'not-found');
    assert.equal(await bucket.exists('a/deletion-mark.json'), false);
  }
  assert.equal(asked(), 'get get');
  const kept = await cache.fetch(['exists:a/meta.json', 'content:a/meta.json']);
  assert.deepEqual(
    [...kept.values()].map((bytes) => new TextDecoder().decode(bytes)),
    ['true', '{}'],
  );
  clock.advance(15 * 60_000);
  assert.equal(await bucket.exists('a/deletion-mark.json'), false);
  assert.equal(await bucket.exists('a/meta.json'), true);
  assert.equal(asked(), 'exists');
  clock.advance(24 * 3_600_000);
  await readObject(bucket, 'a/meta.json');
  assert.equal(asked(), 'get');
});

test('the list of blocks is kept for five minutes, if it was read to its end', async () => {
  const { bucket, inner, asked, clock, cache } = setUp();
  await inner.upload('a/meta.json', bytesOf('{}'));
  await inner.upload('b/meta.json', bytesOf('{}'));
  asked();
  for await (const _ of bucket.list('')) break;
  assert.deepEqual(await listNames(bucket, ''), ['a/', 'b/']);
  assert.equal(asked(), 'iter iter');
  await inner.delete('b/meta.json');
  asked();
  assert.deepEqual(await listNames(bucket, ''), ['a/', 'b/']);
  assert.equal(asked(), '');
  assert.deepEqual(await listNames(bucket, 'a'), ['a/meta.json']);
  const kept = (await cache.fetch(['iter::77'])).get('iter::77');
  assert.equal(new TextDecoder().decode(kept), '["a/","b/"]');
  clock.advance(5 * 60_000);
  assert.deepEqual(await listNames(bucket, ''), ['a/']);
});

test('what others have put into the cache is not believed blindly', async () => {
  const { bucket, inner, cache } = setUp('chunk_subrange_size: 10');
  await inner.upload('a/chunks/000001', bytesOf('0123456789'));
  await inner.upload('a/meta.json', bytesOf('{}'));
  cache.store('attrs:a/chunks/000001', bytesOf('{"size": "x"}'), 1e6);
  cache.store('subrange:a/chunks/000001:0:10', bytesOf('short'), 1e6);
  cache.store('iter::77', bytesOf('{"a": 1}'), 1e6);
  cache.store('exists:a/meta.json', bytesOf('maybe'), 1e6);
  const range = { offset: 2, length: 3 };
  assert.deepEqual(await bucket.readRange('a/chunks/000001', range), bytesOf('234'));
  assert.deepEqual(await listNames(bucket, ''), ['a/']);
  assert.equal(await bucket.exists('a/meta.json'), true);
});

test('a meta file that is too large is not kept', async () => {
  const { bucket, inner, asked } = setUp('metafile_max_size: 3');
  await inner.upload('a/meta.json', bytesOf('long'));
  asked();
  for (const _ of [1, 2])
    assert.deepEqual(await readObject(bucket, 'a/meta.json'), bytesOf('long'));
  assert.equal(asked(), 'get get');
});

test('the cache of a configuration is opened and closed with the bucket', async () => {
  const registry = createMetricRegistry();
  const bucket = await openCachingBucket(
    new MemoryBucket(),
    parseCachingConfig('type: IN-MEMORY', 'c.yml'),
    {
      files: realFileSystem,
      clock: new ManualClock(),
      logger: silentLogger,
      metrics: declareCacheMetrics(registry),
      caching: declareCachingMetrics(registry),
      resolve: (addresses) => async () => addresses,
    },
  );
  await bucket.upload('a/meta.json', bytesOf('{}'));
  assert.equal(await bucket.exists('a/meta.json'), true);
  await bucket[Symbol.asyncDispose]();
});

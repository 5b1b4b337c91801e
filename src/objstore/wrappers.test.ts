/** Retrying, hedged, bounded and instrumented buckets, over one in memory that fails as it is told. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ErrorKind } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { realClock } from '../world/clock.ts';
import { boundedBucket } from './bounded-bucket.ts';
import { type Bucket, readObject } from './bucket.ts';
import { bucketError } from './bucket-error.ts';
import { hedgedBucket } from './hedged-bucket.ts';
import { declareBucketMetrics, instrumentedBucket } from './instrumented-bucket.ts';
import type { RetryPolicy } from './retry.ts';
import { retryingBucket } from './retrying-bucket.ts';
import { acceptBucket, bytesOf, failureKind, listNames } from './testing/acceptance.ts';
import { MemoryBucket } from './testing/memory-bucket.ts';

const hasty: RetryPolicy = {
  clock: { ...realClock, sleep: async () => undefined },
  random: seededRandom(1),
  retries: 3,
};
const range = { offset: 0, length: 1 };

function instrumented(bucket: Bucket): { bucket: Bucket; print: () => Promise<string> } {
  const registry = createMetricRegistry();
  const metrics = declareBucketMetrics(registry);
  const print = async (): Promise<string> => String((await registry.print('text')).body);
  return { bucket: instrumentedBucket(bucket, { metrics, label: 'b', clock: realClock }), print };
}

acceptBucket({ name: 'retrying', open: async () => retryingBucket(new MemoryBucket(), hasty) });
acceptBucket({ name: 'bounded', open: async () => boundedBucket(new MemoryBucket(), 2) });
acceptBucket({
  name: 'hedged',
  open: async () => hedgedBucket(new MemoryBucket(), { upTo: 3, quantile: 0.5 }, realClock),
});
acceptBucket({ name: 'instrumented', open: async () => instrumented(new MemoryBucket()).bucket });

/** A bucket with `a` to `d` whose calls fail so many times. */
async function failing(kind: ErrorKind, times: number): Promise<MemoryBucket> {
  const bucket = new MemoryBucket();
  for (const name of ['a', 'b', 'c', 'd']) await bucket.upload(name, bytesOf(name));
  bucket.calls.length = 0;
  let left = times;
  bucket.onCall = (call) => {
    if (left-- > 0) throw bucketError({ kind, bucket: bucket.name, call });
  };
  return bucket;
}

const READS: readonly ((bucket: Bucket) => Promise<unknown>)[] = [
  (bucket) => readObject(bucket, 'a'),
  (bucket) => bucket.readRange('a', range),
  (bucket) => bucket.attributes('a'),
  (bucket) => bucket.exists('a'),
  (bucket) => listNames(bucket, ''),
  (bucket) => bucket.delete('a'),
];

test('what is unavailable is tried again, so many times', async () => {
  for (const call of READS) {
    const thrice = await failing('unavailable', 3);
    assert.equal(await failureKind(() => call(retryingBucket(thrice, hasty))), 'no failure');
    assert.equal(thrice.calls.length, 4, call.toString());
    const always = await failing('unavailable', 4);
    assert.equal(await failureKind(() => call(retryingBucket(always, hasty))), 'unavailable');
    assert.equal(always.calls.length, 4);
  }
});

test('what would fail again is not tried again', async () => {
  for (const kind of ['denied', 'not-found', 'internal', 'bad-data'] as const) {
    for (const call of READS) {
      const bucket = await failing(kind, 1);
      assert.equal(await failureKind(() => call(retryingBucket(bucket, hasty))), kind);
      assert.equal(bucket.calls.length, 1);
    }
  }
});

test('a list that breaks goes on behind its last entry', async () => {
  const bucket = await failing('unavailable', 0);
  let pages = 0;
  const broken: Bucket = {
    ...wrapped(bucket),
    async *list(directory, options) {
      let left = ++pages;
      for await (const entry of bucket.list(directory, options)) {
        if (left-- === 0) throw bucketError(unavailable('iter'));
        yield entry;
      }
    },
  };
  assert.deepEqual(await listNames(retryingBucket(broken, hasty), ''), ['a', 'b', 'c', 'd']);
  assert.equal(pages, 4);
});

test('a whole object that breaks off is an error, not a shorter object', async () => {
  const bucket = await failing('unavailable', 0);
  await bucket.upload('a', bytesOf('0123456789'));
  bucket.bodyBytesMax = 4;
  assert.equal(
    await failureKind(() => readObject(retryingBucket(bucket, hasty), 'a')),
    'unavailable',
  );
});

test('pauses between attempts grow, up to a bound, and end with the signal', async () => {
  const pauses: number[] = [];
  const random = { ...seededRandom(1), next: () => 0.5 };
  const clock = { ...realClock, sleep: async (delayMs: number) => void pauses.push(delayMs) };
  const bucket = await failing('unavailable', 99);
  const policy = { clock, random, retries: 6 };
  assert.equal(await failureKind(() => retryingBucket(bucket, policy).exists('a')), 'unavailable');
  assert.deepEqual(pauses, [100, 200, 400, 800, 1000, 1000]);
  const canceling = new AbortController();
  const waiting = { ...policy, clock: new ManualClock() };
  const { signal } = canceling;
  const kind = failureKind(() => retryingBucket(bucket, waiting).exists('a', { signal }));
  await turn();
  canceling.abort();
  assert.equal(await kind, 'canceled');
});

test('only so many calls run at once, and a canceled one leaves the queue', async () => {
  const inner = await failing('unavailable', 0);
  const { promise, resolve } = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  inner.onCall = async () => {
    most = Math.max(most, ++running);
    await promise;
    running--;
  };
  const bucket = boundedBucket(inner, 2);
  const calls = ['a', 'b', 'c', 'd'].map((name) => bucket.readRange(name, range));
  const canceling = new AbortController();
  const canceled = failureKind(() => bucket.exists('a', { signal: canceling.signal }));
  canceling.abort();
  assert.equal(await canceled, 'canceled');
  resolve();
  await Promise.all(calls);
  assert.equal(most, 2);
});

test('a read slower than most is sent again, and the first answer counts', async () => {
  const clock = new ManualClock();
  const inner = await failing('unavailable', 0);
  const bucket = hedgedBucket(inner, { upTo: 3, quantile: 0.9 }, clock);
  inner.onCall = () => clock.advance(5);
  for (let i = 0; i < 20; i++) await bucket.readRange('a', range);
  const signals: (AbortSignal | undefined)[] = [];
  inner.calls.length = 0;
  inner.onCall = async (_, signal) => {
    signals.push(signal);
    if (inner.calls.length < 3) await new Promise(() => undefined);
  };
  const reading = bucket.readRange('a', range);
  for (const want of [1, 2, 3]) {
    await turn();
    assert.equal(inner.calls.length, want);
    clock.advance(5);
  }
  assert.deepEqual(await reading, bytesOf('a'));
  assert.deepEqual(
    signals.map((signal) => signal?.aborted),
    [true, true, true],
  );
});

test('a failure that another attempt would give too ends a hedged read', async () => {
  const clock = new ManualClock();
  const inner = await failing('unavailable', 0);
  const bucket = hedgedBucket(inner, { upTo: 2, quantile: 0.9 }, clock);
  for (let i = 0; i < 20; i++) await bucket.exists('a');
  assert.equal(await failureKind(() => bucket.attributes('absent')), 'not-found');
  inner.onCall = (call) => {
    throw bucketError({ kind: 'denied', bucket: inner.name, call });
  };
  assert.equal(await failureKind(() => bucket.exists('a')), 'denied');
});

test('metrics have the names and labels of Thanos', async () => {
  const inner = await failing('unavailable', 0);
  const { bucket, print } = instrumented(inner);
  await bucket.upload('e', new Uint8Array(40_000));
  await bucket.readRange('e', { offset: 0, length: 7 });
  await readObject(bucket, 'e');
  await listNames(bucket, '');
  await failureKind(() => bucket.attributes('absent'));
  inner.onCall = (call) => {
    throw bucketError({ kind: 'denied', bucket: inner.name, call });
  };
  await failureKind(() => bucket.delete('e'));
  const lines = new Set((await print()).split('\n'));
  const f = (line: string) => assert.ok(lines.has(`thanos_objstore_bucket_${line}`), line);
  for (const operation of ['upload', 'get', 'get_range', 'iter', 'attributes', 'delete']) {
    f(`operations_total{bucket="b",operation="${operation}"} 1`);
    const failures = operation === 'delete' ? 1 : 0;
    f(`operation_failures_total{bucket="b",operation="${operation}"} ${failures}`);
  }
  f('operations_total{bucket="b",operation="exists"} 0');
  f('operation_fetched_bytes_total{bucket="b",operation="get"} 40000');
  f('operation_fetched_bytes_total{bucket="b",operation="get_range"} 7');
  f('operation_transferred_bytes_bucket{le="32768",bucket="b",operation="upload"} 0');
  f('operation_transferred_bytes_bucket{le="65536",bucket="b",operation="upload"} 1');
  f('operation_duration_seconds_count{bucket="b",operation="iter"} 1');
  const text = [...lines].find((line) => line.includes('last_successful_upload_time{bucket="b"}'));
  assert.ok(Number(text?.split(' ')[1]) > 1e9, text);
});

function unavailable(operation: 'iter'): Parameters<typeof bucketError>[0] {
  return { kind: 'unavailable', bucket: 'b', call: { operation, name: '' } };
}

/** Its methods as those of a plain object. */
function wrapped(bucket: Bucket): Bucket {
  return boundedBucket(bucket, 9);
}

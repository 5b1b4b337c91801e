/** What a provider has to make of a store that fails: one call declares the tests for one of them. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { type Bucket, readObject } from '../../../src/objstore/bucket.ts';
import {
  bytesOf,
  failureKind,
  listNames,
  patternBytes,
} from '../../../src/objstore/testing/acceptance.ts';
import type { Fault, FaultyProxy } from './faulty-proxy.ts';

export interface BadDays {
  /** In the names of the tests. */
  readonly name: string;
  proxy(): FaultyProxy;
  /** Through the proxy, in an empty part of the bucket; so many retries, the usual number by default. */
  open(retries?: number): Promise<Bucket>;
}

const LARGE_BYTES = 3_000_000;
const READS: readonly ((bucket: Bucket) => Promise<unknown>)[] = [
  (bucket) => readObject(bucket, 'a'),
  (bucket) => bucket.readRange('a', { offset: 0, length: 2 }),
  (bucket) => bucket.attributes('a'),
  (bucket) => bucket.exists('a'),
  (bucket) => listNames(bucket, ''),
];

/** Registers the tests with node:test. */
export function surviveBadDays(days: BadDays): void {
  const declare = (
    sentence: string,
    run: (bucket: Bucket, proxy: FaultyProxy) => Promise<void>,
  ): void => {
    test(`${days.name}: ${sentence}`, async () => {
      await using bucket = await days.open();
      await bucket.upload('a', bytesOf('abc'));
      try {
        await run(bucket, days.proxy());
      } finally {
        days.proxy().fault = () => ({ kind: 'none' });
      }
    });
  };
  declare('a busy or broken connection is tried again', triesAgain);
  declare('a store that stays away is unavailable, by name', (_, proxy) => givesUp(days, proxy));
  declare('a body that breaks off is never a shorter object', seesCuts);
  declare('a slow answer is waited for, until the caller gives up', waits);
  declare('missing rights are denied at once', isDenied);
}

/** The next request fails, the ones after it do not. */
function first(proxy: FaultyProxy, fault: Fault): void {
  proxy.fault = (_, number) => (number === 0 ? fault : { kind: 'none' });
}

async function triesAgain(bucket: Bucket, proxy: FaultyProxy): Promise<void> {
  const faults: readonly Fault[] = [{ kind: 'status', status: 503 }, { kind: 'hang-up' }];
  for (const fault of faults) {
    for (const read of READS) {
      first(proxy, fault);
      assert.equal(await failureKind(() => read(bucket)), 'no failure', read.toString());
      assert.ok(proxy.requests >= 2, read.toString());
    }
    first(proxy, fault);
    await bucket.upload('b', bytesOf('xyz'));
    assert.ok(proxy.requests >= 2, 'upload');
    first(proxy, fault);
    await bucket.delete('b');
    assert.deepEqual(await listNames(bucket, ''), ['a']);
  }
}

async function givesUp(days: BadDays, proxy: FaultyProxy): Promise<void> {
  await using bucket = await days.open(1);
  for (const read of READS) {
    proxy.fault = () => ({ kind: 'status', status: 503 });
    assert.equal(await failureKind(() => read(bucket)), 'unavailable', read.toString());
    assert.equal(proxy.requests, 2, read.toString());
  }
  assert.equal(await failureKind(() => bucket.upload('b', bytesOf('x'))), 'unavailable');
  await assert.rejects(bucket.exists('a'), ({ message }: Error) => message.includes(bucket.name));
}

async function seesCuts(bucket: Bucket, proxy: FaultyProxy): Promise<void> {
  await bucket.upload('large', patternBytes(0, LARGE_BYTES));
  first(proxy, { kind: 'cut', afterBytes: 100_000 });
  assert.equal(await failureKind(() => readObject(bucket, 'large')), 'unavailable');
  first(proxy, { kind: 'cut', afterBytes: 100_000 });
  const got = await bucket.readRange('large', { offset: 1, length: LARGE_BYTES });
  assert.ok(Buffer.compare(got, patternBytes(1, LARGE_BYTES - 1)) === 0);
  assert.ok(proxy.requests >= 2);
}

async function waits(bucket: Bucket, proxy: FaultyProxy): Promise<void> {
  first(proxy, { kind: 'delay', delayMs: 300 });
  assert.equal(await bucket.exists('a'), true);
  first(proxy, { kind: 'delay', delayMs: 3000 });
  const canceling = new AbortController();
  const { signal } = canceling;
  const reading = failureKind(() => bucket.readRange('a', { offset: 0, length: 1 }, { signal }));
  setTimeout(() => canceling.abort(new Error('enough')), 100);
  assert.equal(await reading, 'canceled');
}

async function isDenied(bucket: Bucket, proxy: FaultyProxy): Promise<void> {
  const denied = { kind: 'status', status: 403 } as const;
  for (const read of READS) {
    first(proxy, denied);
    assert.equal(await failureKind(() => read(bucket)), 'denied', read.toString());
    assert.equal(proxy.requests, 1, read.toString());
  }
  first(proxy, denied);
  assert.equal(await failureKind(() => bucket.upload('b', bytesOf('x'))), 'denied');
}

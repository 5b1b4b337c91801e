/** What every cache has to do, in this process or on a server. One call declares the tests for one of them. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '../cache.ts';

export interface CacheSubject {
  /** In the names of the tests. */
  readonly name: string;
  /** A cache without what these tests store: its keys begin with the given text. */
  open(): Promise<{ readonly cache: Cache; readonly prefix: string }>;
}

/** Registers the suite with node:test. */
export function acceptCache(subject: CacheSubject): void {
  const declare = (
    sentence: string,
    run: (cache: Cache, prefix: string) => Promise<void>,
  ): void => {
    test(`${subject.name}: ${sentence}`, async () => {
      const { cache, prefix } = await subject.open();
      await using _ = cache;
      await run(cache, prefix);
    });
  };
  declare('what was stored is fetched, bytes unchanged', keepsBytes);
  declare('of many keys the hits come back', fetchesMany);
  declare('what is too old is a miss', forgets);
}

/** Stores run behind the caller. */
async function untilThere(cache: Cache, key: string): Promise<Uint8Array> {
  for (let tries = 0; tries < 200; tries++) {
    const bytes = (await cache.fetch([key])).get(key);
    if (bytes !== undefined) return bytes;
    await sleep(5);
  }
  throw new Error(`${key} was stored, but does not come`);
}

async function keepsBytes(cache: Cache, prefix: string): Promise<void> {
  const every = Uint8Array.from({ length: 1024 }, (_, i) => i & 0xff);
  const large = new Uint8Array(700_000).map((_, i) => (i * 7) & 0xff);
  const values = [new Uint8Array(), every, new TextEncoder().encode('END\r\nSTORED\r\n'), large];
  for (const [i, bytes] of values.entries()) {
    cache.store(`${prefix}value:${i}`, bytes.slice(), 60_000);
    const got = await untilThere(cache, `${prefix}value:${i}`);
    assert.ok(Buffer.compare(got, bytes) === 0, `value ${i}`);
  }
  cache.store(`${prefix}value:1`, new TextEncoder().encode('other'), 60_000);
  for (let text = ''; text !== 'other'; ) {
    text = new TextDecoder().decode(await untilThere(cache, `${prefix}value:1`));
  }
}

async function fetchesMany(cache: Cache, prefix: string): Promise<void> {
  const keys = Array.from({ length: 500 }, (_, i) => `${prefix}many:${i}`);
  for (const key of keys.filter((_, i) => i % 2 === 0)) {
    cache.store(key, new TextEncoder().encode(key), 60_000);
  }
  await untilThere(cache, `${prefix}many:498`);
  const hits = await cache.fetch(keys);
  assert.equal(hits.size, 250);
  for (const [key, bytes] of hits) assert.equal(new TextDecoder().decode(bytes), key);
  assert.equal((await cache.fetch([])).size, 0);
}

async function forgets(cache: Cache, prefix: string): Promise<void> {
  const key = `${prefix}old`;
  cache.store(key, Uint8Array.of(1), 1000);
  await untilThere(cache, key);
  for (let hits = 1; hits > 0; ) {
    await sleep(50);
    hits = (await cache.fetch([key])).size;
  }
}

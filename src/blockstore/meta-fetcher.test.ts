import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { makeUlid } from '../base/ulid.ts';
import { MemoryBucket } from '../objstore/testing/memory-bucket.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { realFileSystem } from '../world/file-system.ts';
import { declareFetchMetrics } from './fetch-metrics.ts';
import type { DiscoveryStrategy } from './list-blocks.ts';
import { MetaFetcher } from './meta-fetcher.ts';
import { deletionMarks, withoutDuplicates } from './meta-filters.ts';

const scratch = mkdtempSync(join(tmpdir(), 'meta-fetcher-'));
after(() => rmSync(scratch, { recursive: true }));

const random = seededRandom(1);
const [A, B, C, D] = [1, 2, 3, 4].map((timeMs) => makeUlid(timeMs, random)) as [
  string,
  string,
  string,
  string,
];
const STRATEGIES: readonly DiscoveryStrategy[] = ['concurrent', 'recursive'];

function metaText(ulid: string, rest: object = {}): string {
  const compaction = { level: 1, sources: [ulid] };
  const thanos = { labels: { replica: 'a' }, source: 'sidecar' };
  return JSON.stringify({ version: 1, ulid, minTime: 0, maxTime: 1, compaction, thanos, ...rest });
}

let opened = 0;

function start(strategy: DiscoveryStrategy, bucket: MemoryBucket, directory = '') {
  const clock = new ManualClock();
  const registry = createMetricRegistry();
  const kept = directory === '' ? join(scratch, String(++opened)) : directory;
  const parts = { bucket, clock, logger: silentLogger, concurrency: 4 };
  const fetcher = new MetaFetcher({
    ...parts,
    strategy,
    files: realFileSystem,
    directory: kept,
    filters: [deletionMarks({ ...parts, delayMs: 1000 }), withoutDuplicates],
    metrics: declareFetchMetrics(registry),
  });
  const synced = async (state: string): Promise<string | undefined> => {
    const text = String((await registry.print('text')).body);
    return text.match(`thanos_blocks_meta_synced{state="${state}"} (.*)`)?.[1];
  };
  return { fetcher, clock, kept, synced };
}

function put(bucket: MemoryBucket, name: string, text: string): Promise<void> {
  return bucket.upload(name, new TextEncoder().encode(text));
}

function calls(bucket: MemoryBucket): string[] {
  const made = bucket.calls.map(({ operation, name }) => `${operation} ${name}`);
  bucket.calls.length = 0;
  return made;
}

for (const strategy of STRATEGIES) {
  test(`${strategy}: sound blocks are served, others set aside with a reason`, async () => {
    const bucket = new MemoryBucket();
    await put(bucket, `${A}/meta.json`, metaText(A));
    await put(bucket, `${B}/chunks/000001`, 'being uploaded');
    await put(bucket, `${C}/meta.json`, '{"version":');
    await put(bucket, `${D}/meta.json`, metaText(A));
    await put(bucket, 'debug/metas/x.json', '{}');
    await put(bucket, 'README', 'foreign');
    await put(bucket, `${A.slice(1)}/meta.json`, metaText(A));
    const { fetcher, kept, synced } = start(strategy, bucket);
    const { blocks, setAside, failure } = await fetcher.fetch();
    assert.equal(failure, undefined);
    assert.deepEqual([...blocks.keys()], [A]);
    assert.deepEqual(blocks.get(A)?.thanos.labels, ['replica', 'a']);
    const states = [...setAside].map(([ulid, { state }]) => [ulid, state]).sort();
    assert.deepEqual(states, [
      [B, 'no-meta-json'],
      [C, 'corrupted-meta-json'],
      [D, 'corrupted-meta-json'],
    ]);
    assert.ok(setAside.get(D)?.reason.includes(`that of block ${A}`));
    assert.deepEqual(readdirSync(kept), [A]);
    assert.equal(readFileSync(join(kept, A, 'meta.json'), 'utf8'), metaText(A));
    assert.equal(await synced('loaded'), '1');
    assert.equal(await synced('corrupted-meta-json'), '2');
    assert.equal(await synced('no-meta-json'), '1');
  });

  test(`${strategy}: a meta.json is fetched once unless what is kept is broken`, async () => {
    const bucket = new MemoryBucket();
    await put(bucket, `${A}/meta.json`, metaText(A));
    await put(bucket, `${B}/meta.json`, metaText(B));
    const { fetcher, kept } = start(strategy, bucket);
    const fetched = (): string[] =>
      calls(bucket).filter((call) => call.startsWith('get ') && call.endsWith('/meta.json'));
    await fetcher.fetch();
    assert.deepEqual(fetched(), [`get ${A}/meta.json`, `get ${B}/meta.json`]);
    await fetcher.fetch();
    assert.deepEqual(fetched(), []);
    writeFileSync(join(kept, A, 'meta.json'), '');
    const { blocks } = await start(strategy, bucket, kept).fetcher.fetch();
    assert.deepEqual([...blocks.keys()].sort(), [A, B]);
    assert.deepEqual(fetched(), [`get ${A}/meta.json`]);
  });

  test(`${strategy}: a block that is gone is forgotten`, async () => {
    const bucket = new MemoryBucket();
    await put(bucket, `${A}/meta.json`, metaText(A));
    await put(bucket, `${B}/meta.json`, metaText(B));
    const { fetcher, kept } = start(strategy, bucket);
    await fetcher.fetch();
    await bucket.delete(`${A}/meta.json`);
    assert.deepEqual([...(await fetcher.fetch()).blocks.keys()], [B]);
    assert.deepEqual(readdirSync(kept), [B]);
  });

  test(`${strategy}: without one meta.json the view has the others`, async () => {
    const bucket = new MemoryBucket();
    await put(bucket, `${A}/meta.json`, metaText(A));
    await put(bucket, `${B}/meta.json`, metaText(B));
    bucket.onCall = ({ operation, name }) => {
      if (operation === 'get' && name === `${A}/meta.json`)
        throw new OperationError('unavailable', 'busy');
    };
    const { fetcher, synced } = start(strategy, bucket);
    const { blocks, setAside, failure } = await fetcher.fetch();
    assert.deepEqual([...blocks.keys()], [B]);
    assert.deepEqual(setAside.get(A), { state: 'failed', reason: 'busy' });
    assert.equal(failure?.kind, 'unavailable');
    assert.equal(await synced('failed'), '1');
  });

  test(`${strategy}: a bucket that cannot be listed is an error, not empty`, async () => {
    const bucket = new MemoryBucket();
    bucket.onCall = () => {
      throw new OperationError('denied', 'no rights');
    };
    await assert.rejects(start(strategy, bucket).fetcher.fetch(), { kind: 'denied' });
  });

  test(`${strategy}: marked blocks are served for the delay`, async () => {
    const bucket = new MemoryBucket();
    await put(bucket, `${A}/meta.json`, metaText(A));
    await put(bucket, `${B}/meta.json`, metaText(B));
    const { fetcher, clock } = start(strategy, bucket);
    const mark = { id: A, version: 1, deletion_time: Math.floor(clock.nowMs() / 1000) };
    await put(bucket, `${A}/deletion-mark.json`, JSON.stringify(mark));
    await put(bucket, `${B}/deletion-mark.json`, 'garbage');
    const served = async (): Promise<readonly string[]> =>
      [...(await fetcher.fetch()).blocks.keys()].sort();
    assert.deepEqual(await served(), [A, B]);
    clock.advance(2000);
    assert.deepEqual(await served(), [B]);
    bucket.onCall = ({ name }) => {
      if (name === `${A}/deletion-mark.json`) throw new OperationError('unavailable', 'busy');
    };
    const { blocks, setAside, failure } = await fetcher.fetch();
    assert.deepEqual([...blocks.keys()], [B]);
    assert.equal(setAside.get(A)?.state, 'marked-for-deletion');
    assert.equal(failure?.kind, 'unavailable');
  });
}

test('recursive: a newer meta.json is fetched, and only marks that are there', async () => {
  let nowMs = 1;
  const bucket = new MemoryBucket('MEMORY test', () => nowMs);
  await put(bucket, `${A}/meta.json`, metaText(A));
  const { fetcher } = start('recursive', bucket);
  await fetcher.fetch();
  nowMs = 2;
  await put(bucket, `${A}/meta.json`, metaText(A, { maxTime: 7 }));
  calls(bucket);
  assert.equal((await fetcher.fetch()).blocks.get(A)?.maxTime, 7);
  assert.deepEqual(calls(bucket), ['iter ', `get ${A}/meta.json`]);
});

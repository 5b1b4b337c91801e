import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { IngestRequest, IngestResult } from '../scrape/ingest-port.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createIngestClient, type IngestClient } from './ingest-client.ts';
import type { IngestCommand } from './protocol.ts';
import type { IngestHandler } from './serve-ingest.ts';
import { PlacedThread } from './testing/placed-thread.ts';

const RESULT: IngestResult = {
  error: '',
  durationMs: 1,
  samplesScraped: 2,
  samplesPostRelabel: 2,
  seriesAdded: 1,
  counts: {
    outOfOrder: 0,
    duplicate: 0,
    outOfBounds: 0,
    exemplarOutOfOrder: 0,
    sampleLimit: 0,
    labelLimit: 0,
    bucketLimit: 0,
  },
  metadataEntries: 0,
  metadataBytes: 0,
};

function page(target: number, bytes = new Uint8Array(8)): IngestRequest {
  return { target, timeMs: 1000, elapsedMs: 1, outcome: { kind: 'page', bytes, format: 'text' } };
}

/** Both halves in one thread; a silent one never answers. */
class Bench {
  readonly lost: string[] = [];
  readonly handled: string[] = [];
  readonly client: IngestClient;
  readonly thread = new PlacedThread();
  /** Timers of the thread, with their delays. */
  readonly timers: { readonly delayMs: number; readonly callback: () => void }[] = [];

  constructor(handler: Partial<IngestHandler> | 'silent' = {}) {
    this.client = createIngestClient({
      worker: this.thread.port,
      logger: silentLogger,
      onLost: (error) => this.lost.push(error.message),
    });
    const clock: Clock = {
      nowMs: () => 0,
      monotonicMs: () => 0,
      sleep: async () => undefined,
      after: (delayMs, callback) => {
        const timer = { delayMs, callback };
        this.timers.push(timer);
        return () => this.timers.splice(this.timers.indexOf(timer), 1);
      },
    };
    if (handler === 'silent') return;
    const usual: IngestHandler = {
      step: () => false,
      handle: async (command) => {
        this.handled.push(command.kind);
        return { value: command.kind === 'ingest' ? RESULT : undefined, transfer: [] };
      },
    };
    this.thread.serve({ ...usual, ...handler }, clock);
  }

  fireTimer(): number {
    const timer = this.timers.shift() ?? assert.fail('no timer is set');
    timer.callback();
    return timer.delayMs;
  }
}

test('commands are carried out in their order and answered', async () => {
  const bench = new Bench();
  await bench.client.ready;
  bench.client.port.openTarget(1, {} as never);
  const results = [bench.client.port.ingest(page(1)), bench.client.port.endTarget(1, 5)];
  assert.deepEqual(await Promise.all(results), [RESULT, undefined]);
  assert.deepEqual(bench.handled, ['openTarget', 'ingest', 'endTarget']);
});

test('a page with a buffer of its own is moved, a part of a larger one is copied', async () => {
  const { client } = new Bench();
  const whole = new Uint8Array(8);
  const large = new Uint8Array(100);
  await client.port.ingest(page(1, whole));
  await client.port.ingest(page(1, large.subarray(10, 20)));
  assert.equal(whole.length, 0);
  assert.equal(large.length, 100);
});

test('a failure keeps its kind and tells its causes', async () => {
  const bench = new Bench({
    async handle() {
      const cause = new Error('no space left on device');
      throw new OperationError('unavailable', 'cannot write segment 3', { cause });
    },
  });
  await assert.rejects(bench.client.call('cleanTombstones', undefined), {
    kind: 'unavailable',
    message: 'cannot write segment 3: no space left on device',
  });
});

test('only a few pages lie in the queue of the thread', async () => {
  let open = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const bench = new Bench({
    async handle({ kind }: IngestCommand) {
      if (kind !== 'ingest') return { value: kind, transfer: [] };
      most = Math.max(most, ++open);
      await new Promise<void>((resolve) => waiting.push(resolve));
      open--;
      return { value: RESULT, transfer: [] };
    },
  });
  const all = Promise.all(Array.from({ length: 30 }, (_, i) => bench.client.port.ingest(page(i))));
  assert.equal(await bench.client.call('snapshot', { withHead: true }), 'snapshot');
  let isDone = false;
  void all.then(() => (isDone = true));
  while (!isDone) {
    waiting.shift()?.();
    await new Promise(setImmediate);
  }
  assert.equal(most, 8);
});

test('background work is done in slices with pauses, and looked for every second', async () => {
  const work = [true, true, false];
  const budgets: number[] = [];
  const bench = new Bench({
    step: (budgetMs) => {
      budgets.push(budgetMs);
      return work.shift() ?? false;
    },
  });
  assert.deepEqual(
    [bench.fireTimer(), bench.fireTimer(), bench.fireTimer(), bench.fireTimer()],
    [1000, 1, 1, 1000],
  );
  assert.deepEqual(budgets, [50, 50, 50, 50]);
  await bench.client.ready;
  await bench.client.close();
  assert.deepEqual(bench.timers, []);
  assert.equal(bench.thread.isStopped, true);
});

test('a storage that cannot be opened makes ready reject', async () => {
  const bench = new Bench('silent');
  const failure = { errorKind: 'corrupt', message: 'cannot read wal/00000003' } as const;
  bench.thread.send({ kind: 'event', event: { kind: 'broken', failure } });
  await assert.rejects(bench.client.ready, { kind: 'corrupt', message: failure.message });
  bench.thread.die(undefined);
  await bench.client.close();
  assert.deepEqual(bench.lost, []);
});

test('the replay tells how far it has come', async () => {
  const { client, thread } = new Bench('silent');
  assert.deepEqual(client.replay, { min: 0, max: 0, current: 0 });
  thread.send({
    kind: 'event',
    event: { kind: 'replay', progress: { min: 3, max: 9, current: 4 } },
  });
  await new Promise(setImmediate);
  assert.deepEqual(client.replay, { min: 3, max: 9, current: 4 });
});

test('when the thread dies, who waits is told, and the process is', async () => {
  const bench = new Bench({ handle: () => new Promise(() => undefined) });
  const asked = bench.client.call('stats', undefined);
  bench.thread.die(new Error('unreachable executed'));
  await assert.rejects(asked, { kind: 'internal', message: 'the ingest thread died' });
  assert.deepEqual(bench.lost, ['unreachable executed']);
});

test('a thread that still replays its log is stopped at once', async () => {
  const { client, thread } = new Bench('silent');
  await client.close();
  assert.equal(thread.isStopped, true);
});

test('after the end has begun nothing more is taken, and its death is no news', async () => {
  const bench = new Bench();
  await bench.client.ready;
  const closed = bench.client.close();
  await assert.rejects(bench.client.call('stats', undefined), { kind: 'canceled' });
  await closed;
  bench.thread.die(undefined);
  assert.deepEqual(bench.lost, []);
  assert.deepEqual(bench.handled, ['close']);
});

import { strict as assert } from 'node:assert';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { testKernel } from '../base/testing/kernel.ts';
import type { WorkerHost } from '../base/worker-host.ts';
import { labelsOf } from '../model/labels.ts';
import { STABLE_SYNTAX } from '../promql/parse/syntax-options.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import type { Queryable } from '../storage/queryable.ts';
import type { EngineRequest } from './engine.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { type ServedStorage, serveEngine } from './serve-engine.ts';
import { createWorkerEngine, type WorkerEngine } from './worker-engine.ts';

/** A clock whose timers go off when the test says so. */
function manualClock(): Clock & { fire(): void } {
  const timers = new Set<() => void>();
  return {
    nowMs: () => 0,
    monotonicMs: () => 0,
    sleep: async () => undefined,
    after(_delayMs, callback) {
      timers.add(callback);
      return () => timers.delete(callback);
    },
    fire: () => {
      for (const timer of [...timers]) timer();
    },
  };
}

/** What runs for a query runs in the context of who asked it. */
const asker = new AsyncLocalStorage<string>();

interface PlacedWorker {
  kill(error: Error): void;
}

/** Runs the worker's half in place, with structured clones in between as threads have them. */
function placedHost(storage: ServedStorage, clock: Clock, workers: PlacedWorker[]): WorkerHost {
  return {
    start() {
      let toMain: (message: unknown) => void = () => undefined;
      let toWorker: (message: ToWorker) => void = () => undefined;
      let onExit: (error: Error | undefined) => void = () => undefined;
      let isAlive = true;
      // As with threads, the context of who posts does not come along.
      const here = AsyncLocalStorage.snapshot();
      const clone = <T>(message: T, transfer: readonly ArrayBuffer[] = []): T =>
        structuredClone(message, { transfer: [...transfer] });
      serveEngine({
        kernel: testKernel(),
        clock,
        settings: {
          maxSamples: 1000,
          noStepSubqueryIntervalMs: 60_000,
          syntax: STABLE_SYNTAX,
        },
        storage,
        port: {
          post: (message: FromWorker, transfer) => {
            const copy = clone(message, transfer);
            if (isAlive) queueMicrotask(() => here(toMain, copy));
          },
          onMessage: (listener) => {
            toWorker = listener;
          },
        },
      });
      workers.push({
        kill(error) {
          isAlive = false;
          onExit(error);
        },
      });
      return {
        post: (message, transfer) => {
          const copy = clone(message as ToWorker, transfer);
          if (isAlive) queueMicrotask(() => toWorker(copy));
        },
        onMessage: (listener) => {
          toMain = listener;
        },
        onExit: (listener) => {
          onExit = listener;
        },
        stop: async () => undefined,
      };
    },
  };
}

function start(storage: ServedStorage) {
  const clock = manualClock();
  const workers: PlacedWorker[] = [];
  const lost: string[] = [];
  const calls: unknown[] = [];
  const returned: ArrayBuffer[] = [];
  const engine: WorkerEngine = createWorkerEngine({
    workerHost: placedHost(storage, clock, workers),
    clock,
    entry: new URL('file:///worker.ts'),
    startData: undefined,
    workers: 1,
    maxConcurrent: 1,
    onHostCall: async (payload) => {
      calls.push(asker.getStore() === undefined ? payload : `${payload} for ${asker.getStore()}`);
      if (payload === 'refuse') throw new OperationError('unavailable', 'no store answers');
      const bytes = new Uint8Array([1, 2, 3]);
      return { value: bytes, transfer: [bytes.buffer] };
    },
    onReturned: (buffers) => returned.push(...buffers),
    onWorkerLost: (error) => lost.push(error.message),
  });
  return { engine, clock, workers, lost, calls, returned };
}

const REQUEST: EngineRequest = {
  query: 'sum(x)',
  startMs: 60_000,
  endMs: 60_000,
  stepMs: 0,
  lookbackMs: 300_000,
  timeoutMs: 1000,
  limit: 0,
  view: {
    deduplicate: true,
    replicaLabels: [],
    partialResponse: true,
    storeMatchers: [],
    maxSourceResolutionMs: 0,
  },
};

const signal = new AbortController().signal;

function twoSeries(): Queryable {
  const store = new MemoryStore();
  store.append(labelsOf({ __name__: 'x', a: '1' }), { time: 60_000, value: 1 });
  store.append(labelsOf({ __name__: 'x', a: '2' }), { time: 60_000, value: 2 });
  return store;
}

function resultOf({ resultSlices }: { readonly resultSlices: readonly Uint8Array[] }): unknown {
  return JSON.parse(`{${Buffer.concat(resultSlices).toString()}}`).result;
}

/** A storage whose selects wait until they are aborted. */
const NEVER: ServedStorage = {
  open: () => ({
    select: (_request, options) =>
      new Promise((_, reject) => {
        options.signal.addEventListener('abort', () => reject(options.signal.reason));
      }),
    labelNames: async () => ({ values: [], warnings: [] }),
    labelValues: async () => ({ values: [], warnings: [] }),
  }),
};

test('a query runs in a worker and comes back as JSON bytes', async () => {
  const { engine } = start({ open: twoSeries });
  const answer = await engine.query(REQUEST, { signal });
  assert.deepEqual(resultOf(answer), [{ metric: {}, value: [60, '3'] }]);
  assert.equal(answer.statistics.totalSamples, 2);

  // Two windows see each of the two samples; only who asks for it has them counted.
  const windows = { query: 'sum_over_time(x[10m])', endMs: 120_000, stepMs: 60_000 };
  const once = await engine.query({ ...REQUEST, ...windows }, { signal });
  assert.equal(once.statistics.totalSamples, 2);
  const each = await engine.query({ ...REQUEST, ...windows, countsWindows: true }, { signal });
  assert.equal(each.statistics.totalSamples, 4);
});

test('a limit cuts series off with a warning', async () => {
  const { engine } = start({ open: twoSeries });
  const answer = await engine.query({ ...REQUEST, query: 'x', limit: 1 }, { signal });
  assert.equal((resultOf(answer) as unknown[]).length, 1);
  assert.deepEqual(answer.warnings, ['results truncated due to limit']);
  assert.equal(answer.storageWarningCount, 0);
});

test('errors cross the thread with their kind', async () => {
  const { engine } = start({ open: twoSeries });
  const f = (query: string, kind: string, message: RegExp): Promise<void> =>
    assert.rejects(engine.query({ ...REQUEST, query }, { signal }), (error) => {
      assert.ok(error instanceof OperationError);
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      return true;
    });
  await f('sum(', 'bad-data', /invalid parameter "query": 1:5: parse error: /);
  await f('x / on() x', 'execution', /many-to-many matching not allowed/);
});

test("the worker's storage can ask the main thread", async () => {
  const received: unknown[] = [];
  const { engine, calls, returned } = start({
    open: (_view, call) => ({
      ...NEVER.open(REQUEST.view, call),
      async select(_request, options) {
        const bytes = (await call('fetch', options.signal)) as Uint8Array;
        received.push([...bytes]);
        await call('refuse', options.signal);
        throw new Error('not reached');
      },
    }),
  });
  await assert.rejects(engine.query(REQUEST, { signal }), /no store answers/);
  assert.deepEqual(calls, ['fetch', 'refuse']);
  assert.deepEqual(received, [[1, 2, 3]]);
  assert.deepEqual(returned, [new Uint8Array([1, 2, 3]).buffer]);
});

test('what a worker asks belongs to who asked the query', async () => {
  const { engine, calls } = start({
    open: (_view, call) => ({
      ...NEVER.open(REQUEST.view, call),
      select: async (_request, options) => {
        await call('refuse', options.signal);
        throw new Error('not reached');
      },
    }),
  });
  const asked = asker.run('anna', () => engine.query(REQUEST, { signal }));
  await assert.rejects(asked, /no store answers|not reached/);
  assert.deepEqual(calls, ['refuse for anna']);
});

test('a query that takes too long or that nobody wants any more ends', async () => {
  const { engine, clock } = start(NEVER);
  const slow = engine.query(REQUEST, { signal });
  await new Promise((resolve) => setImmediate(resolve));
  clock.fire();
  await assert.rejects(slow, { kind: 'timeout', message: /query timed out/ });
  const leaving = new AbortController();
  const unwanted = engine.query(REQUEST, { signal: leaving.signal });
  leaving.abort();
  await assert.rejects(unwanted, { kind: 'canceled', message: /query was canceled/ });
  assert.equal(engine.gate.held, 0);
});

test('a worker that dies fails its queries and is replaced', async () => {
  let isDeaf = true;
  const { engine, workers, lost } = start({
    open: (view, call) => (isDeaf ? NEVER.open(view, call) : twoSeries()),
  });
  const doomed = engine.query(REQUEST, { signal });
  await new Promise((resolve) => setImmediate(resolve));
  workers[0]?.kill(new Error('out of memory'));
  await assert.rejects(doomed, /the query's worker died: out of memory/);
  assert.deepEqual(lost, ['out of memory']);
  isDeaf = false;
  const answer = await engine.query(REQUEST, { signal });
  assert.deepEqual(resultOf(answer), [{ metric: {}, value: [60, '3'] }]);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { realClock } from '../world/clock.ts';
import { listThreads, recordCpuProfile, takeHeapSnapshot } from './profiler.ts';

const { signal } = new AbortController();

/** A thread that calls its function `spin` again and again, and holds a text of which there is one. */
async function spinning(): Promise<AsyncDisposable & { readonly id: number }> {
  const code = `globalThis.kept = ['one', 'of', 'a', 'kind'].join('-');
    function spin(n) { return n < 2 ? n : spin(n - 1) + spin(n - 2); }
    setInterval(() => spin(27), 2);`;
  const worker = new Worker(code, { eval: true, name: 'spinner' });
  await new Promise((resolve) => worker.once('online', resolve));
  return {
    id: worker.threadId,
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}

interface Profile {
  readonly nodes: readonly { readonly callFrame: { readonly functionName: string } }[];
}

async function profiledNames(thread: number): Promise<readonly string[]> {
  const text = await recordCpuProfile({ thread, durationMs: 200, clock: realClock, signal });
  return (JSON.parse(text) as Profile).nodes.map(({ callFrame }) => callFrame.functionName);
}

test('a profile names the functions that a thread has run, and only those', async () => {
  await using worker = await spinning();
  let isOver = false;
  const spinHere = (): void => {
    for (let i = 0; i < 1e6; i++) Math.sqrt(i);
    if (!isOver) setImmediate(spinHere);
  };
  setImmediate(spinHere);
  const here = await profiledNames(0);
  isOver = true;
  const there = await profiledNames(worker.id);
  assert.ok(here.includes('spinHere'), here.join());
  assert.ok(there.includes('spin') && !there.includes('spinHere'), there.join());
});

test('threads have names', async () => {
  await using worker = await spinning();
  const threads = await listThreads(realClock);
  assert.deepEqual(threads[0], { id: 0, name: 'main' });
  assert.equal(threads.find(({ id }) => id === worker.id)?.name, 'spinner');
});

test('a snapshot holds what is in the heap of a thread', async () => {
  await using worker = await spinning();
  const parts = await Array.fromAsync(takeHeapSnapshot(worker.id, realClock));
  const { strings } = JSON.parse(Buffer.concat(parts).toString()) as { strings: string[] };
  assert.ok(strings.includes('one-of-a-kind'));
});

test('a thread that is not there is named, and a profile can be broken off', async () => {
  await assert.rejects(profiledNames(4711), { kind: 'not-found', message: /thread 4711/ });
  const gone = new AbortController();
  const options = { thread: 0, durationMs: 60_000, clock: realClock, signal: gone.signal };
  const recording = recordCpuProfile(options);
  gone.abort(new Error('enough'));
  await assert.rejects(recording, { name: 'AbortError' });
  assert.ok((await profiledNames(0)).length > 0);
});

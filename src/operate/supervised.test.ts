import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { ProcessEnd, ProcessHost, ProcessSpec } from '../base/process-host.ts';
import type { HttpClient } from '../transport/http-client.ts';
import type { ComponentState } from './component.ts';
import { CRASHES_MAX, STABLE_MS, Supervised } from './supervised.ts';

/** Time that moves only when it is told to, to the next thing that waits for it. */
class StepClock implements Clock {
  #nowMs = 0;
  #waiting: { readonly atMs: number; readonly wake: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, wake: callback };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.after(delayMs, resolve);
      signal?.addEventListener('abort', () => {
        cancel();
        reject(signal.reason);
      });
    });
  }

  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      await settle();
      const next = this.#waiting.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#waiting = this.#waiting.filter((entry) => entry !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

/** Lets every promise that can go on do so. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

/** A component whose lives and health the test decides. */
function supervise() {
  const clock = new StepClock();
  const lives: { readonly end: (end: ProcessEnd) => void; readonly signals: string[] }[] = [];
  const states: ComponentState[] = [];
  const alive = new Set<number>();
  const world = { status: 200, canStart: true };
  const processes: ProcessHost = {
    find: () => undefined,
    signal: () => false,
    async start({ file }: ProcessSpec) {
      if (!world.canStart) throw new OperationError('unavailable', `cannot start ${file}`);
      const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
      const signals: string[] = [];
      lives.push({ end: resolve, signals });
      return {
        pid: lives.length,
        ended: promise,
        send: () => undefined,
        signal(signal) {
          signals.push(signal);
        },
      };
    },
  };
  const client = {
    request: async () => ({ status: world.status, text: async () => 'not yet' }),
  } as unknown as HttpClient;
  const supervised = new Supervised({
    spec: {
      name: 'demo',
      kind: 'demo',
      reads: [],
      file: 'demo',
      args: [],
      addresses: [],
      readyUrl: 'http://demo/-/ready',
    },
    processes,
    client,
    clock,
    onLine: () => undefined,
    onChange: (state) => states.push(state),
    onProcess: (pid, isAlive) => void (isAlive ? alive.add(pid) : alive.delete(pid)),
  });
  const phases = (): string => states.map(({ phase }) => phase).join(' > ');
  return { clock, lives, states, alive, world, supervised, phases };
}

const killed: ProcessEnd = { code: undefined, signal: 'SIGKILL' };

test('a component becomes ready, and is started again soon after its end', async () => {
  const { clock, lives, world, supervised, phases, alive } = supervise();
  world.status = 503;
  supervised.start();
  await clock.advance(1000);
  assert.equal(phases(), 'starting > starting');
  assert.equal(supervised.state.reason, '503 not yet');
  world.status = 200;
  await clock.advance(STABLE_MS);
  assert.equal(supervised.state.phase, 'ready');
  assert.deepEqual([...alive], [1]);
  lives[0].end(killed);
  await clock.advance(249);
  assert.deepEqual([lives.length, supervised.state.reason], [1, 'ended by SIGKILL']);
  assert.deepEqual([...alive], []);
  await clock.advance(1);
  assert.equal(lives.length, 2);
  assert.deepEqual([supervised.state.phase, supervised.state.restarts], ['ready', 1]);
  const endMs = 1000 + STABLE_MS;
  assert.deepEqual(supervised.state.lastEnd, { reason: 'ended by SIGKILL', timeMs: endMs });
  assert.equal(supervised.state.sinceMs, endMs + 250);
});

test('a ready component that stops answering is not ready, but not restarted', async () => {
  const { clock, lives, world, supervised } = supervise();
  supervised.start();
  await clock.advance(10);
  world.status = 503;
  await clock.advance(1000);
  assert.equal(supervised.state.phase, 'not ready');
  world.status = 200;
  await clock.advance(1000);
  assert.deepEqual([supervised.state.phase, lives.length], ['ready', 1]);
});

test('the pause doubles with each quick end, and begins anew after a long life', async () => {
  const { clock, lives, supervised } = supervise();
  supervised.start();
  await clock.advance(0);
  for (const pauseMs of [250, 500, 1000, 2000]) {
    const count = lives.length;
    lives[count - 1].end({ code: 1, signal: undefined });
    await clock.advance(pauseMs - 1);
    assert.equal(lives.length, count, `${pauseMs}`);
    await clock.advance(1);
    assert.equal(lives.length, count + 1, `${pauseMs}`);
  }
  await clock.advance(STABLE_MS);
  lives[4].end(killed);
  await clock.advance(250);
  assert.equal(lives.length, 6);
});

test('whoever ends quickly too often is left alone until a retry', async () => {
  const { clock, lives, world, supervised } = supervise();
  world.canStart = false;
  supervised.start();
  await clock.advance(120_000);
  assert.equal(supervised.state.phase, 'failed');
  assert.equal(supervised.state.reason, `cannot start demo, ${CRASHES_MAX} times in a row`);
  world.canStart = true;
  await clock.advance(120_000);
  assert.equal(lives.length, 0);
  supervised.retry();
  await clock.advance(10);
  assert.deepEqual([lives.length, supervised.state.phase], [1, 'ready']);
});

test('a stop asks first, then forces, and starts nothing more', async () => {
  const { clock, lives, supervised } = supervise();
  supervised.start();
  await clock.advance(10);
  const stopping = supervised.stop(5000);
  await clock.advance(4999);
  assert.deepEqual(lives[0].signals, ['SIGTERM']);
  await clock.advance(1);
  assert.deepEqual(lives[0].signals, ['SIGTERM', 'SIGKILL']);
  lives[0].end(killed);
  await stopping;
  await clock.advance(120_000);
  assert.deepEqual([lives.length, supervised.state.phase], [1, 'stopped']);
});

test('a stop during the pause or after giving up ends at once', async () => {
  const paused = supervise();
  paused.supervised.start();
  await paused.clock.advance(0);
  paused.lives[0].end(killed);
  await paused.clock.advance(10);
  await paused.supervised.stop(5000);
  const failed = supervise();
  failed.world.canStart = false;
  failed.supervised.start();
  await failed.clock.advance(120_000);
  await failed.supervised.stop(5000);
  assert.equal(failed.supervised.state.phase, 'stopped');
});

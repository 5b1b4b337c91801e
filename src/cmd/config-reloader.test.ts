import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { ConfigReloader } from './config-reloader.ts';

class Bench {
  /** What the file holds: "bad…" does not load, "stuck…" cannot be acted on. */
  text = 'one';
  nowMs = 1000;
  readonly applied: string[] = [];
  readonly metrics = createMetricRegistry();
  readonly #wakes: (() => void)[] = [];

  open(): ConfigReloader<string> {
    const clock: Clock = {
      nowMs: () => this.nowMs,
      monotonicMs: () => this.nowMs,
      after: () => () => undefined,
      sleep: () => new Promise((resolve) => this.#wakes.push(resolve)),
    };
    return new ConfigReloader({
      load: () => {
        if (this.text.startsWith('bad')) throw new OperationError('bad-data', `${this.text}:1`);
        return this.text;
      },
      apply: async (config) => {
        if (config.startsWith('stuck')) throw new OperationError('unavailable', 'stuck');
        this.applied.push(config);
      },
      fingerprint: () => this.text,
      path: 'prometheus.yml',
      clock,
      logger: silentLogger,
      metrics: this.metrics,
    });
  }

  /** Lets the interval pass. */
  async tick(): Promise<void> {
    this.#wakes.shift()?.();
    await new Promise(setImmediate);
  }

  async figures(): Promise<string> {
    const { body } = await this.metrics.print('text');
    return [...body.matchAll(/^prometheus_config_\w+ (.*)$/gm)].map(([, value]) => value).join(' ');
  }
}

test('a wrong configuration at the start is refused', () => {
  const bench = new Bench();
  bench.text = 'bad';
  assert.throws(() => bench.open(), { kind: 'bad-data', message: 'bad:1' });
});

test('a reload makes the server act on what the file holds now', async () => {
  const bench = new Bench();
  const reloader = bench.open();
  assert.deepEqual([reloader.current, bench.applied], ['one', []]);
  bench.text = 'two';
  bench.nowMs = 2000;
  await reloader.reload();
  assert.deepEqual([reloader.current, bench.applied], ['two', ['two']]);
  assert.equal(await bench.figures(), '1 2');
});

test('a wrong configuration changes nothing, and is told until a good one comes', async () => {
  const bench = new Bench();
  const reloader = bench.open();
  const f = async (text: string, figures: string, current: string): Promise<void> => {
    bench.text = text;
    bench.nowMs += 1000;
    await reloader.reload().catch((error: OperationError) => {
      assert.equal(reloader.fault, error);
    });
    assert.equal(reloader.current, current);
    assert.equal(await bench.figures(), figures);
  };
  await f('bad', '0 1', 'one');
  await f('stuck', '0 1', 'one');
  assert.deepEqual(bench.applied, ['one']);
  await f('two', '1 4', 'two');
  assert.equal(reloader.fault, undefined);
});

test('a change of the file is noticed, a wrong one tried once only', async () => {
  const bench = new Bench();
  const reloader = bench.open();
  const controller = new AbortController();
  const watching = reloader.watch(30_000, controller.signal);
  const f = async (text: string, want: readonly string[]): Promise<void> => {
    bench.text = text;
    await bench.tick();
    assert.deepEqual(bench.applied, want);
  };
  await f('one', []);
  await f('two', ['two']);
  await f('two', ['two']);
  await f('bad', ['two']);
  assert.equal(reloader.fault?.message, 'bad:1');
  await f('three', ['two', 'three']);
  controller.abort();
  await bench.tick();
  await watching;
});

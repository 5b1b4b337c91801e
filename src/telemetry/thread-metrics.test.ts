import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { createMetricRegistry } from './metrics.ts';
import { observeThreads } from './thread-metrics.ts';

test('threads of one name are counted together, and what they did is kept', async () => {
  const registry = createMetricRegistry();
  const observe = observeThreads(registry);
  const f = async (...want: readonly string[]): Promise<void> => {
    const text = Buffer.from((await registry.print('text')).body).toString();
    assert.deepEqual(text.match(/^tsanos_.*$/gm), want);
  };
  let busyMs = 1000;
  observe({ name: 'main', busyMs: () => 500 });
  const end = observe({ name: 'worker', busyMs: () => busyMs });
  observe({ name: 'worker', busyMs: () => 250 });
  await f(
    'tsanos_threads{thread="main"} 1',
    'tsanos_threads{thread="worker"} 2',
    'tsanos_thread_busy_seconds_total{thread="main"} 0.5',
    'tsanos_thread_busy_seconds_total{thread="worker"} 1.25',
  );
  busyMs = 0;
  end();
  end();
  await f(
    'tsanos_threads{thread="main"} 1',
    'tsanos_threads{thread="worker"} 1',
    'tsanos_thread_busy_seconds_total{thread="worker"} 1.25',
    'tsanos_thread_busy_seconds_total{thread="main"} 0.5',
  );
});

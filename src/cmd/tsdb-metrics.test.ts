import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { tsdbMetrics } from './tsdb-metrics.ts';

async function printed(...figures: readonly Readonly<Record<string, number>>[]): Promise<string> {
  const registry = createMetricRegistry();
  const take = tsdbMetrics(registry);
  for (const one of figures) take(one);
  const { body } = await registry.print('text');
  return body.replaceAll(/^# HELP.*\n/gm, '');
}

test('figures become gauges, and counters that count on', async () => {
  assert.equal(
    await printed(
      { prometheus_tsdb_head_series: 5, prometheus_tsdb_reloads_total: 2 },
      { prometheus_tsdb_head_series: 3, prometheus_tsdb_reloads_total: 7 },
    ),
    `# TYPE prometheus_tsdb_head_series gauge
prometheus_tsdb_head_series 3
# TYPE prometheus_tsdb_reloads_total counter
prometheus_tsdb_reloads_total 7
`,
  );
});

test('a figure that nobody has described is a bug', async () => {
  await assert.rejects(printed({ prometheus_tsdb_nonsense: 1 }), { name: 'BugError' });
});

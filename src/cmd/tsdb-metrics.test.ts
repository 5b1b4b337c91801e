import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { dbStorage } from '../ingest/db-storage.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { TestDb } from '../tsdb/testing/test-db.ts';
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
      {
        prometheus_tsdb_head_series: 5,
        'prometheus_tsdb_head_samples_appended_total{type="float"}': 2,
      },
      {
        prometheus_tsdb_head_series: 3,
        'prometheus_tsdb_head_samples_appended_total{type="float"}': 7,
      },
      { prometheus_tsdb_reloads_total: 4 },
    ),
    `# TYPE prometheus_tsdb_head_series gauge
prometheus_tsdb_head_series 3
# TYPE prometheus_tsdb_head_samples_appended_total counter
prometheus_tsdb_head_samples_appended_total{type="float"} 7
# TYPE prometheus_tsdb_reloads_total counter
prometheus_tsdb_reloads_total 4
`,
  );
});

test('every figure of a database is described', async () => {
  const { db } = new TestDb(1);
  const settings = { maxExemplars: 0, retention: { timeMs: 0, sizeBytes: 0, percentage: 0 } };
  const { metrics } = dbStorage({ db, settings, replayMs: 1 }).stats();
  const page = await printed(metrics);
  for (const figure of Object.keys(metrics)) assert.ok(page.includes(`\n${figure} `), figure);
});

test('a figure that nobody has described is a bug', async () => {
  await assert.rejects(printed({ prometheus_tsdb_nonsense: 1 }), { name: 'BugError' });
});

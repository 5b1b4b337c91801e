/** Metrics of a server as a whole, and those that the ingest thread counts. */
import { gauge, sampledGauge } from '../telemetry/metrics.ts';
import type { Server } from './server-apis.ts';
import { tsdbMetrics } from './tsdb-metrics.ts';

/** Declares them. The function that comes back brings the figures of the ingest thread, before each print. */
export function serverMetrics({ context, ingest, scraping }: Server): () => Promise<void> {
  const { metrics, readiness, build } = context;
  const { info } = metrics.declare({
    info: gauge(
      'prometheus_build_info',
      'Always 1: what was built, from what, for which runtime.',
      ['version', 'revision', 'branch', 'goversion', 'goos', 'goarch', 'tags'],
    ),
    ready: sampledGauge('prometheus_ready', 'Whether startup was fully completed.', () =>
      readiness.isReady ? 1 : 0,
    ),
  });
  const { version, revision, branch } = build;
  const runtime = { goversion: process.version, goos: process.platform, goarch: process.arch };
  info.set({ version, revision, branch, ...runtime, tags: 'tsanos' }, 1);
  const take = tsdbMetrics(metrics);
  return async () => {
    // While the log is replayed, and at the end, nobody answers.
    if (!readiness.isReady) return;
    scraping.observe();
    const { metrics: figures } = await ingest.call('stats', undefined);
    take(figures);
  };
}

/** Thanos' metrics of how the blocks of a bucket are found. */
import {
  type Counter,
  counter,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type MetricRegistry,
} from '../telemetry/metrics.ts';

/** What became of a block when the bucket was looked through. */
export type BlockState = (typeof BLOCK_STATES)[number];

export const BLOCK_STATES = [
  'corrupted-meta-json',
  'no-meta-json',
  'loaded',
  'too-fresh',
  'failed',
  'label-excluded',
  'time-excluded',
  'duplicate',
  'marked-for-deletion',
  'marked-for-no-compact',
  'parquet-migrated',
] as const;

export interface FetchMetrics {
  readonly syncs: Counter;
  readonly syncFailures: Counter;
  readonly syncDuration: Histogram;
  readonly synced: Gauge<'state'>;
  readonly baseSyncs: Counter;
  readonly cacheBusts: Counter;
}

/** Once a registry. */
export function declareFetchMetrics(registry: MetricRegistry): FetchMetrics {
  const name = (rest: string): string => `thanos_blocks_meta_${rest}`;
  const metrics = registry.declare({
    syncs: counter(name('syncs_total'), 'Times that the blocks of the bucket were looked up.'),
    syncFailures: counter(name('sync_failures_total'), 'Look-ups of blocks that failed.'),
    syncDuration: histogram({
      name: name('sync_duration_seconds'),
      help: 'How long looking up the blocks took.',
      buckets: [0.01, 1, 10, 100, 300, 600, 1000],
    }),
    synced: gauge(name('synced'), 'Blocks by what became of them in the last look-up.', ['state']),
    baseSyncs: counter(name('base_syncs_total'), 'Times that the bucket was listed for blocks.'),
    cacheBusts: counter(
      name('base_cache_busts_total'),
      'Kept meta.json files that were thrown away because the bucket has a newer one.',
    ),
  });
  for (const state of BLOCK_STATES) metrics.synced.set({ state }, 0);
  return metrics;
}

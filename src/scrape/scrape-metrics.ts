/** What scraping tells of itself, under Prometheus' names. */
import {
  type Counter,
  counter,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type MetricRegistry,
  type Summary,
  summary,
} from '../telemetry/metrics.ts';
import type { IngestCounts } from './ingest-port.ts';

const QUANTILES = [0.01, 0.05, 0.5, 0.9, 0.99];
const BUCKETS = [0.01, 0.1, 1, 10];

type ByJob = 'scrape_job';
type ByInterval = 'interval';

export interface ScrapeMetrics {
  readonly pools: Counter;
  readonly poolsFailed: Counter;
  readonly poolReloads: Counter;
  readonly poolReloadsFailed: Counter;
  readonly reloadLength: Summary<ByInterval>;
  readonly exceededTargetLimit: Counter;
  readonly targetLimit: Gauge<ByJob>;
  readonly poolTargets: Gauge<ByJob>;
  readonly poolSyncs: Counter<ByJob>;
  readonly syncLength: Summary<ByJob>;
  readonly syncLengthHistogram: Histogram<ByJob>;
  readonly syncFailed: Counter<ByJob>;
  readonly bodySizeLimit: Counter;
  readonly sampleLimit: Counter;
  readonly labelLimit: Counter;
  readonly bucketLimit: Counter;
  readonly duplicate: Counter;
  readonly outOfOrder: Counter;
  readonly outOfBounds: Counter;
  readonly exemplarOutOfOrder: Counter;
  readonly intervalLength: Summary<ByInterval>;
  readonly intervalLengthHistogram: Histogram<ByInterval>;
  readonly scrapeDuration: Histogram;
  readonly metadataEntries: Gauge<ByJob>;
  readonly metadataBytes: Gauge<ByJob>;
}

/** To be called once for all pools of a registry. */
export function declareScrapeMetrics(registry: MetricRegistry): ScrapeMetrics {
  return registry.declare({
    ...poolMetrics,
    ...rejectionMetrics,
    intervalLength: summary(
      'prometheus_target_interval_length_seconds',
      'Actual intervals between scrapes.',
      ['interval'],
      QUANTILES,
    ),
    intervalLengthHistogram: histogram({
      name: 'prometheus_target_interval_length_histogram_seconds',
      help: 'Actual intervals between scrapes.',
      labelNames: ['interval'],
      buckets: BUCKETS,
    }),
    scrapeDuration: histogram({
      name: 'prometheus_target_scrape_duration_seconds',
      help: 'Total duration of the scrape from start to commit completion in seconds.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    metadataEntries: gauge(
      'prometheus_target_metadata_cache_entries',
      'Total number of metric metadata entries in the cache.',
      ['scrape_job'],
    ),
    metadataBytes: gauge(
      'prometheus_target_metadata_cache_bytes',
      'The number of bytes that are currently used for storing metric metadata in the cache.',
      ['scrape_job'],
    ),
  });
}

const poolMetrics = {
  pools: counter(
    'prometheus_target_scrape_pools_total',
    'Total number of scrape pool creation attempts.',
  ),
  poolsFailed: counter(
    'prometheus_target_scrape_pools_failed_total',
    'Total number of scrape pool creations that failed.',
  ),
  poolReloads: counter(
    'prometheus_target_scrape_pool_reloads_total',
    'Total number of scrape pool reloads.',
  ),
  poolReloadsFailed: counter(
    'prometheus_target_scrape_pool_reloads_failed_total',
    'Total number of failed scrape pool reloads.',
  ),
  reloadLength: summary(
    'prometheus_target_reload_length_seconds',
    'Actual interval to reload the scrape pool with a given configuration.',
    ['interval'],
    QUANTILES,
  ),
  exceededTargetLimit: counter(
    'prometheus_target_scrape_pool_exceeded_target_limit_total',
    'Total number of times scrape pools hit the target limit, during sync or config reload.',
  ),
  targetLimit: gauge(
    'prometheus_target_scrape_pool_target_limit',
    'Maximum number of targets allowed in this scrape pool.',
    ['scrape_job'],
  ),
  poolTargets: gauge(
    'prometheus_target_scrape_pool_targets',
    'Current number of targets in this scrape pool.',
    ['scrape_job'],
  ),
  poolSyncs: counter(
    'prometheus_target_scrape_pool_sync_total',
    'Total number of syncs that were executed on a scrape pool.',
    ['scrape_job'],
  ),
  syncLength: summary(
    'prometheus_target_sync_length_seconds',
    'Actual interval to sync the scrape pool.',
    ['scrape_job'],
    QUANTILES,
  ),
  syncLengthHistogram: histogram({
    name: 'prometheus_target_sync_length_histogram_seconds',
    help: 'Actual interval to sync the scrape pool.',
    labelNames: ['scrape_job'],
    buckets: BUCKETS,
  }),
  syncFailed: counter(
    'prometheus_target_sync_failed_total',
    'Total number of target sync failures.',
    ['scrape_job'],
  ),
};

const rejectionMetrics = {
  bodySizeLimit: counter(
    'prometheus_target_scrapes_exceeded_body_size_limit_total',
    'Total number of scrapes that hit the body size limit',
  ),
  sampleLimit: counter(
    'prometheus_target_scrapes_exceeded_sample_limit_total',
    'Total number of scrapes that hit the sample limit and were rejected.',
  ),
  labelLimit: counter(
    'prometheus_target_scrape_pool_exceeded_label_limits_total',
    'Total number of times scrape pools hit the label limits, during sync or config reload.',
  ),
  bucketLimit: counter(
    'prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total',
    'Total number of scrapes that hit the native histogram bucket limit and were rejected.',
  ),
  duplicate: counter(
    'prometheus_target_scrapes_sample_duplicate_timestamp_total',
    'Total number of samples rejected due to duplicate timestamps but different values.',
  ),
  outOfOrder: counter(
    'prometheus_target_scrapes_sample_out_of_order_total',
    'Total number of samples rejected due to not being out of the expected order.',
  ),
  outOfBounds: counter(
    'prometheus_target_scrapes_sample_out_of_bounds_total',
    'Total number of samples rejected due to timestamp falling outside of the time bounds.',
  ),
  exemplarOutOfOrder: counter(
    'prometheus_target_scrapes_exemplar_out_of_order_total',
    'Total number of exemplar rejected due to not being out of the expected order.',
  ),
};

const COUNTED = [
  'outOfOrder',
  'duplicate',
  'outOfBounds',
  'exemplarOutOfOrder',
  'sampleLimit',
  'labelLimit',
  'bucketLimit',
] as const satisfies readonly (keyof IngestCounts)[];

/** Adds what was refused of one page. */
export function countRejections(metrics: ScrapeMetrics, counts: IngestCounts): void {
  for (const name of COUNTED) if (counts[name] > 0) metrics[name].inc(counts[name]);
}

/** Prometheus' names for what discovery does. */
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

type Refresh = 'mechanism' | 'config';
/** What discoveries are run for: `scrape` and a job. */
type Set = 'name' | 'config';

export interface DiscoveryMetrics {
  readonly failures: Counter<Refresh>;
  readonly duration: Summary<Refresh>;
  readonly durations: Histogram<'mechanism'>;
  readonly fileErrors: Counter;
  readonly fileTimes: Gauge<'filename'>;
  readonly httpFailures: Counter;
  readonly lookups: Counter;
  readonly lookupFailures: Counter;
  readonly targets: Gauge<Set>;
  readonly updated: Gauge<Set>;
  readonly received: Counter<'name'>;
  readonly sent: Counter<'name'>;
}

const SET: readonly Set[] = ['name', 'config'];
const REFRESH: readonly Refresh[] = ['mechanism', 'config'];

/** To be called once for all discoveries of a process. */
export function declareDiscoveryMetrics(registry: MetricRegistry): DiscoveryMetrics {
  return registry.declare({
    failures: counter<Refresh>(
      'prometheus_sd_refresh_failures_total',
      'Number of refreshes of a discovery that failed.',
      REFRESH,
    ),
    duration: summary<Refresh>(
      'prometheus_sd_refresh_duration_seconds',
      'How long refreshes of a discovery take.',
      REFRESH,
    ),
    durations: histogram<'mechanism'>({
      name: 'prometheus_sd_refresh_duration_histogram_seconds',
      help: 'How long refreshes of discoveries of one kind take.',
      labelNames: ['mechanism'],
      buckets: [0.01, 0.1, 1, 10],
    }),
    fileErrors: counter(
      'prometheus_sd_file_read_errors_total',
      'Number of target files that could not be read.',
    ),
    fileTimes: gauge<'filename'>(
      'prometheus_sd_file_mtime_seconds',
      'When a target file was changed, as of the last read.',
      ['filename'],
    ),
    httpFailures: counter(
      'prometheus_sd_http_failures_total',
      'Number of refreshes of HTTP discoveries that failed.',
    ),
    lookups: counter('prometheus_sd_dns_lookups_total', 'Number of DNS lookups.'),
    lookupFailures: counter(
      'prometheus_sd_dns_lookup_failures_total',
      'Number of DNS lookups that failed.',
    ),
    targets: gauge<Set>('prometheus_sd_discovered_targets', 'Targets that are found now.', SET),
    updated: gauge<Set>(
      'prometheus_sd_last_update_timestamp_seconds',
      'When targets were last handed on.',
      SET,
    ),
    received: counter<'name'>(
      'prometheus_sd_received_updates_total',
      'Number of changes that discoveries have found.',
      ['name'],
    ),
    sent: counter<'name'>(
      'prometheus_sd_updates_total',
      'Number of times targets were handed on.',
      ['name'],
    ),
  });
}

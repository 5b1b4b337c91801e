/** Thanos' metrics of a caching bucket. Source: Thanos pkg/store/cache. */
import { type Counter, counter, type MetricRegistry } from '../telemetry/metrics.ts';

export interface CachingMetrics {
  readonly requests: Counter<'operation' | 'config'>;
  readonly hits: Counter<'operation' | 'config'>;
  readonly requestedBytes: Counter<'config'>;
  readonly fetchedBytes: Counter<'origin' | 'config'>;
  readonly refetchedBytes: Counter<'origin' | 'config'>;
}

/** What is kept: names of its parts in metrics. */
export const CHUNKS = 'chunks';
export const METAS = 'meta.jsons';
export const BLOCKS = 'blocks-iter';

export function declareCachingMetrics(registry: MetricRegistry): CachingMetrics {
  const name = (rest: string): string => `thanos_store_bucket_cache_${rest}`;
  const metrics = registry.declare({
    requests: counter(name('operation_requests_total'), 'Operations that may be kept.', [
      'operation',
      'config',
    ]),
    hits: counter(name('operation_hits_total'), 'Operations that the cache answered.', [
      'operation',
      'config',
    ]),
    requestedBytes: counter(
      name('getrange_requested_bytes_total'),
      'Bytes of the ranges asked for.',
      ['config'],
    ),
    fetchedBytes: counter(
      name('getrange_fetched_bytes_total'),
      'Bytes that came for ranges, from the cache or the bucket.',
      ['origin', 'config'],
    ),
    refetchedBytes: counter(
      name('getrange_refetched_bytes_total'),
      'Bytes that came from the bucket although the cache had them.',
      ['origin', 'config'],
    ),
  });
  const kept = [
    ['iter', BLOCKS],
    ['exists', METAS],
    ['get', METAS],
    ['get_range', CHUNKS],
    ['attributes', CHUNKS],
  ] as const;
  for (const [operation, config] of kept) {
    metrics.requests.inc({ operation, config }, 0);
    metrics.hits.inc({ operation, config }, 0);
  }
  metrics.requestedBytes.inc({ config: CHUNKS }, 0);
  for (const origin of ['cache', 'bucket']) {
    metrics.fetchedBytes.inc({ origin, config: CHUNKS }, 0);
  }
  metrics.refetchedBytes.inc({ origin: 'cache', config: CHUNKS }, 0);
  return metrics;
}

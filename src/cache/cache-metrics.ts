/** Thanos' metrics of caches, each with the cache's name: `index-cache`, `caching-bucket`. Source: Thanos pkg/cache, pkg/cacheutil. */
import {
  type Counter,
  counter,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type MetricRegistry,
} from '../telemetry/metrics.ts';

export interface CacheMetrics {
  readonly memory: Readonly<
    Record<'requests' | 'hits' | 'expired' | 'added' | 'evicted' | 'overflowed', Counter<'name'>> &
      Record<'items' | 'itemsBytes' | 'totalBytes' | 'bytesMax' | 'itemBytesMax', Gauge<'name'>>
  >;
  readonly remote: Readonly<Record<RemoteKind, RemoteMetrics>>;
}

export type RemoteKind = 'memcached' | 'redis';
export type FailureReason =
  | 'timeout'
  | 'malformed-key'
  | 'server-error'
  | 'network-error'
  | 'other';
export type SkipReason = 'max-item-size' | 'buffer-full' | 'circuit-breaker';

export interface RemoteMetrics {
  readonly requests: Counter<'name'>;
  readonly hits: Counter<'name'>;
  readonly operations: Counter<'name' | 'operation'>;
  readonly failures: Counter<'name' | 'operation' | 'reason'>;
  readonly skipped: Counter<'name' | 'operation' | 'reason'>;
  readonly durations: Histogram<'name' | 'operation'>;
}

const BY_NAME = ['name'] as const;
const BY_OPERATION = ['name', 'operation'] as const;

/** Once a registry. */
export function declareCacheMetrics(registry: MetricRegistry): CacheMetrics {
  const memory = (rest: string): string => `thanos_cache_inmemory_${rest}`;
  return {
    memory: registry.declare({
      requests: counter(memory('requests_total'), 'Items asked for.', BY_NAME),
      hits: counter(memory('hits_total'), 'Items that were there.', BY_NAME),
      expired: counter(
        memory('hits_on_expired_data_total'),
        'Items that were there but too old.',
        BY_NAME,
      ),
      added: counter(memory('items_added_total'), 'Items put in.', BY_NAME),
      evicted: counter(memory('items_evicted_total'), 'Items that others pushed out.', BY_NAME),
      overflowed: counter(memory('items_overflowed_total'), 'Items too large to keep.', BY_NAME),
      items: gauge(memory('items'), 'Items that are kept.', BY_NAME),
      itemsBytes: gauge(memory('items_size_bytes'), 'Bytes of the items.', BY_NAME),
      totalBytes: gauge(memory('total_size_bytes'), 'Bytes of items with their keys.', BY_NAME),
      bytesMax: gauge(memory('max_size_bytes'), 'Bytes that may be kept.', BY_NAME),
      itemBytesMax: gauge(memory('max_item_size_bytes'), 'Bytes of one item at most.', BY_NAME),
    }),
    remote: {
      memcached: declareRemote(registry, 'memcached'),
      redis: declareRemote(registry, 'redis'),
    },
  };
}

function declareRemote(registry: MetricRegistry, kind: RemoteKind): RemoteMetrics {
  const reasons = [...BY_OPERATION, 'reason'] as const;
  return registry.declare({
    requests: counter(`thanos_cache_${kind}_requests_total`, 'Items asked for.', BY_NAME),
    hits: counter(`thanos_cache_${kind}_hits_total`, 'Items that were there.', BY_NAME),
    operations: counter(`thanos_${kind}_operations_total`, 'Operations tried.', BY_OPERATION),
    failures: counter(`thanos_${kind}_operation_failures_total`, 'Failed operations.', reasons),
    skipped: counter(`thanos_${kind}_operation_skipped_total`, 'Operations left out.', reasons),
    durations: histogram({
      name: `thanos_${kind}_operation_duration_seconds`,
      help: 'How long operations took.',
      labelNames: BY_OPERATION,
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 3, 6, 10],
    }),
  });
}

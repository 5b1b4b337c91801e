/**
 * Thanos' metrics of a bucket. An object that is not there is no failure of the bucket, nor is a call that its caller
 * has canceled. Source: thanos-io/objstore BucketMetrics.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import {
  type Counter,
  counter,
  exponentialBuckets,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type MetricRegistry,
} from '../telemetry/metrics.ts';
import type { Bucket, BucketOperation } from './bucket.ts';
import { type WrappedCall, wrappedBucket } from './wrapped-bucket.ts';

type Label = 'bucket' | 'operation';

export interface BucketMetrics {
  readonly operations: Counter<Label>;
  readonly failures: Counter<Label>;
  readonly fetched: Counter<Label>;
  readonly transferred: Histogram<Label>;
  readonly durations: Histogram<Label>;
  readonly lastUpload: Gauge<'bucket'>;
}

const OPERATIONS: readonly BucketOperation[] = [
  'iter',
  'get',
  'get_range',
  'exists',
  'upload',
  'delete',
  'attributes',
];
const MOVING: readonly BucketOperation[] = ['get', 'get_range', 'upload'];
const LABELS: readonly Label[] = ['bucket', 'operation'];

/** Once a registry; several buckets share them. */
export function declareBucketMetrics(registry: MetricRegistry): BucketMetrics {
  const name = (rest: string): string => `thanos_objstore_bucket_${rest}`;
  return registry.declare({
    operations: counter(name('operations_total'), 'Operations tried on a bucket.', LABELS),
    failures: counter(
      name('operation_failures_total'),
      'Operations on a bucket that failed, but for objects that were not there and canceled ones.',
      LABELS,
    ),
    fetched: counter(name('operation_fetched_bytes_total'), 'Bytes fetched from a bucket.', LABELS),
    transferred: histogram({
      name: name('operation_transferred_bytes'),
      help: 'Bytes that an operation moved from or to a bucket.',
      labelNames: LABELS,
      buckets: exponentialBuckets(32_768, 2, 16),
    }),
    durations: histogram({
      name: name('operation_duration_seconds'),
      help: 'How long operations took; lists with the time that was spent on their entries.',
      labelNames: LABELS,
      buckets: [0.001, 0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120],
    }),
    lastUpload: gauge(
      name('last_successful_upload_time'),
      'Unix time in seconds of the last upload to a bucket that succeeded.',
      ['bucket'],
    ),
  });
}

/** `label` is the bucket's name in metrics. */
export function instrumentedBucket(
  bucket: Bucket,
  { metrics, label, clock }: Instrumentation,
): Bucket {
  for (const operation of OPERATIONS) {
    const labels = { bucket: label, operation };
    metrics.operations.inc(labels, 0);
    metrics.failures.inc(labels, 0);
    metrics.durations.zero(labels);
    if (MOVING.includes(operation)) {
      metrics.fetched.inc(labels, 0);
      metrics.transferred.zero(labels);
    }
  }
  metrics.lastUpload.set({ bucket: label }, 0);
  const begin = ({ operation }: WrappedCall): Running => {
    const labels = { bucket: label, operation };
    const sinceMs = clock.monotonicMs();
    metrics.operations.inc(labels);
    return {
      fetched: (sizeBytes) => metrics.fetched.inc(labels, sizeBytes),
      failed: (error) => {
        if (isFailure(error)) metrics.failures.inc(labels);
      },
      ended(movedBytes) {
        metrics.durations.observe(labels, (clock.monotonicMs() - sinceMs) / 1000);
        if (movedBytes !== undefined) metrics.transferred.observe(labels, movedBytes);
      },
    };
  };
  return wrappedBucket(bucket, {
    async once(call, run) {
      const running = begin(call);
      try {
        const result = await run(call.signal);
        if (result instanceof Uint8Array) running.fetched(result.length);
        running.ended(result instanceof Uint8Array ? result.length : call.sizeBytes);
        if (call.operation === 'upload') {
          metrics.lastUpload.set({ bucket: label }, clock.nowMs() / 1000);
        }
        return result;
      } catch (error) {
        running.failed(error);
        throw error;
      }
    },
    async *stream(call, start) {
      const running = begin(call);
      let moved = 0;
      try {
        for await (const item of start()) {
          if (item instanceof Uint8Array) {
            moved += item.length;
            running.fetched(item.length);
          }
          yield item;
        }
      } catch (error) {
        running.failed(error);
        throw error;
      } finally {
        running.ended(call.operation === 'get' ? moved : undefined);
      }
    },
  });
}

export interface Instrumentation {
  readonly metrics: BucketMetrics;
  readonly label: string;
  readonly clock: Clock;
}

interface Running {
  fetched(sizeBytes: number): void;
  failed(error: unknown): void;
  ended(movedBytes: number | undefined): void;
}

function isFailure(error: unknown): boolean {
  const kind = error instanceof OperationError ? error.kind : 'internal';
  return kind !== 'not-found' && kind !== 'canceled';
}

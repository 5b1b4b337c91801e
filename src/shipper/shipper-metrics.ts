/** Thanos' metrics of a shipper. Source: Thanos pkg/shipper. */
import {
  type Counter,
  counter,
  type Gauge,
  gauge,
  type MetricRegistry,
} from '../telemetry/metrics.ts';

export interface ShipperMetrics {
  readonly syncs: Counter;
  readonly syncFailures: Counter;
  readonly uploads: Counter;
  readonly uploadFailures: Counter;
  readonly corrupted: Counter;
  readonly compactedDone: Gauge;
}

export function declareShipperMetrics(registry: MetricRegistry): ShipperMetrics {
  const name = (rest: string): string => `thanos_shipper_${rest}`;
  return registry.declare({
    syncs: counter(name('dir_syncs_total'), 'Passes over the data directory that went through.'),
    syncFailures: counter(name('dir_sync_failures_total'), 'Passes that broke off.'),
    uploads: counter(name('uploads_total'), 'Blocks that were uploaded.'),
    uploadFailures: counter(name('upload_failures_total'), 'Uploads of a block that failed.'),
    corrupted: counter(name('corrupted_blocks_total'), 'Blocks that could not be read.'),
    compactedDone: gauge(
      name('upload_compacted_done'),
      '1 when all compacted blocks of the data directory were uploaded.',
    ),
  });
}

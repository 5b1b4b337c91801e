/** `storage`: what of the database can be changed while it runs. Source: StorageConfig of Prometheus 3.14. */
import {
  byteSize,
  duration,
  type Field,
  float,
  integer,
  noEffect,
  section,
  text,
} from './schema.ts';

export interface StorageSection {
  readonly tsdb: {
    readonly out_of_order_time_window: number;
    readonly stale_series_compaction_threshold: number;
    readonly chunk_encoding: { readonly floats: string };
    readonly retention: RetentionSection;
  };
  readonly exemplars: { readonly max_exemplars: number };
}

/** 0 is not given. */
export interface RetentionSection {
  readonly time: number;
  readonly size: number;
  readonly percentage: number;
}

const retention: Field<RetentionSection> = section<RetentionSection>(
  { time: duration(), size: byteSize(), percentage: float() },
  ({ size }) =>
    size < 0 ? "'storage.tsdb.retention.size' must be greater than or equal to 0" : undefined,
  ({ percentage }) => {
    if (percentage >= 0 && percentage <= 100) return undefined;
    return `'storage.tsdb.retention.percentage' must be in the range [0, 100], got ${percentage}`;
  },
);

export const storageSection: Field<StorageSection> = section<StorageSection>({
  tsdb: section({
    out_of_order_time_window: noEffect(duration()),
    stale_series_compaction_threshold: noEffect(float()),
    chunk_encoding: section({ floats: noEffect(text()) }, ({ floats }) => {
      if (['', 'xor', 'xor2'].includes(floats)) return undefined;
      const rule = "must be 'xor' or 'xor2', or the field must be omitted entirely";
      return `'storage.tsdb.chunk_encoding.floats' ${rule}, got "${floats}"`;
    }),
    retention,
  }),
  exemplars: section({ max_exemplars: integer(100_000) }),
});

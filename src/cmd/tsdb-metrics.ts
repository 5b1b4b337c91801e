/** Prometheus' metrics of the storage, filled from the figures of the ingest thread at each scrape. */
import { must } from '../base/assert.ts';
import {
  type Counter,
  counter,
  type Gauge,
  gauge,
  type MetricRegistry,
} from '../telemetry/metrics.ts';

/** Name → help. Names that end in `_total` are counters. */
const HELP: Readonly<Record<string, string>> = {
  prometheus_tsdb_blocks_loaded: 'Number of currently loaded data blocks.',
  prometheus_tsdb_checkpoint_creations_failed_total: 'Checkpoints that could not be made.',
  prometheus_tsdb_checkpoint_creations_total: 'Checkpoints of the write-ahead log.',
  prometheus_tsdb_clean_start:
    'Whether the process before has given back the lock file (1) or not (0); -1 without a lock.',
  prometheus_tsdb_compactions_failed_total: 'Compactions that failed.',
  prometheus_tsdb_compactions_total: 'Compactions of blocks and of the head.',
  prometheus_tsdb_data_replay_duration_seconds: 'Time that the replay at the start took.',
  prometheus_tsdb_exemplar_exemplars_appended_total: 'Exemplars that were appended.',
  prometheus_tsdb_exemplar_exemplars_in_storage: 'Exemplars in memory.',
  prometheus_tsdb_exemplar_max_exemplars: 'Most exemplars that are kept.',
  prometheus_tsdb_exemplar_out_of_order_exemplars_total: 'Exemplars refused for their time.',
  prometheus_tsdb_exemplar_series_with_exemplars_in_storage: 'Series that have exemplars.',
  prometheus_tsdb_head_chunks: 'Chunks of the head.',
  prometheus_tsdb_head_chunks_created_total: 'Chunks that were begun.',
  prometheus_tsdb_head_chunks_removed_total: 'Chunks that have left the head.',
  prometheus_tsdb_head_chunks_storage_size_bytes: 'Bytes of chunks_head.',
  prometheus_tsdb_head_max_time: 'Time of the newest sample, in milliseconds.',
  prometheus_tsdb_head_max_time_seconds: 'Time of the newest sample, in seconds.',
  prometheus_tsdb_head_appenders_created_total: 'Batches that were begun.',
  prometheus_tsdb_exemplar_last_exemplars_timestamp_seconds: 'Time of the newest exemplar.',
  prometheus_tsdb_head_memory_free_bytes:
    'Of these bytes, what is free for new series and chunks. Ours alone.',
  prometheus_tsdb_head_memory_bytes: 'Bytes that the head takes of its memory. Ours alone.',
  prometheus_tsdb_head_min_time: 'Time of the oldest sample, in milliseconds.',
  prometheus_tsdb_head_min_time_seconds: 'Time of the oldest sample, in seconds.',
  prometheus_tsdb_head_samples_appended_total: 'Samples that were appended.',
  prometheus_tsdb_head_native_histogram_buckets:
    'Buckets of the newest native histogram of each series.',
  prometheus_tsdb_head_native_histogram_series: 'Series whose newest sample is a native histogram.',
  prometheus_tsdb_head_series: 'Series of the head.',
  prometheus_tsdb_head_series_created_total: 'Series that were made.',
  prometheus_tsdb_head_series_not_found_total: 'Samples for series that had been removed.',
  prometheus_tsdb_head_series_removed_total: 'Series that have left the head.',
  prometheus_tsdb_head_truncations_total: 'Truncations of the head.',
  prometheus_tsdb_lowest_timestamp: 'Time of the oldest sample of all, in milliseconds.',
  prometheus_tsdb_lowest_timestamp_seconds: 'Time of the oldest sample of all, in seconds.',
  prometheus_tsdb_mmap_chunk_corruptions_total: 'Damaged files of chunks_head, found at the start.',
  prometheus_tsdb_out_of_bound_samples_total: 'Samples refused because they are too old.',
  prometheus_tsdb_out_of_order_samples_total: 'Samples refused because they are out of order.',
  prometheus_tsdb_reloads_failures_total: 'Failed reloads of the list of blocks.',
  prometheus_tsdb_reloads_total: 'Reloads of the list of blocks.',
  prometheus_tsdb_retention_limit_bytes: 'Most bytes of blocks that are kept, 0 for any number.',
  prometheus_tsdb_retention_limit_percentage: 'Most of the disk that blocks may take, 0 for all.',
  prometheus_tsdb_retention_limit_seconds: 'How long samples are kept, 0 for ever.',
  prometheus_tsdb_size_retentions_total: 'Times that blocks were removed for their size.',
  prometheus_tsdb_storage_blocks_bytes: 'Bytes of all blocks.',
  prometheus_tsdb_time_retentions_total: 'Times that blocks were removed for their age.',
  prometheus_tsdb_wal_corruptions_total: 'Damaged places of the write-ahead log.',
  prometheus_tsdb_wal_page_flushes_total: 'Writes to the write-ahead log.',
  prometheus_tsdb_wal_record_parts_bytes_written_total: 'Bytes written to the write-ahead log.',
  prometheus_tsdb_wal_segment_current: 'Segment that is being written.',
  prometheus_tsdb_wal_storage_size_bytes: 'Bytes of the write-ahead log.',
  prometheus_tsdb_wal_truncations_failed_total: 'Truncations of the write-ahead log that failed.',
  prometheus_tsdb_wal_truncations_total: 'Truncations of the write-ahead log.',
  prometheus_tsdb_wal_writes_failed_total: 'Writes to the write-ahead log that failed.',
};

/** Takes the figures of one moment; counters count on from what they were. */
export function tsdbMetrics(
  registry: MetricRegistry,
): (figures: Readonly<Record<string, number>>) => void {
  const counters = new Map<string, Counter<'type'>>();
  const gauges = new Map<string, Gauge>();
  const seen = new Map<string, number>();
  const set = (figure: string, value: number): void => {
    const { name, type } = splitFigure(figure);
    const help = must(HELP[name], `what ${name} means`);
    if (!name.endsWith('_total')) {
      const known = gauges.get(name) ?? registry.declare({ made: gauge(name, help) }).made;
      gauges.set(name, known);
      known.set(value);
      return;
    }
    const labels: readonly 'type'[] = type === undefined ? [] : ['type'];
    const known =
      counters.get(name) ?? registry.declare({ made: counter(name, help, labels) }).made;
    counters.set(name, known);
    const growth = Math.max(0, value - (seen.get(figure) ?? 0));
    if (type === undefined) known.inc(growth);
    else known.inc({ type }, growth);
    seen.set(figure, value);
  };
  return (figures) => {
    for (const [figure, value] of Object.entries(figures)) set(figure, value);
  };
}

/** `name` or `name{type="…"}`. */
function splitFigure(figure: string): { readonly name: string; readonly type: string | undefined } {
  const match = /^([a-z_]+)\{type="([a-z]+)"\}$/.exec(figure);
  return { name: match?.[1] ?? figure, type: match?.[2] };
}

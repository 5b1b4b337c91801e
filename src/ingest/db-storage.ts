/** A database as the storage of ingestion: its figures under Prometheus' names, and what readers ask of its head. */
import type { TimeRange } from '../storage/queryable.ts';
import type { Db } from '../tsdb/db.ts';
import type { HeadRequest } from '../tsdb/head/head-protocol.ts';
import { headCardinality } from '../tsdb/head/head-stats.ts';
import type { IngestStorage } from './ingest-service.ts';
import type { IngestStats } from './ingest-stats.ts';
import type { IngestSettings, RetentionSettings } from './protocol.ts';

export interface DbStorageOptions {
  readonly db: Db;
  readonly settings: IngestSettings;
  /** How long the replay at the start took. */
  readonly replayMs: number;
}

export function dbStorage({ db, settings, replayMs }: DbStorageOptions): IngestStorage {
  let { retention } = settings;
  return {
    // Whoever asks is a HeadQueryable: nobody else sends this command.
    readHead: (request) => db.head.read(request as HeadRequest),
    get blocks() {
      return db.blockNames;
    },
    exemplars: (selectors, minTime, maxTime) => db.head.exemplars(selectors, minTime, maxTime),
    stats: () => statsOf(db, retention, replayMs),
    cardinality: (limit) => headCardinality(db.head.parts, limit),
    deleteSeries: ({ matchers, minTime, maxTime }) => db.deleteSeries(matchers, minTime, maxTime),
    cleanTombstones: () => db.cleanTombstones(),
    snapshot: (options) => db.snapshot(options),
    configure(next) {
      retention = next.retention;
      db.setRetention(retention);
      db.head.resizeExemplars(next.maxExemplars);
    },
    step: (budgetMs) => db.step(budgetMs),
    close: () => db.close(),
  };
}

function statsOf(db: Db, retention: RetentionSettings, replayMs: number): IngestStats {
  const figures = db.stats();
  const { head, headCounters, wal, lists, maintenance } = figures;
  return {
    series: head.series,
    chunks: head.chunks,
    ...headTimes(head),
    blocks: db.blocks.map(({ document }) => document),
    metrics: {
      ...timeMetrics(figures),
      prometheus_tsdb_blocks_loaded: figures.blocks,
      prometheus_tsdb_storage_blocks_bytes: figures.blockBytes,
      prometheus_tsdb_data_replay_duration_seconds: replayMs / 1000,
      prometheus_tsdb_head_series: head.series,
      prometheus_tsdb_head_chunks: head.chunks,
      prometheus_tsdb_head_chunks_created_total: head.chunksCreated,
      prometheus_tsdb_head_chunks_removed_total: head.chunksRemoved,
      prometheus_tsdb_head_memory_bytes: head.memoryBytes,
      prometheus_tsdb_head_native_histogram_buckets: head.histogramBuckets,
      prometheus_tsdb_head_native_histogram_series: head.histogramSeries,
      prometheus_tsdb_head_series_created_total: headCounters.seriesCreated,
      prometheus_tsdb_head_series_removed_total: headCounters.seriesRemoved,
      prometheus_tsdb_head_series_not_found_total: headCounters.seriesNotFound,
      'prometheus_tsdb_head_samples_appended_total{type="float"}': headCounters.floatsAppended,
      'prometheus_tsdb_head_samples_appended_total{type="histogram"}':
        headCounters.histogramsAppended,
      prometheus_tsdb_head_appenders_created_total: headCounters.appendersCreated,
      prometheus_tsdb_head_memory_free_bytes: head.freeBytes,
      prometheus_tsdb_exemplar_last_exemplars_timestamp_seconds: head.exemplarLastTime / 1000,
      prometheus_tsdb_head_truncations_total: headCounters.truncations,
      prometheus_tsdb_out_of_order_samples_total: headCounters.outOfOrder,
      prometheus_tsdb_out_of_bound_samples_total: headCounters.outOfBounds,
      prometheus_tsdb_exemplar_exemplars_appended_total: headCounters.exemplarsAppended,
      prometheus_tsdb_exemplar_out_of_order_exemplars_total: headCounters.exemplarsOutOfOrder,
      prometheus_tsdb_exemplar_exemplars_in_storage: head.exemplars,
      prometheus_tsdb_exemplar_series_with_exemplars_in_storage: head.exemplarSeries,
      prometheus_tsdb_exemplar_max_exemplars: head.exemplarCapacity,
      prometheus_tsdb_wal_segment_current: figures.walSegment,
      prometheus_tsdb_wal_storage_size_bytes: figures.walBytes,
      prometheus_tsdb_head_chunks_storage_size_bytes: figures.headChunksBytes,
      prometheus_tsdb_wal_corruptions_total: wal.corruptions,
      prometheus_tsdb_wal_page_flushes_total: wal.writes,
      prometheus_tsdb_wal_record_parts_bytes_written_total: wal.writtenBytes,
      prometheus_tsdb_mmap_chunk_corruptions_total: figures.chunkCorruptions,
      prometheus_tsdb_clean_start: cleanStart(figures.wasCleanStart),
      prometheus_tsdb_wal_writes_failed_total: wal.writesFailed,
      prometheus_tsdb_wal_truncations_total: wal.truncations,
      prometheus_tsdb_wal_truncations_failed_total: wal.truncationsFailed,
      prometheus_tsdb_checkpoint_creations_total: wal.checkpoints,
      prometheus_tsdb_checkpoint_creations_failed_total: wal.checkpointsFailed,
      prometheus_tsdb_compactions_total: maintenance.compactions,
      prometheus_tsdb_compactions_failed_total: maintenance.compactionsFailed,
      prometheus_tsdb_reloads_total: lists.reloads,
      prometheus_tsdb_reloads_failures_total: lists.reloadsFailed,
      prometheus_tsdb_time_retentions_total: lists.timeRetentions,
      prometheus_tsdb_size_retentions_total: lists.sizeRetentions,
      prometheus_tsdb_retention_limit_bytes: retention.sizeBytes,
      prometheus_tsdb_retention_limit_percentage: retention.percentage,
      prometheus_tsdb_retention_limit_seconds: retention.timeMs / 1000,
    },
  };
}

/** As Prometheus tells it: −1 without a lock file, 0 when the process before did not give it back. */
function cleanStart(wasClean: boolean | undefined): number {
  return wasClean === undefined ? -1 : Number(wasClean);
}

const INT64_MAX = 2 ** 63;
const INT64_MIN = -(2 ** 63);

/** As Prometheus shows them, also of an empty head. */
function headTimes({ minTime, maxTime }: TimeRange): TimeRange {
  if (maxTime < minTime) return { minTime: INT64_MAX, maxTime: INT64_MIN };
  return { minTime, maxTime };
}

function timeMetrics({ head, minTime }: ReturnType<Db['stats']>): Record<string, number> {
  const times = headTimes(head);
  const lowest = Number.isFinite(minTime) ? minTime : INT64_MAX;
  return {
    prometheus_tsdb_head_min_time: times.minTime,
    prometheus_tsdb_head_max_time: times.maxTime,
    prometheus_tsdb_head_min_time_seconds: times.minTime / 1000,
    prometheus_tsdb_head_max_time_seconds: times.maxTime / 1000,
    prometheus_tsdb_lowest_timestamp: lowest,
    prometheus_tsdb_lowest_timestamp_seconds: lowest / 1000,
  };
}

/** What a database is told; flags of Prometheus give the values. */
import type { Retention } from './retention.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** No block is longer when nothing else is said. */
const BLOCK_MS_MAX = 31 * DAY_MS;
/** A block is at most this share of the retention: what is too old goes in pieces. */
const RETENTION_SHARE = 0.1;

export interface DbOptions {
  readonly retention: Retention;
  /** Range of the blocks that the head becomes (`--storage.tsdb.min-block-duration`). */
  readonly minBlockMs: number;
  /** Blocks are not joined to longer ones (`--storage.tsdb.max-block-duration`). */
  readonly maxBlockMs: number;
  /** Whether a lock file keeps other processes out. */
  readonly lockFile: boolean;
  /** Bytes of a segment of the write-ahead log. */
  readonly walSegmentBytes: number;
  readonly walCompression: 'none' | 'snappy' | 'zstd';
  /** Exemplars kept in memory; 0 keeps none. */
  readonly maxExemplars: number;
}

export const DEFAULT_DB_OPTIONS: DbOptions = {
  retention: { timeMs: 15 * DAY_MS, sizeBytes: 0, percentage: 0 },
  minBlockMs: 2 * HOUR_MS,
  maxBlockMs: longestBlockMs(15 * DAY_MS),
  lockFile: true,
  walSegmentBytes: 128 << 20,
  walCompression: 'snappy',
  maxExemplars: 0,
};

/** The longest block where no flag tells it. */
export function longestBlockMs(retentionMs: number): number {
  if (retentionMs === 0) return BLOCK_MS_MAX;
  return Math.min(BLOCK_MS_MAX, Math.floor(retentionMs * RETENTION_SHARE));
}

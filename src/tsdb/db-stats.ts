/** Figures of a database, for its metrics and its status page. */
import type { BlockList, BlockListCounters } from './block-list.ts';
import type { HeadCounters } from './head/head-parts.ts';
import { type HeadStats, headStats } from './head/head-stats.ts';
import type { HeadStore } from './head-store.ts';
import type { Maintenance, MaintenanceCounters } from './maintenance.ts';
import type { WalCounters } from './wal/wal.ts';

export interface DbStats {
  readonly head: HeadStats;
  readonly headCounters: Readonly<HeadCounters>;
  readonly walBytes: number;
  /** Of the head's full chunks. */
  readonly headChunksBytes: number;
  readonly wal: Readonly<WalCounters>;
  readonly walSegment: number;
  readonly chunkCorruptions: number;
  /** Whether the process before has given back the lock; undefined where there is none. */
  readonly wasCleanStart: boolean | undefined;
  readonly blocks: number;
  readonly blockBytes: number;
  /** Of blocks and head; Infinity when there are no samples. */
  readonly minTime: number;
  readonly lists: Readonly<BlockListCounters>;
  readonly maintenance: Readonly<MaintenanceCounters>;
}

export interface DbOrgans {
  readonly store: HeadStore;
  readonly blocks: BlockList;
  readonly maintenance: Maintenance;
  readonly wasCleanStart: boolean | undefined;
}

export function dbStats({ store, blocks, maintenance, wasCleanStart }: DbOrgans): DbStats {
  const head = headStats(store.head.parts);
  const { metas } = blocks;
  return {
    head,
    headCounters: store.head.counters,
    walBytes: store.walBytes,
    headChunksBytes: store.chunksBytes,
    wal: store.wal.counters,
    walSegment: store.wal.segment,
    chunkCorruptions: store.chunkCorruptions,
    wasCleanStart,
    blocks: metas.length,
    blockBytes: blocks.sizeBytes,
    minTime: Math.min(head.minTime, ...metas.map(({ minTime }) => minTime)),
    lists: blocks.counters,
    maintenance: maintenance.counters,
  };
}

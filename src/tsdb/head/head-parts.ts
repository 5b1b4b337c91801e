/** What a head consists of, for the files that work on it. */
import type { Metadata } from '../../model/metadata.ts';
import type { Interval } from '../block/tombstones.ts';
import type { WalRecords } from '../wal/wal-records.ts';
import type { ExemplarRing } from './exemplar-ring.ts';
import type { HeadBatch } from './head-batch.ts';
import type { HeadHistograms } from './head-histograms.ts';
import type { HeadMemory } from './head-memory.ts';

/** Where a head writes what must survive it, before it takes it. */
export interface HeadLog {
  /** One write; throws OperationError when nothing was kept. */
  log(records: WalRecords): void;
}

export interface HeadParts {
  readonly memory: HeadMemory;
  readonly batch: HeadBatch;
  readonly histograms: HeadHistograms;
  readonly exemplars: ExemplarRing;
  readonly log: HeadLog;
  /** By handle; what was said last. */
  readonly metadata: Map<number, Metadata>;
  /** By handle: what was deleted of a series. */
  readonly deleted: Map<number, readonly Interval[]>;
  readonly counters: HeadCounters;
  readonly chunkRangeMs: number;
  /** No sample before it is taken. */
  minValidTime: number;
}

/** Since the head began. */
export interface HeadCounters {
  appendersCreated: number;
  seriesCreated: number;
  seriesRemoved: number;
  /** Rows for series that are gone. */
  seriesNotFound: number;
  floatsAppended: number;
  histogramsAppended: number;
  outOfOrder: number;
  outOfBounds: number;
  exemplarsAppended: number;
  exemplarsOutOfOrder: number;
  truncations: number;
}

export function newCounters(): HeadCounters {
  return {
    appendersCreated: 0,
    seriesCreated: 0,
    seriesRemoved: 0,
    seriesNotFound: 0,
    floatsAppended: 0,
    histogramsAppended: 0,
    outOfOrder: 0,
    outOfBounds: 0,
    exemplarsAppended: 0,
    exemplarsOutOfOrder: 0,
    truncations: 0,
  };
}

/** Times that the kernel can take as whole numbers. */
export const TIME_MAX: number = 2 ** 62;

export function clampTime(time: number): number {
  return Math.max(-TIME_MAX, Math.min(TIME_MAX, Math.round(time)));
}

/** Of the samples in the head: Infinity and −Infinity when there are none. */
export function headTimes({ memory }: HeadParts): { minTime: number; maxTime: number } {
  const { kernel, head } = memory;
  const minTime = kernel.exports.headMinTime(head);
  const maxTime = kernel.exports.headMaxTime(head);
  return minTime > maxTime ? { minTime: Infinity, maxTime: -Infinity } : { minTime, maxTime };
}

/** Slot of a series by its handle; −1 when it is gone. */
export function slotOf({ memory }: HeadParts, handle: number): number {
  return memory.kernel.exports.headSlot(memory.head, handle) - 1;
}

/** Which blocks are too old or too many. Source: the rules of Prometheus' tsdb (BeyondTimeRetention, BeyondSizeRetention). */
import type { StoredBlock } from './data-directory.ts';

export interface Retention {
  /** Blocks that end so long before the newest one's end go; 0 is without bound. */
  readonly timeMs: number;
  /** Most bytes of all blocks, the write-ahead log and the head's chunks; 0 is without bound. */
  readonly sizeBytes: number;
  /** The same in hundredths of the disk; goes before `sizeBytes` unless it is 0. */
  readonly percentage: number;
}

/** Of a disk of the given size. */
export function retentionOn(diskBytes: number, retention: Retention): Retention {
  if (retention.percentage === 0) return retention;
  return { ...retention, sizeBytes: Math.floor((diskBytes * retention.percentage) / 100) };
}

/** ULIDs of the oldest blocks. `headBytes`: what the head has on the disk. */
export function beyondRetention(
  blocks: readonly StoredBlock[],
  { timeMs, sizeBytes }: Retention,
  headBytes: number,
): readonly string[] {
  const newestFirst = blocks.toSorted((a, b) => b.meta.maxTime - a.meta.maxTime);
  const newestEnd = newestFirst[0]?.meta.maxTime ?? 0;
  let used = headBytes;
  const first = newestFirst.findIndex(({ meta, sizeBytes: own }, i) => {
    used += own;
    const isTooOld = timeMs > 0 && i > 0 && newestEnd - meta.maxTime >= timeMs;
    return isTooOld || (sizeBytes > 0 && used > sizeBytes);
  });
  return first < 0 ? [] : newestFirst.slice(first).map(({ meta }) => meta.ulid);
}

/** Marks samples of a block as deleted. They go with the next compaction; readers leave them out at once. */
import type { FileSystem } from '../base/file-system.ts';
import type { CompiledMatcher } from '../model/matcher.ts';
import { overlaps } from './block/block.ts';
import { readBlockMeta, writeBlockMeta } from './block/meta.ts';
import { postingsForMatchers } from './block/postings-for-matchers.ts';
import {
  countIntervals,
  encodeTombstones,
  type Interval,
  mergeIntervals,
  readTombstones,
} from './block/tombstones.ts';
import { ChunkList } from './index/chunk-list.ts';
import { openIndex } from './index/index-reader.ts';
import type { Steps } from './index/index-writer.ts';
import { PageCache } from './page-cache.ts';

const PAGES_BYTES = 4 << 20;
/** Series looked at between two pauses. */
const PAUSE_SERIES = 256;

export interface DeleteRequest {
  readonly matchers: readonly CompiledMatcher[];
  /** Both inclusive. */
  readonly minTime: number;
  readonly maxTime: number;
}

/** Gives whether there was anything to delete. */
export function* deleteFromBlock(
  files: FileSystem,
  directory: string,
  { matchers, minTime, maxTime }: DeleteRequest,
): Steps<boolean> {
  const meta = readBlockMeta(files, directory);
  if (!overlaps({ meta }, minTime, maxTime)) return false;
  using index = openIndex(files, `${directory}/index`, new PageCache(PAGES_BYTES));
  const wanted = { chunks: new ChunkList(), minTime, maxTime };
  const tombstones = new Map(readTombstones(files, directory));
  let isChanged = false;
  let seen = 0;
  for (const reference of postingsForMatchers(index, matchers)) {
    if (++seen % PAUSE_SERIES === 0) yield;
    index.seriesSymbols(reference, wanted, () => undefined);
    const { count, minTimes, maxTimes } = wanted.chunks;
    if (count === 0) continue;
    const added: Interval = {
      minTime: Math.max(minTime, minTimes[0] as number),
      maxTime: Math.min(maxTime, maxTimes[count - 1] as number),
    };
    const before = tombstones.get(reference) ?? [];
    tombstones.set(reference, mergeIntervals([...before, added]));
    isChanged = true;
  }
  if (!isChanged) return false;
  files.writeFileAtomic(`${directory}/tombstones`, encodeTombstones(tombstones));
  const stats = { ...meta.stats, numTombstones: countIntervals(tombstones) };
  writeBlockMeta(files, directory, { ...meta, stats });
  return true;
}

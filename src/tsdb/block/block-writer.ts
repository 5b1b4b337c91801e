/**
 * Writes a block: into a directory `<ULID>.tmp-for-creation`, which gets its name when all of it is on the disk. What
 * a crash leaves has that ending, and is removed at the next start.
 */
import type { FileSystem } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import { CHUNK_ROW_BYTES } from '../../chunk/columns.ts';
import { isHistogramEncoding, sampleCount } from '../../chunk/encoding.ts';
import { IndexWriter, type Steps, type SymbolText } from '../index/index-writer.ts';
import { type BlockMeta, type BlockStats, NO_STATS, writeBlockMeta } from './meta.ts';
import { type ChunkBytes, SegmentWriter } from './segment-writer.ts';
import { ENCODING_MASK, SeriesBuffer } from './series-buffer.ts';
import { encodeTombstones } from './tombstones.ts';

export const CREATION_ENDING = '.tmp-for-creation';

/** Where the series of a new block come from: a cursor in label order. */
export interface BlockSource {
  /** All label names and values that its series may have, ascending, each once. Asked for twice, before any series. */
  symbols(): Iterable<SymbolText>;
  /** One of them by its number, where that is quicker than to read it back from the index. */
  symbol?(number: number): SymbolText;
  /**
   * Puts labels and chunks of the next series into the buffer; false at the end. Labels are numbers of symbols, from 0;
   * chunks ascend and do not overlap. A series without any is left out.
   */
  next(series: SeriesBuffer): boolean;
}

export interface SourceChunk extends ChunkBytes {
  readonly minTime: number;
  /** Inclusive. */
  readonly maxTime: number;
}

export interface BlockRequest {
  readonly files: FileSystem;
  /** Of all blocks. */
  readonly directory: string;
  readonly source: BlockSource;
  /** All but the statistics. */
  readonly meta: BlockMeta;
  /** Its arena is the writer's until the end: what others take from it meanwhile, they give back at once. */
  readonly kernel: Kernel;
}

/** Gives undefined, and leaves nothing, where there is no sample. Whoever stops driving it must call `return`. */
export function* writeBlock(request: BlockRequest): Steps<BlockMeta | undefined> {
  const { files, directory, meta, kernel } = request;
  const final = `${directory}/${meta.ulid}`;
  const draft = `${final}${CREATION_ENDING}`;
  files.remove(draft);
  files.makeDirectory(draft);
  const mark = kernel.arena.mark();
  try {
    const stats = yield* writeSeries(request, draft);
    if (stats.numSamples === 0) return undefined;
    const written = { ...meta, stats };
    files.writeFileAtomic(`${draft}/tombstones`, encodeTombstones(new Map()));
    writeBlockMeta(files, draft, written);
    files.syncDirectory(draft);
    files.rename(draft, final);
    files.syncDirectory(directory);
    return written;
  } finally {
    kernel.arena.release(mark);
    files.remove(draft);
  }
}

function* writeSeries({ files, source, kernel }: BlockRequest, draft: string): Steps<BlockStats> {
  using segments = new SegmentWriter({ files, directory: `${draft}/chunks`, kernel });
  using index = new IndexWriter(files, `${draft}/index`, kernel);
  const stats = { ...NO_STATS };
  yield* index.symbols(() => source.symbols());
  const series = new SeriesBuffer(kernel);
  for (;;) {
    series.begin();
    if (!source.next(series)) break;
    if (series.chunkCount > 0) {
      segments.write(series);
      index.series(series);
      count(series, stats);
    }
    yield;
  }
  segments.finish();
  yield;
  yield* index.finish(source.symbol?.bind(source));
  return stats;
}

function count({ kernel, rows, chunkCount }: SeriesBuffer, stats: Mutable<BlockStats>): void {
  const { u8, u32 } = kernel;
  for (let i = 0; i < chunkCount; i++) {
    const row = (rows + CHUNK_ROW_BYTES * i) >>> 2;
    const data = u32[row] as number;
    const encoding = (u32[row + 2] as number) & ENCODING_MASK;
    const samples = sampleCount(encoding, u8[data] as number, u8[data + 1] as number);
    stats.numSamples += samples;
    if (isHistogramEncoding(encoding)) stats.numHistogramSamples += samples;
    else stats.numFloatSamples += samples;
  }
  stats.numSeries++;
  stats.numChunks += chunkCount;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

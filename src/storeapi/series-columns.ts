/** Chunks of one series as they came from stores → sample columns in kernel memory, replicas folded into one. */
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { allocChunkTable, type ChunkAccount, decodeChunks, setChunkRow } from '../chunk/columns.ts';
import type { Labels } from '../model/labels.ts';
import { printLabels } from '../model/labels-text.ts';
import type { SampleColumns } from '../model/sample.ts';
import { clip } from '../storage/clip.ts';
import type { DeduplicateOptions } from '../storage/deduplicate.ts';
import { deduplicate } from '../storage/deduplicate.ts';
import type { AggregateChoice, DecodeOne } from './aggregate-columns.ts';
import { decodeAggregate, decodeCounters, isRaw } from './aggregate-columns.ts';
import type { SourcedChunk } from './chunk-order.ts';
import { overlap, splitOverlaps } from './chunk-order.ts';

export interface ReadOptions {
  readonly labels: Labels;
  /** What is taken of downsampled chunks. */
  readonly aggregate: AggregateChoice;
  /** Inclusive milliseconds. Replicas are folded within them only, which decides where folding begins. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Undefined: overlapping chunks are not taken for replicas; where one has begun, the next is cut. */
  readonly deduplicate: DeduplicateOptions | undefined;
  /** Told of chunks that cannot be decoded and are left out; undefined: they fail the read. */
  readonly onCorrupt: ((text: string) => void) | undefined;
  /** Adds what is decoded. */
  readonly account?: ChunkAccount | undefined;
}

/** The chunks are in order, without doubles. Throws OperationError 'corrupt' or 'limit'. */
export function readChunks(
  kernel: Kernel,
  chunks: readonly SourcedChunk[],
  options: ReadOptions,
): SampleColumns {
  if (!overlap(chunks)) return decodeReplica(kernel, chunks, options);
  if (options.deduplicate !== undefined) {
    const replicas = splitOverlaps(chunks);
    const { deduplicate: merging } = options;
    const columns = replicas.map((replica) => {
      const decoded = decodeReplica(kernel, replica, options);
      if (merging.correctsResets) kernel.exports.correctResets(decoded.values, decoded.count);
      return clip(kernel, decoded, options);
    });
    return deduplicate(kernel, columns, merging);
  }
  return concatenate(
    kernel,
    chunks.map((chunk) => decodeReplica(kernel, [chunk], options)),
  );
}

/** Chunks that, by their own account, do not overlap. */
function decodeReplica(
  kernel: Kernel,
  chunks: readonly SourcedChunk[],
  options: ReadOptions,
): SampleColumns {
  try {
    if (isRaw(chunks)) return decodeTogether(kernel, chunks, options);
    return decodeDownsampled(kernel, chunks, options);
  } catch (error) {
    if (!isCorrupt(error) || options.onCorrupt === undefined) throw error;
    return decodeWhatIsSound(kernel, chunks, options);
  }
}

/** Chunks of which some hold aggregates instead of samples. */
function decodeDownsampled(
  kernel: Kernel,
  chunks: readonly SourcedChunk[],
  options: ReadOptions,
): SampleColumns {
  const { aggregate } = options;
  const decode: DecodeOne = (chunk, store) =>
    decodeTogether(kernel, [{ chunk, store, more: [] }], options);
  if (aggregate === 'counter') return decodeCounters(kernel, chunks, decode);
  return concatenate(
    kernel,
    chunks.map((chunk) => decodeAggregate(kernel, chunk, aggregate, decode)),
  );
}

/** Chunk by chunk, without those that are broken; samples that do not follow the ones before are cut. */
function decodeWhatIsSound(
  kernel: Kernel,
  chunks: readonly SourcedChunk[],
  options: ReadOptions,
): SampleColumns {
  const { labels, onCorrupt } = options;
  const sound: SampleColumns[] = [];
  for (const chunk of chunks) {
    try {
      sound.push(decodeReplica(kernel, [chunk], { ...options, onCorrupt: undefined }));
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      onCorrupt?.(`receive series from ${chunk.store}: ${error.message}`);
    }
  }
  if (sound.length === chunks.length) {
    const stores = [...new Set(chunks.map(({ store }) => store))].join(' and ');
    const what = `chunks of ${printLabels(labels)} overlap although they say that they do not`;
    onCorrupt?.(`receive series from ${stores}: ${what}`);
  }
  return concatenate(kernel, sound);
}

function isCorrupt(error: unknown): error is OperationError {
  return error instanceof OperationError && error.kind === 'corrupt';
}

function decodeTogether(
  kernel: Kernel,
  chunks: readonly SourcedChunk[],
  { labels, account }: ReadOptions,
): SampleColumns {
  const count = chunks.length;
  const table = allocChunkTable(kernel, count);
  let address = kernel.arena.alloc(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
  const { u8 } = kernel;
  for (let row = 0; row < count; row++) {
    const { bytes, offset, length, encoding } = (chunks[row] as SourcedChunk).chunk;
    u8.set(bytes.subarray(offset, offset + length), address);
    setChunkRow(kernel, table, row, { address, length, encoding });
    address += length;
  }
  const describe = (row: number): string => {
    const { chunk, store } = chunks[row] as SourcedChunk;
    const range = `${chunk.minTime} to ${chunk.maxTime}`;
    return `the chunk from ${range} of series ${printLabels(labels)} from ${store}`;
  };
  return decodeChunks(kernel, { table, count, describe, account });
}

/** One after the other; of each only the samples after the last one before it. */
function concatenate(kernel: Kernel, parts: readonly SampleColumns[]): SampleColumns {
  const capacity = parts.reduce((sum, { count }) => sum + count, 0);
  const times = kernel.arena.alloc(8 * capacity);
  const values = kernel.arena.alloc(8 * capacity);
  const { f64, u32 } = kernel;
  const histograms: SampleColumns['histograms'][number][] = [];
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const part of parts) {
    const from = last;
    for (let i = 0; i < part.count; i++) {
      const time = f64[(part.times >>> 3) + i] as number;
      if (time <= from) continue;
      f64[(times >>> 3) + count] = time;
      const source = (part.values >>> 2) + 2 * i;
      u32.copyWithin((values >>> 2) + 2 * count, source, source + 2);
      count++;
      last = time;
    }
    for (const sample of part.histograms) {
      if (sample.time <= from) continue;
      histograms.push(sample);
      last = Math.max(last, sample.time);
    }
  }
  return { times, values, count, startTimes: 0, histograms };
}

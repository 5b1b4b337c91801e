/**
 * Chunks that cannot go into a new block as they are: parts of them are deleted or lie outside of it, or they overlap
 * others. They are decoded and encoded again, as XOR and histogram chunks: start timestamps, which only chunks of
 * encodings 4 to 6 carry, are not kept.
 */
import { must } from '../../base/assert.ts';
import type { Kernel } from '../../base/kernel.ts';
import { allocChunkTable, decodeChunks, setChunkRow } from '../../chunk/columns.ts';
import { FLOAT_HISTOGRAM, HISTOGRAM, HISTOGRAM_ST, XOR } from '../../chunk/encoding.ts';
import { HistogramChunkWriter } from '../../chunk/histogram-encode.ts';
import { encodeXorChunk } from '../../chunk/xor-encode.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import { continuesChunk } from '../../storage/histogram-chunking.ts';
import type { SourceChunk } from '../block/block-writer.ts';
import { type Interval, isDeleted } from '../block/tombstones.ts';

/** As many samples as Prometheus puts into a chunk that it makes of others. */
const SAMPLES_MAX = 120;

interface StoredSample {
  readonly time: number;
  /** Encoding of the chunk that it goes into. */
  readonly encoding: number;
  /** Halves of a float's bits. */
  readonly low: number;
  readonly high: number;
  readonly histogram: FloatHistogram | undefined;
}

/** What is kept of a series: times from and to, both inclusive, less the deleted stretches. */
export interface Kept {
  readonly minTime: number;
  readonly maxTime: number;
  readonly deleted: readonly Interval[];
}

/** The chunks without what is not kept. Those of which all is kept stay as they are. */
export function trimChunks(
  kernel: Kernel,
  chunks: readonly SourceChunk[],
  { minTime, maxTime, deleted }: Kept,
): readonly SourceChunk[] {
  const isWhole = (chunk: SourceChunk): boolean =>
    chunk.minTime >= minTime &&
    chunk.maxTime <= maxTime &&
    !deleted.some((gap) => gap.minTime <= chunk.maxTime && gap.maxTime >= chunk.minTime);
  if (chunks.every(isWhole)) return chunks;
  const isKept = ({ time }: StoredSample): boolean =>
    time >= minTime && time <= maxTime && !isDeleted(deleted, time, time);
  return chunks.flatMap((chunk) =>
    isWhole(chunk) ? [chunk] : encodeSamples(decodeChunk(kernel, chunk).filter(isKept)),
  );
}

/** One series of chunks of several, in order of preference: of equal times the first one's sample stays. */
export function joinChunks(kernel: Kernel, chunks: readonly SourceChunk[]): readonly SourceChunk[] {
  const byTime = new Map<number, StoredSample>();
  for (const chunk of chunks) {
    for (const sample of decodeChunk(kernel, chunk)) {
      if (!byTime.has(sample.time)) byTime.set(sample.time, sample);
    }
  }
  return encodeSamples([...byTime.values()].sort((a, b) => a.time - b.time));
}

function decodeChunk(kernel: Kernel, { encoding, data }: SourceChunk): StoredSample[] {
  const mark = kernel.arena.mark();
  const table = allocChunkTable(kernel, 1);
  const address = kernel.arena.alloc(data.length);
  kernel.u8.set(data, address);
  setChunkRow(kernel, table, 0, { address, length: data.length, encoding });
  const describe = (): string => `a chunk of encoding ${encoding} and ${data.length} bytes`;
  const { times, values, count, histograms } = decodeChunks(kernel, { table, count: 1, describe });
  const samples: StoredSample[] = [];
  for (let i = 0; i < count; i++) {
    const time = kernel.f64[(times >>> 3) + i] as number;
    const low = kernel.u32[(values >>> 2) + 2 * i] as number;
    const high = kernel.u32[(values >>> 2) + 2 * i + 1] as number;
    samples.push({ time, encoding: XOR, low, high, histogram: undefined });
  }
  const isInteger = encoding === HISTOGRAM || encoding === HISTOGRAM_ST;
  const kept = isInteger ? HISTOGRAM : FLOAT_HISTOGRAM;
  for (const { time, histogram } of histograms) {
    samples.push({ time, encoding: kept, low: 0, high: 0, histogram });
  }
  kernel.arena.release(mark);
  return samples;
}

function encodeSamples(samples: readonly StoredSample[]): SourceChunk[] {
  const chunks: SourceChunk[] = [];
  for (let start = 0; start < samples.length; ) {
    const encoding = samples[start]?.encoding;
    let end = start + 1;
    while (end < samples.length && end - start < SAMPLES_MAX) {
      if (samples[end]?.encoding !== encoding) break;
      end++;
    }
    const run = samples.slice(start, end);
    chunks.push(...(encoding === XOR ? [encodeFloats(run)] : encodeHistograms(run)));
    start = end;
  }
  return chunks;
}

function encodeFloats(run: readonly StoredSample[]): SourceChunk {
  const times = Float64Array.from(run, ({ time }) => time);
  const words = Uint32Array.from(run.flatMap(({ low, high }) => [low, high]));
  const data = encodeXorChunk({ times, words, start: 0, end: run.length });
  return { minTime: times[0] as number, maxTime: times.at(-1) as number, encoding: XOR, data };
}

function encodeHistograms(run: readonly StoredSample[]): SourceChunk[] {
  const chunks: SourceChunk[] = [];
  let last: FloatHistogram | undefined;
  let open: { readonly writer: HistogramChunkWriter; readonly minTime: number } | undefined;
  let maxTime = 0;
  const finish = (): void => {
    if (open === undefined) return;
    const { writer, minTime } = open;
    chunks.push({ minTime, maxTime, encoding: writer.encoding, data: writer.bytes() });
  };
  for (const { time, encoding, histogram: stored } of run) {
    const histogram = must(stored, 'a histogram');
    if (open === undefined || last === undefined || !continuesChunk(last, histogram)) {
      finish();
      const header = histogram.counterResetHint === 'gauge' ? 'gauge' : 'unknown';
      const writer = new HistogramChunkWriter(histogram, encoding === HISTOGRAM, header);
      open = { writer, minTime: time };
    }
    open.writer.append(time, histogram);
    last = histogram;
    maxTime = time;
  }
  finish();
  return chunks;
}

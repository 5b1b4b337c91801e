/**
 * The open chunks of native histograms of a head, on the heap beside its memory: one for each series whose newest sample
 * is a histogram. Chunks are cut where Prometheus cuts them: by size, at multiples of the chunk range, and where a
 * histogram cannot follow the one before in one chunk.
 *
 * Memory: what they hold in all is bounded by `budgetBytes`; beyond it histograms of further series are refused.
 */
import { assert } from '../../base/assert.ts';
import { OperationError } from '../../base/errors.ts';
import { HistogramChunkWriter } from '../../chunk/histogram-encode.ts';
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from '../../model/histogram.ts';
import { continuesChunk } from '../../storage/histogram-chunking.ts';
import { type HeadMemory, SCRATCH_BYTES } from './head-memory.ts';

export interface OpenHistogramChunk {
  readonly minTime: number;
  readonly maxTime: number;
  readonly encoding: number;
  /** A copy of what it is so far. */
  data(): Uint8Array;
}

/** Whether there may be samples in it from `minTime` to `maxTime`, both inclusive. */
export function overlaps(chunk: OpenHistogramChunk, minTime: number, maxTime: number): boolean {
  return chunk.minTime <= maxTime && chunk.maxTime >= minTime;
}

const TARGET_BYTES = 1024;
const SAMPLES_MIN = 10;
/** Buckets that one histogram may have; a chunk twice as many, so that ten samples of it fit the scratch space. */
const BUCKETS_MAX = 4096;
/** Of an open chunk: writer, last histogram, objects; and for each bucket. */
const CHUNK_COST = 4096;
const BUCKET_COST = 64;

interface Open {
  readonly writer: HistogramChunkWriter;
  readonly minTime: number;
  cost: number;
  maxTime: number;
  /** When the next chunk begins. */
  nextTime: number;
  isForeseen: boolean;
  last: FloatHistogram;
}

interface Beginning {
  readonly isInteger: boolean;
  readonly isForeseen?: boolean;
  /** The histogram before, if it is of the same kind. */
  readonly previous?: FloatHistogram | undefined;
}

export class HeadHistograms {
  readonly #memory: HeadMemory;
  readonly #chunkRangeMs: number;
  readonly #budgetBytes: number;
  readonly #open = new Map<number, Open>();
  #usedBytes = 0;
  #begun = 0;

  constructor(memory: HeadMemory, chunkRangeMs: number, budgetBytes: number) {
    this.#memory = memory;
    this.#chunkRangeMs = chunkRangeMs;
    this.#budgetBytes = budgetBytes;
  }

  /** Open chunks: of so many series the newest sample is a histogram. */
  get openChunks(): number {
    return this.#open.size;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Chunks that were ever begun here. */
  get chunksBegun(): number {
    return this.#begun;
  }

  /** Whole counts or not, when the series' newest sample is a histogram. */
  kindOf(slot: number): { readonly isInteger: boolean } | undefined {
    return this.#open.get(slot)?.writer;
  }

  /** Whether the newest sample of a series is this one. */
  isSame(slot: number, time: number, histogram: FloatHistogram, isInteger: boolean): boolean {
    const open = this.#open.get(slot);
    if (open?.maxTime !== time || open.writer.isInteger !== isInteger) return false;
    return equalHistograms(open.last, histogram);
  }

  /** Throws OperationError 'limit' when so many histograms with so many buckets would exceed the budget. */
  reserve(series: number, buckets: number): void {
    const needed = this.#usedBytes + series * CHUNK_COST + buckets * BUCKET_COST;
    if (needed <= this.#budgetBytes) return;
    const state = `${this.#open.size} series in ${this.#usedBytes} bytes`;
    const message = `cannot append ${series} histograms to ${state}: ${this.#budgetBytes} allowed`;
    throw new OperationError('limit', message);
  }

  /** Appends what has been checked; the open float chunk, if there is one, is written first. */
  append(slot: number, time: number, histogram: FloatHistogram, isInteger: boolean): void {
    const { kernel, head } = this.#memory;
    let open = this.#open.get(slot);
    if (open === undefined) {
      while (kernel.exports.headFinish(head, slot) === 0) {
        this.#memory.helpOrFail('append a histogram');
      }
      open = this.#begin(slot, time, histogram, { isInteger });
    } else {
      const isFull = this.#isFull(open, time);
      const isSameKind = open.writer.isInteger === isInteger;
      if (isFull || !isSameKind || !this.#takes(open, histogram)) {
        this.finish(slot);
        // Prometheus does not foresee the end of a chunk that another one broke off for.
        const isForeseen = open.isForeseen && !isFull && isSameKind;
        const previous = isSameKind ? open.last : undefined;
        open = this.#begin(slot, time, histogram, { isInteger, isForeseen, previous });
      }
    }
    open.writer.append(time, histogram);
    open.maxTime = time;
    open.last = histogram;
    const cost = CHUNK_COST + BUCKET_COST * open.writer.buckets;
    this.#usedBytes += cost - open.cost;
    open.cost = cost;
    kernel.exports.headNoteHistogram(head, slot, time);
  }

  /** Writes the open chunk: another kind of samples follows. */
  finish(slot: number): void {
    const open = this.#open.get(slot);
    if (open === undefined) return;
    const { kernel, head, scratch } = this.#memory;
    const { minTime, maxTime } = open;
    const { encoding } = open.writer;
    const data = open.writer.bytes();
    assert(data.length <= SCRATCH_BYTES, `a chunk of histograms of ${data.length} bytes`);
    kernel.u8.set(data, scratch);
    const put = (): number =>
      kernel.exports.headPutChunk(head, slot, scratch, data.length, encoding, minTime, maxTime);
    while (put() === 0) this.#memory.helpOrFail('add a chunk');
    this.forget(slot);
    kernel.exports.headNoteFloat(head, slot);
  }

  /** The series has ended. */
  forget(slot: number): void {
    const open = this.#open.get(slot);
    if (open === undefined) return;
    this.#usedBytes -= open.cost;
    this.#open.delete(slot);
  }

  /** For readers. */
  chunk(slot: number): OpenHistogramChunk | undefined {
    const open = this.#open.get(slot);
    return open === undefined ? undefined : chunkOf(open);
  }

  /** Of the first sample in an open chunk; Infinity when there is none. */
  get minTime(): number {
    let least = Infinity;
    for (const { minTime } of this.#open.values()) least = Math.min(least, minTime);
    return least;
  }

  /** Buckets of the newest histograms. */
  get buckets(): number {
    let sum = 0;
    for (const { last } of this.#open.values()) sum += bucketsOf(last);
    return sum;
  }

  #begin(
    slot: number,
    time: number,
    histogram: FloatHistogram,
    { isInteger, isForeseen = false, previous }: Beginning,
  ): Open {
    const header = resetHeader(previous, histogram);
    const open: Open = {
      writer: new HistogramChunkWriter(histogram, isInteger, header),
      minTime: time,
      cost: 0,
      maxTime: time,
      nextTime: this.#endOfRange(time),
      isForeseen,
      last: histogram,
    };
    this.#begun++;
    this.#open.set(slot, open);
    return open;
  }

  /** Whether the next sample begins a chunk whatever it is. */
  #isFull(open: Open, time: number): boolean {
    const { writer, minTime } = open;
    const rangeEnd = open.isForeseen ? this.#endOfRange(minTime) : open.nextTime;
    const size = writer.sizeBytes;
    if (!open.isForeseen && size >= TARGET_BYTES / 4) {
      open.nextTime = foresee(open, TARGET_BYTES / size);
      open.isForeseen = true;
    }
    const isFull = time >= open.nextTime || size >= 2 * TARGET_BYTES;
    return isFull && (writer.count >= SAMPLES_MIN || time >= rangeEnd);
  }

  #takes({ writer, last }: Open, histogram: FloatHistogram): boolean {
    const buckets = writer.buckets + bucketsOf(histogram);
    return buckets <= 2 * BUCKETS_MAX && continuesChunk(last, histogram);
  }

  /** Toward zero, as Prometheus divides. */
  #endOfRange(time: number): number {
    const range = this.#chunkRangeMs;
    return Math.trunc(time / range) * range + range;
  }
}

function chunkOf({ writer, minTime, maxTime }: Open): OpenHistogramChunk {
  return { minTime, maxTime, encoding: writer.encoding, data: () => writer.bytes() };
}

/** When to end a chunk so that those up to the end of the range get equal shares. */
function foresee({ minTime, maxTime, nextTime }: Open, ratioToFull: number): number {
  const chunks = (nextTime - minTime) / ((maxTime - minTime + 1) * ratioToFull);
  if (chunks <= 1) return nextTime;
  return Math.trunc(minTime + (nextTime - minTime) / Math.floor(chunks));
}

function resetHeader(
  previous: FloatHistogram | undefined,
  next: FloatHistogram,
): FloatHistogram['counterResetHint'] {
  if (next.counterResetHint === 'gauge' || next.counterResetHint === 'reset') {
    return next.counterResetHint;
  }
  if (previous === undefined) return 'unknown';
  if (previous.counterResetHint === 'gauge' || next.stale) return 'not_reset';
  if (continuesChunk(previous, next)) return 'not_reset';
  const isOther =
    previous.stale ||
    (next.count >= previous.count &&
      (next.schema !== previous.schema || next.zeroThreshold !== previous.zeroThreshold));
  return isOther ? 'unknown' : 'reset';
}

/** Of both signs. */
export function bucketsOf({ positiveBuckets, negativeBuckets }: FloatHistogram): number {
  return positiveBuckets.length + negativeBuckets.length;
}

/** Whether counts, spans and bounds agree. Source: Validate of Prometheus' model/histogram. */
export function isValidHistogram(histogram: FloatHistogram, isInteger: boolean): boolean {
  if (histogram.stale) return true;
  const { positiveSpans, positiveBuckets, negativeSpans, negativeBuckets } = histogram;
  if (bucketsOf(histogram) > BUCKETS_MAX) return false;
  if (!areValidSpans(positiveSpans, positiveBuckets.length)) return false;
  if (!areValidSpans(negativeSpans, negativeBuckets.length)) return false;
  const counts = [...positiveBuckets, ...negativeBuckets, histogram.zeroCount];
  if (counts.some((count) => count < 0) || histogram.count < 0) return false;
  const sum = counts.reduce((a, b) => a + b, 0);
  const isCounted = Number.isNaN(histogram.sum) ? sum <= histogram.count : sum === histogram.count;
  if (isInteger && !isCounted) return false;
  if (histogram.schema === CUSTOM_BUCKETS_SCHEMA) return hasValidBounds(histogram);
  return histogram.schema >= -9 && histogram.schema <= 8 && histogram.customValues.length === 0;
}

function areValidSpans(spans: FloatHistogram['positiveSpans'], buckets: number): boolean {
  const count = spans.reduce((sum, { length }) => sum + length, 0);
  return count === buckets && spans.every(({ offset }, i) => i === 0 || offset >= 0);
}

function hasValidBounds(histogram: FloatHistogram): boolean {
  const { customValues, positiveSpans } = histogram;
  const end = positiveSpans.reduce((sum, { offset, length }) => sum + offset + length, 0);
  return (
    histogram.zeroCount === 0 &&
    histogram.zeroThreshold === 0 &&
    histogram.negativeSpans.length === 0 &&
    (positiveSpans[0]?.offset ?? 0) >= 0 &&
    end <= customValues.length + 1 &&
    customValues.every((bound, i) => i === 0 || bound > (customValues[i - 1] as number))
  );
}

function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  if (a.stale || b.stale) return a.stale && b.stale;
  const numbers = (h: FloatHistogram): number[] => [
    h.schema,
    h.zeroThreshold,
    h.zeroCount,
    h.count,
    h.sum,
    ...h.positiveSpans.flatMap(({ offset, length }) => [offset, length]),
    h.positiveSpans.length,
    ...h.negativeSpans.flatMap(({ offset, length }) => [offset, length]),
    ...h.positiveBuckets,
    ...h.negativeBuckets,
    ...h.customValues,
  ];
  const other = numbers(b);
  const own = numbers(a);
  return own.length === other.length && own.every((x, i) => Object.is(x, other[i]));
}

/**
 * From chunks in kernel memory to the columns of one series. Chunks are described by a table in kernel memory
 * with rows of four u32: address of the data, bytes of data, encoding, samples (filled in here).
 */
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import type { HistogramSample, SampleColumns } from '../model/sample.ts';
import { isFloatEncoding, isHistogramEncoding, sampleCount, XOR } from './encoding.ts';
import { decodeHistograms } from './histogram.ts';
import { decodeXor2 } from './xor2.ts';

export const CHUNK_ROW_BYTES = 16;

/** A longest possible XOR chunk: 65,535 samples of at most 145 bits. Others are shorter than this, too. */
export const CHUNK_BYTES_MAX = 4_194_304;

/** Room for a table. Allocated from the arena: release it after decoding, with the columns. */
export function allocChunkTable(kernel: Kernel, count: number): number {
  return kernel.arena.alloc(count * CHUNK_ROW_BYTES);
}

export interface ChunkPlace {
  /** Address of the data in kernel memory, without length, encoding byte and CRC. */
  readonly address: number;
  readonly length: number;
  readonly encoding: number;
}

export function setChunkRow(kernel: Kernel, table: number, row: number, place: ChunkPlace): void {
  const { u32 } = kernel;
  const at = (table >>> 2) + row * 4;
  u32[at] = place.address;
  u32[at + 1] = place.length;
  u32[at + 2] = place.encoding;
}

/** Sums over what was decoded. */
export interface ChunkAccount {
  chunks: number;
  /** Encoded, without headers. */
  bytes: number;
}

export interface ChunkTable {
  readonly table: number;
  readonly count: number;
  /** Names a row for errors: "chunk 5 of series {…} in file …". */
  readonly describe: (row: number) => string;
  /** Adds what is decoded. */
  readonly account?: ChunkAccount | undefined;
}

/**
 * Decodes chunks that follow each other in time. Throws OperationError 'corrupt' naming the row, 'limit' when
 * the kernel's memory is used up. Kernel memory: 16 bytes a sample, 8 more when samples have start times.
 */
export function decodeChunks(kernel: Kernel, chunks: ChunkTable): SampleColumns {
  const survey = surveyChunks(kernel, chunks);
  if (chunks.account !== undefined) {
    chunks.account.chunks += chunks.count;
    chunks.account.bytes += survey.bytes;
  }
  const { arena } = kernel;
  const times = arena.alloc(survey.floats * 8);
  const values = arena.alloc(survey.floats * 8);
  if (survey.onlyXor) {
    decodeXorRows(kernel, chunks, { first: 0, end: chunks.count, times, values, survey });
    return { times, values, count: survey.floats, startTimes: 0, histograms: [] };
  }
  return decodeMixed(kernel, chunks, { ...survey, times, values });
}

interface Survey {
  readonly bytes: number;
  readonly floats: number;
  readonly longestBytes: number;
  readonly onlyXor: boolean;
}

/** Checks what the rows say and completes them by their numbers of samples. */
function surveyChunks(kernel: Kernel, { table, count, describe }: ChunkTable): Survey {
  const { u8, u32 } = kernel;
  let floats = 0;
  let bytes = 0;
  let longestBytes = 0;
  let onlyXor = true;
  for (let row = 0, at = table >>> 2; row < count; row++, at += 4) {
    const address = u32[at] as number;
    const length = u32[at + 1] as number;
    const encoding = u32[at + 2] as number;
    if (length < 2 || length > CHUNK_BYTES_MAX) {
      throw new OperationError('corrupt', `cannot decode ${describe(row)}: it has ${length} bytes`);
    }
    const samples = sampleCount(encoding, u8[address] as number, u8[address + 1] as number);
    u32[at + 3] = samples;
    if (encoding !== XOR) {
      if (!isFloatEncoding(encoding) && !isHistogramEncoding(encoding)) {
        const message = `cannot decode ${describe(row)}: unknown encoding ${encoding}`;
        throw new OperationError('corrupt', message);
      }
      onlyXor = false;
    }
    if (isFloatEncoding(encoding)) floats += samples;
    bytes += length;
    if (length > longestBytes) longestBytes = length;
  }
  return { bytes, floats, longestBytes, onlyXor };
}

const FAILURES: Readonly<Record<number, string>> = {
  1: 'it ends in the middle of a sample',
  2: 'it holds a varint of more than 10 bytes',
  3: 'it holds a window of more than 64 bits',
  4: 'it holds a time that does not ascend or is out of range',
  5: 'it starts before the chunk before it ends',
};

interface XorRun {
  readonly first: number;
  readonly end: number;
  readonly times: number;
  readonly values: number;
  readonly survey: Pick<Survey, 'longestBytes'>;
}

function decodeXorRows(kernel: Kernel, chunks: ChunkTable, run: XorRun): void {
  const { arena, exports } = kernel;
  const mark = arena.mark();
  const failure = arena.alloc(8);
  const words = arena.alloc(run.survey.longestBytes + 64);
  const table = chunks.table + run.first * CHUNK_ROW_BYTES;
  const count = run.end - run.first;
  const code = exports.xorDecode(table, count, run.times, run.values, words, failure);
  if (code !== 0) {
    const row = run.first + (kernel.u32[failure >>> 2] as number);
    const byte = (kernel.u32[(failure >>> 2) + 1] as number) >>> 3;
    const message = `cannot decode ${chunks.describe(row)}: ${FAILURES[code]} (byte ${byte})`;
    throw new OperationError('corrupt', message);
  }
  arena.release(mark);
}

interface MixedTarget extends Survey {
  readonly times: number;
  readonly values: number;
}

function decodeMixed(kernel: Kernel, chunks: ChunkTable, target: MixedTarget): SampleColumns {
  const startTimes = kernel.arena.alloc(target.floats * 8);
  const histograms: HistogramSample[] = [];
  let hasStart = false;
  let count = 0;
  kernel.f64.fill(0, startTimes >>> 3, (startTimes >>> 3) + target.floats);
  for (let row = 0; row < chunks.count; row++) {
    const at = (chunks.table >>> 2) + row * 4;
    const [address = 0, length = 0, encoding = 0, samples = 0] = kernel.u32.subarray(at, at + 4);
    const data = kernel.u8.subarray(address, address + length);
    if (encoding === XOR) {
      const times = target.times + count * 8;
      const values = target.values + count * 8;
      decodeXorRows(kernel, chunks, { first: row, end: row + 1, times, values, survey: target });
    } else if (isFloatEncoding(encoding)) {
      const columns = {
        times: kernel.f64.subarray(target.times >>> 3),
        words: kernel.u32.subarray(target.values >>> 2),
        startTimes: kernel.f64.subarray(startTimes >>> 3),
      };
      const some = describing(chunks, row, () => decodeXor2(data, columns, count));
      hasStart ||= some;
    } else {
      for (const sample of describing(chunks, row, () => decodeHistograms(encoding, data))) {
        histograms.push(sample);
      }
    }
    if (isFloatEncoding(encoding)) count += samples;
  }
  checkAscending(kernel, chunks, { target, histograms });
  const { times, values } = target;
  return { times, values, count, startTimes: hasStart ? startTimes : 0, histograms };
}

function describing<T>(chunks: ChunkTable, row: number, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    throw new OperationError(error.kind, `cannot decode ${chunks.describe(row)}`, { cause: error });
  }
}

function checkAscending(
  kernel: Kernel,
  chunks: ChunkTable,
  columns: { readonly target: MixedTarget; readonly histograms: readonly HistogramSample[] },
): void {
  const { target, histograms } = columns;
  const times = kernel.f64.subarray(target.times >>> 3, (target.times >>> 3) + target.floats);
  const floatsAscend = times.every((time, i) => i === 0 || time > (times[i - 1] as number));
  const ascend = histograms.every(
    ({ time }, i) => i === 0 || time > (histograms[i - 1] as HistogramSample).time,
  );
  if (floatsAscend && ascend) return;
  const range = `${chunks.describe(0)} to ${chunks.describe(chunks.count - 1)}`;
  throw new OperationError('corrupt', `cannot decode ${range}: their times overlap`);
}

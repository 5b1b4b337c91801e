/**
 * The usual case of a series from stores: raw XOR chunks, of one replica or deduplicated. Their bytes go from the
 * messages into kernel memory in long stretches, and no chunk becomes an object.
 */
import type { Kernel } from '../base/kernel.ts';
import { allocChunkTable, type ChunkAccount, decodeChunks, setChunkRow } from '../chunk/columns.ts';
import { XOR } from '../chunk/encoding.ts';
import type { SampleColumns } from '../model/sample.ts';
import { clip } from '../storage/clip.ts';
import type { DeduplicateOptions } from '../storage/deduplicate.ts';
import { deduplicate } from '../storage/deduplicate.ts';
import type { SourcedRows } from './sourced-rows.ts';
import { areSpare } from './spare-replicas.ts';

/** Bytes between two chunks of a message that are copied with them: a second copy costs more. */
const GAP_BYTES_MAX = 512;

export interface PlainOptions {
  /** Inclusive milliseconds, within which replicas are folded. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Undefined: overlapping chunks are not taken for replicas. */
  readonly deduplicate: DeduplicateOptions | undefined;
  /** Adds what is decoded. */
  readonly account?: ChunkAccount | undefined;
}

/**
 * Undefined where the series is not such a case. Throws OperationError 'corrupt', without saying which chunk it is:
 * whoever reads chunk by chunk will tell; 'limit' when the kernel's memory is used up.
 */
export function readPlainSeries(
  kernel: Kernel,
  chunks: SourcedRows,
  options: PlainOptions,
): SampleColumns | undefined {
  if (!chunks.areRaw(XOR)) return undefined;
  const replicas = chunks.replicas();
  const [preferred = [], ...others] = replicas;
  const { deduplicate: merging, account } = options;
  const decodeAll = (rows: readonly number[]): SampleColumns =>
    decodeRows(kernel, chunks, rows, account);
  if (others.length === 0) return decodeAll(preferred);
  if (merging === undefined) return undefined;
  const read = (rows: readonly number[]): SampleColumns => {
    const decoded = decodeAll(rows);
    if (merging.correctsResets) kernel.exports.correctResets(decoded.values, decoded.count);
    return clip(kernel, decoded, options);
  };
  const first = read(preferred);
  if (merging.func === 'penalty') {
    const decode = (row: number): SampleColumns => decodeAll([row]);
    const { minTime, maxTime } = options;
    const spare = { minTime, maxTime, rows: chunks.rows, decode };
    if (areSpare(kernel, first, others, spare)) return first;
  }
  return deduplicate(kernel, [first, ...others.map(read)], merging);
}

function decodeRows(
  kernel: Kernel,
  chunks: SourcedRows,
  list: readonly number[],
  account: ChunkAccount | undefined,
): SampleColumns {
  const count = list.length;
  const table = allocChunkTable(kernel, count);
  for (let first = 0; first < count; ) first = copyStretch(kernel, chunks, list, { first, table });
  return decodeChunks(kernel, { table, count, describe: (i) => `chunk ${i}`, account });
}

/** Copies chunks that lie near each other in one message, fills their rows of the table, returns which comes next. */
function copyStretch(
  kernel: Kernel,
  chunks: SourcedRows,
  list: readonly number[],
  { first, table }: { readonly first: number; readonly table: number },
): number {
  const { offsets, lengths } = chunks.rows;
  const source = chunks.source(list[first] as number);
  const start = offsets[list[first] as number] as number;
  let stretchEnd = start + (lengths[list[first] as number] as number);
  let end = first + 1;
  for (; end < list.length; end++) {
    const row = list[end] as number;
    const offset = offsets[row] as number;
    const isNear = offset >= stretchEnd && offset - stretchEnd <= GAP_BYTES_MAX;
    if (!isNear || chunks.source(row) !== source) break;
    stretchEnd = offset + (lengths[row] as number);
  }
  const address = kernel.arena.alloc(stretchEnd - start);
  kernel.u8.set(source.bytes.subarray(start, stretchEnd), address);
  for (let i = first; i < end; i++) {
    const row = list[i] as number;
    const at = address + (offsets[row] as number) - start;
    const length = lengths[row] as number;
    setChunkRow(kernel, table, i, { address: at, length, encoding: XOR });
  }
  return end;
}

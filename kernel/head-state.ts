/**
 * Layout of a head's own words and of the record of a series; codes that host and kernel share.
 *
 *   head     slabs: 192 bytes (head-slab.ts) │ own words: 256 bytes, below │ tables of series, pairs, names
 *   series   64 bytes: a cache line, below. Its labels are numbers of pairs
 *   pair     a label's name and value, once for all series that have it, and the list of these series
 *   handle   what the host knows a series by, a float64: 29 lower bits of its ref │ 24 bits slot + 1. A slot serves one
 *            series after another; two of them have equal handles only if 2^29 series were made in between
 */
import { recordAt, recordCount, TABLE_BYTES } from './head-table';

export const OUTPUT: usize = 192;
export const OUTPUT_AT: usize = 196;
export const OUTPUT_END: usize = 200;
export const FAILURE: usize = 204;
export const NEEDED: usize = 208;
/** Where in the files of chunks the output will be written: number of the file, offset of its first byte. */
export const OUTPUT_FILE: usize = 212;
export const OUTPUT_OFFSET: usize = 216;
export const CHUNK_RANGE: usize = 220;
export const LAST_REF: usize = 224;
/** Times of samples: of all, and the least since a truncation began. */
export const MIN_TIME: usize = 232;
export const MAX_TIME: usize = 240;
export const NEXT_MIN_TIME: usize = 248;
/** Finished chunks in lists, open ones, and how many ever were begun and dropped. */
export const LISTED: usize = 256;
export const OPEN: usize = 260;
export const BEGUN: usize = 264;
export const DROPPED: usize = 272;
/** Blocks of open chunks. */
export const OPEN_BLOCKS: usize = 284;
/** Least number of a file that a list names, since a truncation began. */
export const NEXT_FILE: usize = 280;
/** The sweep's place: head-postings.ts. */
export const SWEEP: usize = 320;
/** How many slabs of each size a new series needs. */
export const NEEDS: usize = 384;
export const SERIES: usize = 448;
export const PAIRS: usize = SERIES + TABLE_BYTES;
export const NAMES: usize = PAIRS + TABLE_BYTES;
export const STATE_BYTES: usize = NAMES + TABLE_BYTES;

export const NO_MEMORY: u32 = 1;
export const OUTPUT_FULL: u32 = 2;
export const BAD_LABELS: u32 = 3;
export const NO_NUMBERS: u32 = 4;

export const SERIES_SHIFT: u32 = 6;
export const S_REF: usize = 8;
export const S_REF_HIGH: usize = 12;
export const S_BITS: usize = 14;
export const S_LAST_TIME: usize = 16;
export const S_LAST_VALUE: usize = 24;
/** The word of the open chunk that is being filled. */
export const S_WORD: usize = 32;
export const S_DELTA: usize = 40;
/** Milliseconds from the last sample to the time at which the next chunk begins. */
export const S_LEFT: usize = 44;
/** The last block of the open chunk, whose first word is the address of the first one. */
export const S_BLOCK: usize = 48;
export const S_LABELS: usize = 52;
/** The newest block of the list of finished chunks. */
export const S_CHUNKS: usize = 56;
export const S_LEADING: usize = 60;
export const S_TRAILING: usize = 61;
/** Samples in the open chunk. */
export const S_COUNT: usize = 62;
export const S_STATE: usize = 63;

/** Bits of a series' state. */
export const ALIVE: u8 = 1;
export const DEAD: u8 = 2;
/** Its newest sample is a histogram: the host has the open chunk. */
export const HISTOGRAM: u8 = 4;

const GENERATION: u32 = 0x1fffffff;
const SLOT_BITS: u64 = 24;
export const NO_SLOT: u32 = 0xffffffff;

export function seriesAt(head: usize, slot: u32): usize {
  return recordAt(head + SERIES, slot);
}

export function refOf(series: usize): u64 {
  return <u64>load<u32>(series, S_REF) | (<u64>load<u16>(series, S_REF_HIGH) << 32);
}

export function handleOf(series: usize, slot: u32): f64 {
  return <f64>((<u64>(load<u32>(series, S_REF) & GENERATION) << SLOT_BITS) | <u64>(slot + 1));
}

/** NO_SLOT when there is no such series, or no longer. */
// @ts-ignore: decorator
@inline
export function slotOf(head: usize, handle: f64): u32 {
  if (!(handle > 0 && handle <= 9007199254740991)) return NO_SLOT;
  const bits = <u64>handle;
  const slot = (<u32>bits & 0xffffff) - 1;
  if (slot >= recordCount(head + SERIES)) return NO_SLOT;
  const series = recordAt(head + SERIES, slot);
  const isIt =
    (load<u32>(series, S_REF) & GENERATION) == <u32>(bits >>> SLOT_BITS) &&
    (load<u8>(series, S_STATE) & ALIVE) != 0;
  return isIt ? slot : NO_SLOT;
}

export function isAlive(head: usize, slot: u32): bool {
  return (load<u8>(recordAt(head + SERIES, slot), S_STATE) & ALIVE) != 0;
}

export function isDead(head: usize, slot: u32): bool {
  return (load<u8>(recordAt(head + SERIES, slot), S_STATE) & DEAD) != 0;
}

/** Notes why a call stops; 0. */
export function fail(head: usize, code: u32, needed: u32): u32 {
  store<u32>(head, code, FAILURE);
  store<u32>(head, needed, NEEDED);
  return 0;
}

/** Not for the outside: fast, and good enough for tables that check what they find. */
export function hashOf(bytes: usize, length: u32): u64 {
  let hash: u64 = 0x9e3779b97f4a7c15 ^ <u64>length;
  const end = bytes + length;
  for (; bytes + 8 <= end; bytes += 8) hash = mixed(hash, load<u64>(bytes));
  let tail: u64 = 0;
  for (let shift: u64 = 0; bytes < end; bytes++, shift += 8) tail |= <u64>load<u8>(bytes) << shift;
  hash = mixed(hash, tail);
  return mixed(hash, hash >>> 31);
}

// @ts-ignore: decorator
@inline
function mixed(hash: u64, word: u64): u64 {
  const product = (hash ^ word) * 0x9fb21c651e98df25;
  return product ^ (product >>> 29);
}

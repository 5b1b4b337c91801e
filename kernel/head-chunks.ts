/**
 * Chunks of the head. An open one is a ring of blocks of seven words each, whose last is named in the series; the word
 * that is being filled is in the series, too. So no chunk ever moves, series that grow in step need no slabs of growing
 * sizes, and a block is taken every 56 bytes. Full chunks leave as entries of a file in chunks_head; what is left is a
 * list of their places, newest first, in blocks of the same size:
 *
 *   block    u32 older block │ u32 places, 1 or 2 │ place │ place
 *   place    u32 file │ u32 offset of the entry │ u32 its length │ u32 encoding │ u32 max − min time │ i64 min time
 */
import { crc32c } from './crc';
import { BLOCK_DATA, BLOCK_WORDS, noteTimes } from './head-append';
import { BLOCK_SIZE, giveChain, giveSlab, lackOfSlabs, takeSlab } from './head-slab';
import {
  BEGUN,
  DROPPED,
  fail,
  LISTED,
  NEXT_FILE,
  NO_MEMORY,
  OPEN,
  OPEN_BLOCKS,
  OUTPUT,
  OUTPUT_AT,
  OUTPUT_END,
  OUTPUT_FILE,
  OUTPUT_FULL,
  OUTPUT_OFFSET,
  refOf,
  S_BITS,
  S_BLOCK,
  S_CHUNKS,
  S_COUNT,
  S_LAST_TIME,
  S_WORD,
  seriesAt,
} from './head-state';

const PLACES: usize = 8;
const PLACE_BYTES: usize = 28;
const FILE: usize = 0;
const OFFSET: usize = 4;
const LENGTH: usize = 8;
const ENCODING: usize = 12;
const SPAN: usize = 16;
const FIRST_TIME: usize = 20;

const XOR: u32 = 1;
/** An entry's bytes beside its data: ref, two times, encoding, length, CRC, and what copyOpen writes too many. */
const ENTRY_BYTES: u32 = 48;

export function chunkBytes(series: usize): u32 {
  return load<u8>(series, S_COUNT) == 0 ? 0 : (<u32>load<u16>(series, S_BITS) + 7) >>> 3;
}

/** The time of a chunk's first sample, which its data begin with. */
export function firstTime(data: usize): i64 {
  let zigzag: u64 = 0;
  let at = data + 2;
  for (let shift: u64 = 0; ; shift += 7) {
    const byte = <u64>load<u8>(at++);
    zigzag |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  return <i64>(zigzag >>> 1) ^ -(<i64>(zigzag & 1));
}

/** The time of the first sample in the open chunk, which there is. */
export function openTime(series: usize): i64 {
  return firstTime(<usize>load<u32>(load<u32>(series, S_BLOCK)) + BLOCK_DATA);
}

/** Puts the open chunk together; up to eight bytes behind it are written too. Returns its length. */
function copyOpen(series: usize, target: usize): u32 {
  const bits = <u32>load<u16>(series, S_BITS);
  let words = bits >>> 6;
  let at = target;
  let block = <usize>load<u32>(series, S_BLOCK);
  while (words > 0) {
    block = <usize>load<u32>(block);
    if (words >= BLOCK_WORDS) {
      copyBlock(at, block + BLOCK_DATA);
      at += <usize>BLOCK_WORDS << 3;
      words -= BLOCK_WORDS;
      continue;
    }
    for (let from = block + BLOCK_DATA; words > 0; words--, at += 8, from += 8) {
      store<u64>(at, load<u64>(from));
    }
  }
  store<u64>(at, bswap(load<u64>(series, S_WORD)));
  store<u8>(target, load<u8>(series, S_COUNT), 1);
  return (bits + 7) >>> 3;
}

/** Seven words, for which memory.copy takes several times as long. */
function copyBlock(target: usize, source: usize): void {
  v128.store(target, v128.load(source));
  v128.store(target + 16, v128.load(source + 16));
  v128.store(target + 32, v128.load(source + 32));
  store<u64>(target + 48, load<u64>(source + 48));
}

/** Forgets the open chunk. */
export function dropOpen(head: usize, series: usize): void {
  if (load<u8>(series, S_COUNT) == 0) return;
  const last = <usize>load<u32>(series, S_BLOCK);
  const words = <u32>load<u16>(series, S_BITS) >>> 6;
  if (last != 0) {
    const count = (words + BLOCK_WORDS - 1) / BLOCK_WORDS;
    store<u32>(head, load<u32>(head, OPEN_BLOCKS) - count, OPEN_BLOCKS);
    giveChain(head, BLOCK_SIZE, <usize>load<u32>(last), last, count);
  }
  store<u32>(series, 0, S_BLOCK);
  store<u8>(series, 0, S_COUNT);
  store<u32>(head, load<u32>(head, OPEN) - 1, OPEN);
}

/** The open chunk becomes an entry of the output, and its blocks are free; false when the output has no room. */
export function finishOpen(head: usize, series: usize, maxTime: i64): bool {
  const length = chunkBytes(series);
  if (length == 0) return true;
  const data = beginEntry(head, series, length, XOR);
  if (data == 0) return false;
  copyOpen(series, data);
  dropOpen(head, series);
  endEntry(head, series, data, length, firstTime(data), maxTime);
  return true;
}

/** The same for a float chunk of a series by its slot. */
export function headFinish(head: usize, slot: u32): bool {
  const series = seriesAt(head, slot);
  if (finishOpen(head, series, load<i64>(series, S_LAST_TIME))) return true;
  fail(head, OUTPUT_FULL, 0);
  return false;
}

/** A chunk of the host becomes an entry of the output and of the series' list. */
export function headPutChunk(
  head: usize,
  slot: u32,
  bytes: usize,
  length: u32,
  encoding: u32,
  minTime: f64,
  maxTime: f64,
): bool {
  const series = seriesAt(head, slot);
  if (!canList(head)) return false;
  const data = beginEntry(head, series, length, encoding);
  if (data == 0) {
    fail(head, OUTPUT_FULL, 0);
    return false;
  }
  memory.copy(data, bytes, length);
  endEntry(head, series, data, length, <i64>minTime, <i64>maxTime);
  return true;
}

/**
 * Begins an entry and returns the address of its data, 0 when there is no room.
 *
 *   u64 ref │ u64 min time │ u64 max time │ u8 encoding │ uvarint length │ data │ u32 CRC-32C of all before
 */
function beginEntry(head: usize, series: usize, length: u32, encoding: u32): usize {
  const start = <usize>load<u32>(head, OUTPUT_AT);
  if (load<u32>(head, OUTPUT_END) - <u32>start < length + ENTRY_BYTES) return 0;
  store<u64>(start, bswap(refOf(series)));
  store<u8>(start, <u8>encoding, 24);
  let at = start + 25;
  let rest = length;
  for (; rest >= 128; rest >>>= 7) store<u8>(at++, <u8>(rest | 128));
  store<u8>(at++, <u8>rest);
  return at;
}

function endEntry(
  head: usize,
  series: usize,
  data: usize,
  length: u32,
  minTime: i64,
  maxTime: i64,
): void {
  const start = <usize>load<u32>(head, OUTPUT_AT);
  store<u64>(start, bswap(minTime), 8);
  store<u64>(start, bswap(maxTime), 16);
  const end = data + length;
  store<u32>(end, bswap(crc32c(start, <u32>(end - start), 0)));
  store<u32>(head, <u32>end + 4, OUTPUT_AT);
  const place = newPlace(head, series);
  store<u32>(place, load<u32>(head, OUTPUT_FILE), FILE);
  const offset = load<u32>(head, OUTPUT_OFFSET) + <u32>start - load<u32>(head, OUTPUT);
  store<u32>(place, offset, OFFSET);
  store<u32>(place, <u32>(end - start) + 4, LENGTH);
  store<u32>(place, <u32>load<u8>(start, 24), ENCODING);
  store<u32>(place, <u32>(maxTime - minTime), SPAN);
  store<i64>(place, minTime, FIRST_TIME);
}

// ── finished chunks ──

function canList(head: usize): bool {
  const lack = lackOfSlabs(head, BLOCK_SIZE, 1);
  if (lack != 0) fail(head, NO_MEMORY, lack);
  return lack == 0;
}

/** Room for one more place; the caller knows that there is a free block, as a chunk that was finished has left one. */
function newPlace(head: usize, series: usize): usize {
  let block = <usize>load<u32>(series, S_CHUNKS);
  if (block == 0 || load<u32>(block, 4) == 2) {
    const next = takeSlab(head, BLOCK_SIZE);
    store<u32>(next, <u32>block);
    store<u32>(next, 0, 4);
    store<u32>(series, <u32>next, S_CHUNKS);
    block = next;
  }
  const count = load<u32>(block, 4);
  store<u32>(block, count + 1, 4);
  store<u32>(head, load<u32>(head, LISTED) + 1, LISTED);
  return block + PLACES + <usize>count * PLACE_BYTES;
}

/**
 * Lists a chunk that is in a file already: row is u32 file, offset, length of the entry, encoding, then float64 min and
 * max time. It must be later than all that the series has, which takes its max time as that of its last sample. 0 when it
 * is not, or lasts over 49 days; 2 when there is no memory.
 */
export function headListChunk(head: usize, slot: u32, row: usize): u32 {
  const series = seriesAt(head, slot);
  const minTime = <i64>load<f64>(row, 16);
  const maxTime = <i64>load<f64>(row, 24);
  const span = maxTime - minTime;
  if (minTime <= load<i64>(series, S_LAST_TIME) || span < 0 || span > 0xffffffff) return 0;
  if (!canList(head)) return 2;
  const place = newPlace(head, series);
  memory.copy(place, row, 16);
  store<u32>(place, <u32>span, SPAN);
  store<i64>(place, minTime, FIRST_TIME);
  store<i64>(series, maxTime, S_LAST_TIME);
  noteTimes(head, minTime, maxTime);
  store<u64>(head, load<u64>(head, BEGUN) + 1, BEGUN);
  return 1;
}

function endTime(place: usize): i64 {
  return load<i64>(place, FIRST_TIME) + <i64>load<u32>(place, SPAN);
}

/** Drops finished chunks that end before a time; the time of the first sample that is left, i64.MAX_VALUE if unknown. */
export function trimChunks(head: usize, series: usize, time: i64): i64 {
  let first = i64.MAX_VALUE;
  if (load<u8>(series, S_COUNT) > 0) {
    first = openTime(series);
  }
  let newer: usize = 0;
  let block = <usize>load<u32>(series, S_CHUNKS);
  while (block != 0) {
    const count = load<u32>(block, 4);
    let kept: u32 = 0;
    while (kept < count) {
      const place = block + PLACES + <usize>(count - kept - 1) * PLACE_BYTES;
      if (endTime(place) < time) break;
      first = load<i64>(place, FIRST_TIME);
      const file = load<u32>(place, FILE);
      if (file < load<u32>(head, NEXT_FILE)) store<u32>(head, file, NEXT_FILE);
      kept++;
    }
    if (kept < count) {
      cutList(head, series, newer, block, count, kept);
      break;
    }
    newer = block;
    block = <usize>load<u32>(block);
  }
  return first;
}

/** Keeps the last places of a block and none of those before. */
function cutList(
  head: usize,
  series: usize,
  newer: usize,
  block: usize,
  count: u32,
  kept: u32,
): void {
  let older = <usize>load<u32>(block);
  note(head, count - kept);
  if (kept > 0) {
    const places = block + PLACES;
    memory.copy(places, places + <usize>(count - kept) * PLACE_BYTES, <usize>kept * PLACE_BYTES);
    store<u32>(block, kept, 4);
    store<u32>(block, 0);
  } else {
    if (newer != 0) store<u32>(newer, 0);
    else store<u32>(series, 0, S_CHUNKS);
    giveSlab(head, BLOCK_SIZE, block);
  }
  giveList(head, older);
}

function note(head: usize, dropped: u32): void {
  store<u32>(head, load<u32>(head, LISTED) - dropped, LISTED);
  store<u64>(head, load<u64>(head, DROPPED) + dropped, DROPPED);
}

function giveList(head: usize, block: usize): void {
  while (block != 0) {
    const older = <usize>load<u32>(block);
    note(head, load<u32>(block, 4));
    giveSlab(head, BLOCK_SIZE, block);
    block = older;
  }
}

export function dropChunks(head: usize, series: usize): void {
  giveList(head, <usize>load<u32>(series, S_CHUNKS));
  store<u32>(series, 0, S_CHUNKS);
}

// ── for readers ──

/** Whether a chunk of a series, open or not, overlaps the times; the host's chunks of histograms apart. */
export function headOverlaps(head: usize, slot: u32, minTime: f64, maxTime: f64): bool {
  const series = seriesAt(head, slot);
  const from = <i64>minTime;
  const to = <i64>maxTime;
  if (load<u8>(series, S_COUNT) > 0 && load<i64>(series, S_LAST_TIME) >= from) {
    if (openTime(series) <= to) return true;
  }
  let block = <usize>load<u32>(series, S_CHUNKS);
  for (; block != 0; block = <usize>load<u32>(block)) {
    for (let i: u32 = 0; i < load<u32>(block, 4); i++) {
      const place = block + PLACES + <usize>i * PLACE_BYTES;
      if (endTime(place) >= from && load<i64>(place, FIRST_TIME) <= to) return true;
    }
  }
  return false;
}

/**
 * Copies what a reader needs of a series' chunks that overlap the times: u32 places │ u32 length of the open chunk; for
 * each place, oldest first, u32 file, offset, length, encoding, float64 min and max time; if there is an open chunk (of
 * floats), float64 min and max time and its data, padded to whole 8 bytes. Returns the bytes written, 0 when there is no
 * room.
 */
export function headCopyChunks(
  head: usize,
  slot: u32,
  minTime: f64,
  maxTime: f64,
  target: usize,
  capacity: u32,
): u32 {
  const series = seriesAt(head, slot);
  const from = <i64>minTime;
  const to = <i64>maxTime;
  let places: u32 = 0;
  let block = <usize>load<u32>(series, S_CHUNKS);
  for (; block != 0; block = <usize>load<u32>(block)) {
    for (let i: u32 = 0; i < load<u32>(block, 4); i++) {
      const place = block + PLACES + <usize>i * PLACE_BYTES;
      places += <u32>(endTime(place) >= from && load<i64>(place, FIRST_TIME) <= to);
    }
  }
  const open = chunkBytes(series);
  if (capacity < 8 + places * 32 + 32 + open) return 0;
  let row = target + 8 + <usize>places * 32;
  block = <usize>load<u32>(series, S_CHUNKS);
  for (; block != 0; block = <usize>load<u32>(block)) {
    for (let i = load<u32>(block, 4); i > 0; i--) {
      const place = block + PLACES + <usize>(i - 1) * PLACE_BYTES;
      if (endTime(place) < from || load<i64>(place, FIRST_TIME) > to) continue;
      row -= 32;
      memory.copy(row, place, 16);
      store<f64>(row, <f64>load<i64>(place, FIRST_TIME), 16);
      store<f64>(row, <f64>endTime(place), 24);
    }
  }
  store<u32>(target, places);
  store<u32>(target, 0, 4);
  const end = target + 8 + <usize>places * 32;
  const last = load<i64>(series, S_LAST_TIME);
  if (open == 0 || last < from) return <u32>(end - target);
  const first = openTime(series);
  if (first > to) return <u32>(end - target);
  store<u32>(target, open, 4);
  store<f64>(end, <f64>first);
  store<f64>(end, <f64>last, 8);
  copyOpen(series, end + 16);
  return <u32>(end - target) + 16 + ((open + 7) & ~7);
}

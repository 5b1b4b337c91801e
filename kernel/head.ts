/**
 * The head: series with their labels, open chunks and posting lists in one linear memory that belongs to it. Only
 * its owner may call these functions, one at a time. A function that lacks memory or room for output stops before
 * it has changed anything that is not complete, says why (headFailure), and goes on when called again.
 *
 * This file begins a head, finds and makes series, and ends them. Samples: head-append.ts. Chunks: head-chunks.ts.
 * Labels: head-postings.ts, head-select.ts. Why it is made like this: docs/decisions/0002-head-in-kernel-memory.md.
 */
import { dropChunks, dropOpen, trimChunks } from './head-chunks';
import {
  addPosting,
  fillPair,
  internName,
  isPair,
  markDead,
  nameLength,
  NAME_SHIFT,
  PAIR_SHIFT,
  pairBytes,
  pairLength,
  pairLengthOf,
  NO_BLOCK,
  postingSize,
  findName,
} from './head-postings';
import { freeBytes, giveSlab, lackOfSizes, sizeFor, SLAB_BYTES_MAX, takeSlab } from './head-slab';
import {
  ALIVE,
  BAD_LABELS,
  BEGUN,
  CHUNK_RANGE,
  DEAD,
  DROPPED,
  fail,
  FAILURE,
  handleOf,
  HISTOGRAM,
  hashOf,
  isAlive,
  LAST_REF,
  LISTED,
  MAX_TIME,
  MIN_TIME,
  NAMES,
  NEEDED,
  NEEDS,
  NEXT_FILE,
  NEXT_MIN_TIME,
  NO_MEMORY,
  NO_NUMBERS,
  NO_SLOT,
  OPEN,
  OPEN_BLOCKS,
  OUTPUT,
  OUTPUT_AT,
  OUTPUT_END,
  OUTPUT_FILE,
  OUTPUT_OFFSET,
  PAIRS,
  refOf,
  S_LABELS,
  S_LAST_TIME,
  S_REF,
  S_REF_HIGH,
  S_STATE,
  SERIES,
  seriesAt,
  SERIES_SHIFT,
  slotOf,
  STATE_BYTES,
} from './head-state';
import {
  bytesForRecords,
  findRecord,
  freeRecord,
  hasNumbers,
  initTable,
  liveCount,
  newRecord,
  recordAt,
  recordCount,
  removeRecord,
} from './head-table';

export function headStateBytes(): u32 {
  return <u32>STATE_BYTES;
}

/** `chunkRange`: chunks do not cross multiples of it, in milliseconds. */
export function headInit(head: usize, output: usize, outputLength: u32, chunkRange: u32): void {
  memory.fill(head, 0, STATE_BYTES);
  store<u32>(head, <u32>output, OUTPUT);
  store<u32>(head, <u32>output, OUTPUT_AT);
  store<u32>(head, <u32>output + outputLength, OUTPUT_END);
  store<u32>(head, chunkRange, CHUNK_RANGE);
  store<i64>(head, i64.MAX_VALUE, MIN_TIME);
  store<i64>(head, i64.MAX_VALUE, NEXT_MIN_TIME);
  store<i64>(head, i64.MIN_VALUE, MAX_TIME);
  initTable(head + SERIES, SERIES_SHIFT);
  initTable(head + PAIRS, PAIR_SHIFT);
  initTable(head + NAMES, NAME_SHIFT);
}

/** Why the last call that stopped did so: 1 memory, 2 output is full, 3 labels, 4 more series than numbers. */
export function headFailure(head: usize): u32 {
  return load<u32>(head, FAILURE);
}

/** Bytes that the call which stopped for memory needs at most. */
export function headNeeded(head: usize): u32 {
  return load<u32>(head, NEEDED);
}

export function headUnused(head: usize): u32 {
  return freeBytes(head);
}

export function headLive(head: usize): u32 {
  return liveCount(head + SERIES);
}

/** Numbers of slots that were ever used: they are all below it. */
export function headSlots(head: usize): u32 {
  return recordCount(head + SERIES);
}

/** Least and greatest time of a sample; ±9.2e18 when there is none. */
export function headMinTime(head: usize): f64 {
  return <f64>load<i64>(head, MIN_TIME);
}

export function headMaxTime(head: usize): f64 {
  return <f64>load<i64>(head, MAX_TIME);
}

/** Chunks that there are: finished ones in lists, and those that are open here. */
export function headChunks(head: usize): u32 {
  return load<u32>(head, LISTED) + load<u32>(head, OPEN);
}

/** Blocks of 64 bytes that open chunks consist of. */
export function headOpenBlocks(head: usize): u32 {
  return load<u32>(head, OPEN_BLOCKS);
}

export function headChunksBegun(head: usize): f64 {
  return <f64>load<u64>(head, BEGUN);
}

export function headChunksDropped(head: usize): f64 {
  return <f64>load<u64>(head, DROPPED);
}

/** Where the output will be written. It must be empty. */
export function headPlaceOutput(head: usize, file: u32, offset: u32): void {
  store<u32>(head, file, OUTPUT_FILE);
  store<u32>(head, offset, OUTPUT_OFFSET);
}

/** Bytes of finished entries at the output's address. */
export function headOutput(head: usize): u32 {
  return load<u32>(head, OUTPUT_AT) - load<u32>(head, OUTPUT);
}

/** The entries are written. */
export function headTakeOutput(head: usize): void {
  store<u32>(head, load<u32>(head, OUTPUT), OUTPUT_AT);
}

// ── series ──

/** Slot + 1 of the living series that a handle stands for, 0 if there is none. */
export function headSlot(head: usize, handle: f64): u32 {
  return slotOf(head, handle) + 1;
}

export function headHandle(head: usize, slot: u32): f64 {
  return handleOf(seriesAt(head, slot), slot);
}

/** The series' number in files, never that of another one. */
export function headRef(head: usize, slot: u32): f64 {
  return <f64>refOf(seriesAt(head, slot));
}

/** The series goes on under a later number; its handle is another one then. */
export function headSetRef(head: usize, slot: u32, ref: f64): void {
  const series = seriesAt(head, slot);
  store<u32>(series, <u32>(<u64>ref), S_REF);
  store<u16>(series, <u16>(<u64>ref >>> 32), S_REF_HIGH);
}

/** The greatest number that a series has had. */
export function headLastRef(head: usize): f64 {
  return <f64>load<u64>(head, LAST_REF);
}

/** A number that no new series may get. */
export function headNoteRef(head: usize, ref: f64): void {
  if (<u64>ref > load<u64>(head, LAST_REF)) store<u64>(head, <u64>ref, LAST_REF);
}

export function headIsAlive(head: usize, slot: u32): bool {
  return isAlive(head, slot);
}

export function headLastTime(head: usize, slot: u32): f64 {
  return <f64>load<i64>(seriesAt(head, slot), S_LAST_TIME);
}

/** Slot + 1 of the series with these labels; 0 if there is none. */
export function headFind(head: usize, labels: usize, length: u32): u32 {
  return find(head, labels, length, hashOf(labels, length));
}

/**
 * The same, but a series that is not there is made, with the ref that is given, or, if it is 0, the next one. 0 says
 * that it could not be.
 */
export function headFindOrCreate(head: usize, labels: usize, length: u32, ref: f64): u32 {
  const hash = hashOf(labels, length);
  headNoteRef(head, ref);
  const found = find(head, labels, length, hash);
  if (found != 0) return found;
  const count = countLabels(labels, length);
  if (count == 0) return fail(head, BAD_LABELS, 0);
  if (!hasNumbers(head + SERIES, 1) || !hasNumbers(head + PAIRS, count)) {
    return fail(head, NO_NUMBERS, 0);
  }
  const needed = bytesToCreate(head, labels, length, count);
  if (freeBytes(head) < needed) return fail(head, NO_MEMORY, needed);
  return create(head, labels, length, hash, <u64>ref) + 1;
}

function find(head: usize, labels: usize, length: u32, hash: u64): u32 {
  return findRecord(head + SERIES, head, hash, labels, length, hasLabels);
}

/** Number of labels; 0 if the bytes are not what they should be or too long for slabs. */
function countLabels(labels: usize, length: u32): u32 {
  let count: u32 = 0;
  const end = labels + length;
  for (let at = labels; at < end; count++) {
    const pair = pairLength(at, end);
    if (pair == 0 || pair > SLAB_BYTES_MAX || count == 255) return 0;
    at += pair;
  }
  return count;
}

function listBytes(count: u32): u32 {
  return (count + 1) << 2;
}

/** What the region must have beside free slabs and records. */
function bytesToCreate(head: usize, labels: usize, length: u32, count: u32): u32 {
  const needs = head + NEEDS;
  memory.fill(needs, 0, 64);
  need(needs, sizeFor(listBytes(count)));
  let pairs: u32 = 0;
  let names: u32 = 0;
  const end = labels + length;
  for (let at = labels; at < end; ) {
    const bytes = pairLength(at, end);
    const found = findRecord(head + PAIRS, head, hashOf(at, bytes), at, bytes, isPair);
    if (found != 0) {
      const size = postingSize(recordAt(head + PAIRS, found - 1));
      if (size != NO_BLOCK) need(needs, size);
    } else {
      pairs++;
      need(needs, sizeFor(bytes));
      need(needs, 0);
      const name = nameLength(at);
      if (findName(head, at + 2, name) == 0) {
        names++;
        need(needs, sizeFor(name));
      }
    }
    at += bytes;
  }
  let bytes = lackOfSizes(head, needs) + bytesForRecords(head + SERIES, 1);
  if (pairs > 0) bytes += bytesForRecords(head + PAIRS, pairs);
  if (names > 0) bytes += bytesForRecords(head + NAMES, names);
  return bytes;
}

function need(needs: usize, size: u32): void {
  const at = needs + (<usize>size << 2);
  store<u32>(at, load<u32>(at) + 1);
}

function create(head: usize, labels: usize, length: u32, hash: u64, wanted: u64): u32 {
  const slot = newRecord(head + SERIES, head, hash);
  const series = seriesAt(head, slot);
  const end = labels + length;
  let count: u32 = 0;
  for (let at = labels; at < end; at += pairLength(at, end)) count++;
  const list = takeSlab(head, sizeFor(listBytes(count)));
  store<u32>(list, count);
  let item = list + 4;
  for (let at = labels; at < end; item += 4) {
    const bytes = pairLength(at, end);
    const pair = internPair(head, at, bytes);
    store<u32>(item, pair);
    addPosting(head, recordAt(head + PAIRS, pair), slot);
    at += bytes;
  }
  const ref = wanted == 0 ? load<u64>(head, LAST_REF) + 1 : wanted;
  if (wanted == 0) store<u64>(head, ref, LAST_REF);
  store<u32>(series, <u32>ref, S_REF);
  store<u16>(series, <u16>(ref >>> 32), S_REF_HIGH);
  store<u32>(series, <u32>list, S_LABELS);
  store<i64>(series, i64.MIN_VALUE, S_LAST_TIME);
  store<u8>(series, ALIVE, S_STATE);
  return slot;
}

function internPair(head: usize, bytes: usize, length: u32): u32 {
  const hash = hashOf(bytes, length);
  const found = findRecord(head + PAIRS, head, hash, bytes, length, isPair);
  if (found != 0) return found - 1;
  const number = newRecord(head + PAIRS, head, hash);
  const copy = takeSlab(head, sizeFor(length));
  memory.copy(copy, bytes, length);
  fillPair(recordAt(head + PAIRS, number), copy, length, internName(head, bytes));
  return number;
}

function hasLabels(head: usize, series: usize, labels: usize, length: u32): bool {
  const list = <usize>load<u32>(series, S_LABELS);
  const count = load<u32>(list);
  const end = labels + length;
  let at = labels;
  for (let i: u32 = 1; i <= count; i++) {
    const bytes = pairLength(at, end);
    if (bytes == 0) return false;
    const pair = recordAt(head + PAIRS, load<u32>(list + (<usize>i << 2)));
    if (!isPair(head, pair, at, bytes)) return false;
    at += bytes;
  }
  return at == end;
}

/** The series' labels as they were given; returns their length, or 0 when it is dead or there is no room. */
export function headLabels(head: usize, slot: u32, target: usize, capacity: u32): u32 {
  if (!isAlive(head, slot)) return 0;
  const list = <usize>load<u32>(seriesAt(head, slot), S_LABELS);
  const count = load<u32>(list);
  let at = target;
  for (let i: u32 = 1; i <= count; i++) {
    const pair = recordAt(head + PAIRS, load<u32>(list + (<usize>i << 2)));
    const length = pairLengthOf(pair);
    if (<u32>(at - target) + length > capacity) return 0;
    memory.copy(at, pairBytes(pair), length);
    at += length;
  }
  return <u32>(at - target);
}

// ── death ──

/**
 * A step of forgetting what is before a time, over at most `count` slots from one on. Finished chunks that end before it
 * go; series without samples from it on end: their slots and their handles (float64) are written. Returns how many there
 * are.
 */
export function headTruncate(
  head: usize,
  from: u32,
  count: u32,
  minTime: f64,
  slots: usize,
  handles: usize,
): u32 {
  const time = <i64>minTime;
  const end = min(from + count, recordCount(head + SERIES));
  if (from == 0) {
    store<i64>(head, i64.MAX_VALUE, NEXT_MIN_TIME);
    store<u32>(head, 0xffffffff, NEXT_FILE);
  }
  let dead: u32 = 0;
  for (let slot = from; slot < end; slot++) {
    const series = seriesAt(head, slot);
    if ((load<u8>(series, S_STATE) & ALIVE) == 0) continue;
    if (load<i64>(series, S_LAST_TIME) >= time) {
      const first = trimChunks(head, series, time);
      if (first < load<i64>(head, NEXT_MIN_TIME)) store<i64>(head, first, NEXT_MIN_TIME);
      continue;
    }
    store<u32>(slots + (<usize>dead << 2), slot);
    store<f64>(handles + (<usize>dead << 3), handleOf(series, slot));
    dead++;
    endSeries(head, series, slot);
  }
  return dead;
}

/**
 * After the steps of a truncation: `minTime` is the time of the first sample that the host has, or, if that is later, of
 * the first that there may be. Returns the number of the oldest file that is needed, 0xffffffff if none is.
 */
export function headEndTruncation(head: usize, minTime: f64): u32 {
  store<i64>(head, min(load<i64>(head, NEXT_MIN_TIME), <i64>minTime), MIN_TIME);
  return load<u32>(head, NEXT_FILE);
}

/** Nobody finds the series any more; posting lists name it until they are swept (head-postings.ts). */
function endSeries(head: usize, series: usize, slot: u32): void {
  dropOpen(head, series);
  dropChunks(head, series);
  removeRecord(head + SERIES, slot);
  const list = <usize>load<u32>(series, S_LABELS);
  const count = load<u32>(list);
  for (let i: u32 = 1; i <= count; i++) {
    markDead(recordAt(head + PAIRS, load<u32>(list + (<usize>i << 2))));
  }
  giveSlab(head, sizeFor(listBytes(count)), list);
  store<u8>(series, DEAD | (load<u8>(series, S_STATE) & HISTOGRAM), S_STATE);
}

/** After a whole sweep: the slots of series that were dead before it can be used again. */
export function headRelease(head: usize, slots: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    freeRecord(head + SERIES, load<u32>(slots + (<usize>i << 2)));
  }
}

/**
 * Hash tables of the head, from a hash to the number of a record. Open addressing; a table that fills up is
 * followed by another, into which sixteen entries move with each insertion, so that nobody waits for all of them.
 *
 *   table: u32 entries │ mask │ used │ old entries │ old mask │ next to move │ live │ spare entries
 *          u32 records ever │ first free record + 1 │ log2 of a record's bytes │ free records │ 4096 segments
 *   entry: u32 upper half of the hash │ u32 number of the record + 1, 0 free, 0xffffffff removed
 *
 * Records of a kind have the same size and lie in segments of 4096, which a directory of addresses lists. The
 * first eight bytes of a record are its hash, or, of a free one, four unused bytes and the next free one + 1.
 */
import { takeRegion } from './head-slab';

const ENTRIES: usize = 0;
const MASK: usize = 4;
const USED: usize = 8;
const OLD: usize = 12;
const OLD_MASK: usize = 16;
const MOVE_AT: usize = 20;
const LIVE: usize = 24;
const SPARE: usize = 28;
const COUNT: usize = 32;
const FREE: usize = 36;
const SHIFT: usize = 40;
const FREE_COUNT: usize = 44;
const SEGMENTS: usize = 48;
export const SEGMENTS_MAX: u32 = 4096;
export const TABLE_BYTES: usize = SEGMENTS + 4 * 4096;

const REMOVED: u32 = 0xffffffff;
const FIRST_ENTRIES: u32 = 4096;
const MOVED_AT_ONCE: u32 = 16;

export function initTable(table: usize, shift: u32): void {
  memory.fill(table, 0, TABLE_BYTES);
  store<u32>(table, shift, SHIFT);
}

// @ts-ignore: decorator
@inline
export function recordAt(table: usize, number: u32): usize {
  const segment = <usize>load<u32>(table + SEGMENTS + ((<usize>number >>> 12) << 2));
  return segment + ((<usize>number & 4095) << <usize>load<u32>(table, SHIFT));
}

export function recordCount(table: usize): u32 {
  return load<u32>(table, COUNT);
}

export function liveCount(table: usize): u32 {
  return load<u32>(table, LIVE);
}

/** Most bytes of the region that so many new records can cost. */
export function bytesForRecords(table: usize, count: u32): u32 {
  const filled = load<u32>(table, USED) + count;
  const free = load<u32>(table, FREE_COUNT);
  const ever = load<u32>(table, COUNT);
  const fresh = count > free ? count - free : 0;
  const segments = ((ever + fresh + 4095) >>> 12) - ((ever + 4095) >>> 12);
  const records = segments << (12 + load<u32>(table, SHIFT));
  return records + (isFull(table, filled) ? nextEntries(table) << 3 : 0);
}

/** A new record with this hash, its other bytes zero. The caller has made sure of bytesForRecords. */
export function newRecord(table: usize, head: usize, hash: u64): u32 {
  let number = load<u32>(table, FREE);
  if (number != 0) {
    number--;
    store<u32>(table, load<u32>(recordAt(table, number), 4), FREE);
    store<u32>(table, load<u32>(table, FREE_COUNT) - 1, FREE_COUNT);
  } else {
    number = load<u32>(table, COUNT);
    if ((number & 4095) == 0) {
      const segment = takeRegion(head, <u32>4096 << load<u32>(table, SHIFT));
      store<u32>(table + SEGMENTS + ((<usize>number >>> 12) << 2), <u32>segment);
    }
    store<u32>(table, number + 1, COUNT);
  }
  const record = recordAt(table, number);
  memory.fill(record, 0, <usize>1 << <usize>load<u32>(table, SHIFT));
  store<u64>(record, hash);
  insert(table, head, hash, number + 1);
  return number;
}

/** Whether the directory has room for so many records. */
export function hasNumbers(table: usize, count: u32): bool {
  return load<u32>(table, COUNT) + count < SEGMENTS_MAX << 12;
}

/** Takes a record out of the table; its number stays taken until freeRecord. */
export function removeRecord(table: usize, number: u32): void {
  const hash = load<u64>(recordAt(table, number));
  for (let pass: usize = 0; pass < 2; pass++) {
    const entries = <usize>load<u32>(table + (pass == 0 ? ENTRIES : OLD));
    if (entries == 0) continue;
    const mask = load<u32>(table + (pass == 0 ? MASK : OLD_MASK));
    for (let i = <u32>hash & mask; ; i = (i + 1) & mask) {
      const found = load<u32>(entries + (<usize>i << 3), 4);
      if (found == 0) break;
      if (found != number + 1) continue;
      store<u32>(entries + (<usize>i << 3), REMOVED, 4);
      store<u32>(table, load<u32>(table, LIVE) - 1, LIVE);
      return;
    }
  }
}

export function freeRecord(table: usize, number: u32): void {
  store<u32>(recordAt(table, number), load<u32>(table, FREE), 4);
  store<u32>(table, number + 1, FREE);
  store<u32>(table, load<u32>(table, FREE_COUNT) + 1, FREE_COUNT);
}

/** The bytes that a record must stand for to be found; how to compare them differs between tables. */
export type IsRecordOf = (head: usize, record: usize, bytes: usize, length: u32) => bool;

/** The record with this hash that stands for these bytes, its number + 1; 0 if there is none. */
export function findRecord(
  table: usize,
  head: usize,
  hash: u64,
  bytes: usize,
  length: u32,
  isRecordOf: IsRecordOf,
): u32 {
  for (let pass: usize = 0; pass < 2; pass++) {
    const entries = <usize>load<u32>(table + (pass == 0 ? ENTRIES : OLD));
    if (entries == 0) continue;
    const mask = load<u32>(table + (pass == 0 ? MASK : OLD_MASK));
    for (let i = <u32>hash & mask; ; i = (i + 1) & mask) {
      const entry = entries + (<usize>i << 3);
      const number = load<u32>(entry, 4);
      if (number == 0) break;
      if (number == REMOVED || load<u32>(entry) != <u32>(hash >>> 32)) continue;
      const record = recordAt(table, number - 1);
      if (load<u64>(record) == hash && isRecordOf(head, record, bytes, length)) return number;
    }
  }
  return 0;
}

/** At most seven tenths of the entries are taken or removed. */
function isFull(table: usize, filled: u32): bool {
  return load<u32>(table, ENTRIES) == 0 || filled * 10 > (load<u32>(table, MASK) + 1) * 7;
}

/** Twice as many, or, where removed ones fill the table, as many. */
function nextEntries(table: usize): u32 {
  if (load<u32>(table, ENTRIES) == 0) return FIRST_ENTRIES;
  const entries = load<u32>(table, MASK) + 1;
  return load<u32>(table, LIVE) * 2 < entries ? entries : entries * 2;
}

function insert(table: usize, head: usize, hash: u64, number: u32): void {
  if (isFull(table, load<u32>(table, USED) + 1)) follow(table, head);
  if (load<u32>(table, OLD) != 0) move(table, MOVED_AT_ONCE);
  place(table, hash, number);
  store<u32>(table, load<u32>(table, USED) + 1, USED);
  store<u32>(table, load<u32>(table, LIVE) + 1, LIVE);
}

function place(table: usize, hash: u64, number: u32): void {
  const entries = <usize>load<u32>(table, ENTRIES);
  const mask = load<u32>(table, MASK);
  let i = <u32>hash & mask;
  while (load<u32>(entries + (<usize>i << 3), 4) != 0) i = (i + 1) & mask;
  store<u32>(entries + (<usize>i << 3), <u32>(hash >>> 32));
  store<u32>(entries + (<usize>i << 3), number, 4);
}

/** Begins a new table; the one before it becomes the old one, out of which entries move. */
function follow(table: usize, head: usize): void {
  while (load<u32>(table, OLD) != 0) move(table, FIRST_ENTRIES);
  const count = nextEntries(table);
  const old = load<u32>(table, ENTRIES);
  const spare = <usize>load<u32>(table, SPARE);
  const isAsLarge = old != 0 && count == load<u32>(table, MASK) + 1;
  const entries = spare != 0 && isAsLarge ? spare : takeRegion(head, count << 3);
  memory.fill(entries, 0, <usize>count << 3);
  store<u32>(table, old, OLD);
  store<u32>(table, load<u32>(table, MASK), OLD_MASK);
  store<u32>(table, 0, MOVE_AT);
  store<u32>(table, <u32>entries, ENTRIES);
  store<u32>(table, count - 1, MASK);
  store<u32>(table, 0, SPARE);
}

function move(table: usize, most: u32): void {
  const old = <usize>load<u32>(table, OLD);
  const end = load<u32>(table, OLD_MASK) + 1;
  let i = load<u32>(table, MOVE_AT);
  for (let moved: u32 = 0; moved < most && i < end; moved++, i++) {
    const entry = old + (<usize>i << 3);
    const number = load<u32>(entry, 4);
    if (number == 0) continue;
    if (number == REMOVED) {
      store<u32>(table, load<u32>(table, USED) - 1, USED);
      continue;
    }
    place(table, load<u64>(recordAt(table, number - 1)), number);
    store<u32>(entry, REMOVED, 4);
  }
  store<u32>(table, i, MOVE_AT);
  if (i < end) return;
  // A table of the same size takes its place when this one is full of removed entries.
  if (end == load<u32>(table, MASK) + 1) store<u32>(table, <u32>old, SPARE);
  store<u32>(table, 0, OLD);
}

/**
 * What a target's last page looked like, to read its next one against. Targets write the same series in the same order,
 * scrape after scrape: what stands at the cursor is compared with what followed the last time, and nothing of it is
 * parsed again. Only when something else stands there, series are looked up by a hash, and the order is found again.
 *
 * The state of a scan, in u32 words: 0 rows read, 1 rows with slow numbers, 2 type of the family, 3 rows with a time,
 * 4 rows of series that the memory does not know, 5 rows of series that stood in the page before, 6 the entry that is
 * expected next; then the memory: 7 address of its entries, 8 their number, 9 address of its bytes, 10 of one u32 an entry
 * that says where it was seen (line: offset + 1, series: row + 1, 0: not yet), 11 of the slots of the index (0: none was
 * made), 12 the number of slots less one (a power of two), 13 whether a scan stopped because it needs the index, 14 how many
 * entries were not found where they were expected.
 *
 * An entry is u32 its offset in the bytes and u32 its length << 5 | type << 2 | whether it sets the type << 1 | whether it is a line. A line (or
 * several) holds no sample: HELP, TYPE, UNIT, comments. Everything else is a series, `name{label="value",…}`.
 */
export const ROWS: usize = 0;
export const SLOW: usize = 4;
export const TYPE: usize = 8;
export const TIMED: usize = 12;
export const FRESH: usize = 16;
export const REPEATED: usize = 20;
const EXPECTED: usize = 24;
const ENTRIES: usize = 28;
const ENTRY_COUNT: usize = 32;
const BYTES: usize = 36;
const SEEN: usize = 40;
const SLOTS: usize = 44;
const SLOT_MASK: usize = 48;
const WANTS_INDEX: usize = 52;
const MOVED: usize = 56;

/** A series or line that is not in the memory. */
export const UNKNOWN: u32 = 0xffffffff;
/** It may be in the memory, but there is no index yet. */
export const NEEDS_INDEX: u32 = 0xfffffffe;

const LINE: u32 = 1;
const SETS_TYPE: u32 = 2;
const BRACE_CLOSE: u32 = 0x7d;

/** Whether the expected entry stands here; `end` is the page's. Its length is `expectedLength`. */
export function standsExpected(state: usize, cursor: usize, end: usize): bool {
  const entry = load<u32>(state, EXPECTED);
  if (entry >= load<u32>(state, ENTRY_COUNT)) return false;
  const record = <usize>load<u32>(state, ENTRIES) + (<usize>entry << 3);
  const length: usize = load<u32>(record, 4) >>> 5;
  if (cursor + length > end) return false;
  const known = <usize>load<u32>(state, BYTES) + load<u32>(record);
  if (!equalBytes(cursor, known, length)) return false;
  return isLineEntry(record) || endsSeries(cursor + length);
}

/** Whether the expected entry is this series, whose end is known. */
export function standsSeries(state: usize, address: usize, length: u32): bool {
  const entry = load<u32>(state, EXPECTED);
  if (entry >= load<u32>(state, ENTRY_COUNT)) return false;
  const record = expectedRecord(state);
  const packed = load<u32>(record, 4);
  if (packed >>> 5 != length || (packed & LINE) != 0) return false;
  return equalBytes(address, <usize>load<u32>(state, BYTES) + load<u32>(record), length);
}

export function expectedLength(state: usize): usize {
  return load<u32>(expectedRecord(state), 4) >>> 5;
}

export function expectsLine(state: usize): bool {
  return isLineEntry(expectedRecord(state));
}

/** Takes the expected line, which ends with its newline. */
export function takeLine(state: usize, offset: u32): void {
  const entry = load<u32>(state, EXPECTED);
  markSeen(state, entry, offset);
  const packed = load<u32>(expectedRecord(state), 4);
  if ((packed & SETS_TYPE) != 0) store<u32>(state, (packed >>> 2) & 7, TYPE);
  store<u32>(state, entry + 1, EXPECTED);
}

/** Takes the expected series for a row; false when the page had it before. */
export function takeSeries(state: usize, row: u32): bool {
  const entry = load<u32>(state, EXPECTED);
  store<u32>(state, entry + 1, EXPECTED);
  return markSeen(state, entry, row);
}

export function expectedEntry(state: usize): u32 {
  return load<u32>(state, EXPECTED);
}

/** Finds a series (or line) by its bytes and expects it, so that it can be taken; or UNKNOWN or NEEDS_INDEX. */
export function lookUp(state: usize, address: usize, length: u32): u32 {
  if (load<u32>(state, ENTRY_COUNT) == 0) return UNKNOWN;
  const slots = <usize>load<u32>(state, SLOTS);
  if (slots == 0) {
    store<u32>(state, 1, WANTS_INDEX);
    return NEEDS_INDEX;
  }
  const mask = load<u32>(state, SLOT_MASK);
  const bytes = <usize>load<u32>(state, BYTES);
  let slot = hashBytes(address, length) & mask;
  while (true) {
    const found = load<u32>(slots + (<usize>slot << 2));
    if (found == 0) return UNKNOWN;
    const record = <usize>load<u32>(state, ENTRIES) + (<usize>(found - 1) << 3);
    const isSame = load<u32>(record, 4) >>> 5 == length;
    if (isSame && equalBytes(address, bytes + load<u32>(record), length)) {
      store<u32>(state, found - 1, EXPECTED);
      store<u32>(state, load<u32>(state, MOVED) + 1, MOVED);
      return found - 1;
    }
    slot = (slot + 1) & mask;
  }
}

/** Fills the slots, which the state names, with all entries. Of equal lines the first one counts. */
export function expositionIndex(state: usize): void {
  const slots = <usize>load<u32>(state, SLOTS);
  const mask = load<u32>(state, SLOT_MASK);
  const count = load<u32>(state, ENTRY_COUNT);
  const bytes = <usize>load<u32>(state, BYTES);
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  for (let entry: u32 = 0; entry < count; entry++) {
    const record = <usize>load<u32>(state, ENTRIES) + (<usize>entry << 3);
    const length = load<u32>(record, 4) >>> 5;
    let slot = hashBytes(bytes + load<u32>(record), length) & mask;
    while (load<u32>(slots + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask;
    store<u32>(slots + (<usize>slot << 2), entry + 1);
  }
  store<u32>(state, 0, WANTS_INDEX);
}

/** Number of newlines of [start, end); 16 bytes after the end may be read. */
export function expositionLines(start: usize, end: usize): u32 {
  const newlines = i8x16.splat(0x0a);
  let count: u32 = 0;
  for (; start + 16 <= end; start += 16) {
    count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(start), newlines)));
  }
  const rest = <u32>(end - start);
  const found = i8x16.bitmask(i8x16.eq(v128.load(start), newlines));
  return count + popcnt(found & ((1 << rest) - 1));
}

function expectedRecord(state: usize): usize {
  return <usize>load<u32>(state, ENTRIES) + (<usize>load<u32>(state, EXPECTED) << 3);
}

function isLineEntry(record: usize): bool {
  return (load<u32>(record, 4) & LINE) != 0;
}

function markSeen(state: usize, entry: u32, at: u32): bool {
  const place = <usize>load<u32>(state, SEEN) + (<usize>entry << 2);
  const isFirst = load<u32>(place) == 0;
  if (isFirst) store<u32>(place, at + 1);
  return isFirst;
}

/** A bare name must not go on: neither as a name nor with labels. */
function endsSeries(end: usize): bool {
  if (load<u8>(end - 1) == BRACE_CLOSE) return true;
  const byte: u32 = load<u8>(end);
  return byte == 0x20 || byte == 0x09;
}

/** 16 bytes after both texts may be read. */
function equalBytes(a: usize, b: usize, length: usize): bool {
  const end = a + length;
  for (; a + 16 <= end; a += 16, b += 16) {
    if (i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b))) != 0xffff) return false;
  }
  const rest = (1 << <u32>(end - a)) - 1;
  return (i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b))) & rest) == rest;
}

/** Two lanes of multiply and rotate over words of eight bytes; the last word is masked. */
function hashBytes(address: usize, length: u32): u32 {
  const end = address + length;
  let a: u64 = 0x9e3779b97f4a7c15 ^ length;
  let b: u64 = 0xc2b2ae3d27d4eb4f;
  while (address + 16 <= end) {
    a = rotl((a ^ load<u64>(address)) * 0x9fb21c651e98df25, 31);
    b = rotl((b ^ load<u64>(address, 8)) * 0xd6e8feb86659fd93, 29);
    address += 16;
  }
  if (address + 8 <= end) {
    a = rotl((a ^ load<u64>(address)) * 0x9fb21c651e98df25, 31);
    address += 8;
  }
  const rest = <u64>(end - address) << 3;
  if (rest != 0) b = (b ^ (load<u64>(address) << (64 - rest))) * 0xd6e8feb86659fd93;
  a = (a ^ (b >>> 29)) * 0x9fb21c651e98df25 + b;
  return <u32>(a ^ (a >>> 32));
}

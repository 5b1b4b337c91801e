/**
 * CRC-32C (Castagnoli), sixteen bytes a step by sixteen tables of 256 words. The tables are static memory,
 * filled at the first use; nothing else outlives a call.
 */

const POLYNOMIAL: u32 = 0x82f63b78;
const TABLES: usize = memory.data(16 * 1024, 16);
const ROW_BYTES: usize = 16;

/** CRC of the bytes, continued from `crc` (0 at the start). */
export function crc32c(address: usize, length: u32, crc: u32): u32 {
  if (load<u32>(TABLES, 4) == 0) fillTables();
  crc = ~crc;
  const end = address + length;
  const blocks = address + (length & ~15);
  while (address < blocks) {
    const a = crc ^ load<u32>(address);
    const b = load<u32>(address, 4);
    const c = load<u32>(address, 8);
    const d = load<u32>(address, 12);
    crc = word(a, 15) ^ word(b, 11) ^ word(c, 7) ^ word(d, 3);
    address += 16;
  }
  while (address < end) {
    crc = look(0, (crc ^ load<u8>(address)) & 255) ^ (crc >>> 8);
    address++;
  }
  return ~crc;
}

/**
 * Two CRCs of the same bytes, each continued from another one: the first in the upper half of the result. It takes little
 * longer than one, since their steps do not wait for each other.
 */
export function crc32cTwice(address: usize, length: u32, first: u32, second: u32): u64 {
  if (load<u32>(TABLES, 4) == 0) fillTables();
  first = ~first;
  second = ~second;
  const end = address + length;
  const blocks = address + (length & ~15);
  while (address < blocks) {
    const b = load<u32>(address, 4);
    const c = load<u32>(address, 8);
    const d = load<u32>(address, 12);
    const rest = word(b, 11) ^ word(c, 7) ^ word(d, 3);
    const a = load<u32>(address);
    first = word(first ^ a, 15) ^ rest;
    second = word(second ^ a, 15) ^ rest;
    address += 16;
  }
  while (address < end) {
    const byte = load<u8>(address);
    first = look(0, (first ^ byte) & 255) ^ (first >>> 8);
    second = look(0, (second ^ byte) & 255) ^ (second >>> 8);
    address++;
  }
  return ((<u64>~first) << 32) | <u64>~second;
}

/**
 * Checks chunks that lie as in a segment file: an encoding byte before the data, the CRC of both after it,
 * big endian. Returns the number of the first row of the chunk table that fails, or `count`.
 */
export function chunkCrcs(table: usize, count: u32): u32 {
  for (let row: u32 = 0; row < count; row++) {
    const entry = table + <usize>row * ROW_BYTES;
    const data = <usize>load<u32>(entry);
    const length = load<u32>(entry, 4);
    if (crc32c(data - 1, length + 1, 0) != bswap<u32>(load<u32>(data + length))) return row;
  }
  return count;
}

// @ts-ignore: decorator
@inline
function look(table: usize, byte: u32): u32 {
  return load<u32>(TABLES + (table << 10) + (<usize>byte << 2));
}

/** Four bytes through the tables `first`, `first` − 1, … */
// @ts-ignore: decorator
@inline
function word(bits: u32, first: usize): u32 {
  return (
    look(first, bits & 255) ^
    look(first - 1, (bits >>> 8) & 255) ^
    look(first - 2, (bits >>> 16) & 255) ^
    look(first - 3, bits >>> 24)
  );
}

function fillTables(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let crc = i;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    store<u32>(TABLES + (<usize>i << 2), crc);
  }
  for (let table: usize = 1; table < 16; table++) {
    for (let i: u32 = 0; i < 256; i++) {
      const before = look(table - 1, i);
      store<u32>(TABLES + (table << 10) + (<usize>i << 2), look(0, before & 255) ^ (before >>> 8));
    }
  }
}

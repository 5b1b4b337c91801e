/**
 * Writing a write-ahead log (docs/formats/wal.md): records of float samples from columns, snappy, fragments in pages.
 *
 *   record    u8 type 2 │ u64 ref and i64 time of the first │ per sample: varint ref and time less the first's, u64 value
 *   fragment  u8 type and compression │ u16 length │ u32 CRC-32C of the data │ data
 *   page      32 KiB of fragments; where less than a fragment's head is left, zeros
 */
import { crc32c } from './crc';
import { snappyEncode } from './snappy';

const SAMPLES: u8 = 2;
const PAGE_BYTES: u32 = 32768;
const HEAD_BYTES: u32 = 7;

const FULL: u32 = 1;
const FIRST: u32 = 2;
const MIDDLE: u32 = 3;
const LAST: u32 = 4;

/**
 * Encodes samples of columns (float64 refs, float64 times, value bits) as a record. Needs 17 bytes and 28 a sample;
 * returns the bytes written.
 */
export function walEncodeSamples(
  refs: usize,
  times: usize,
  values: usize,
  count: u32,
  target: usize,
): u32 {
  store<u8>(target, SAMPLES);
  if (count == 0) return 1;
  const firstRef = <i64>load<f64>(refs);
  const firstTime = <i64>load<f64>(times);
  store<i64>(target, bswap(firstRef), 1);
  store<i64>(target, bswap(firstTime), 9);
  let at = target + 17;
  const end = refs + (<usize>count << 3);
  for (; refs < end; refs += 8, times += 8, values += 8) {
    at = putVarint(at, <i64>load<f64>(refs) - firstRef);
    at = putVarint(at, <i64>load<f64>(times) - firstTime);
    store<u64>(at, bswap(load<u64>(values)));
    at += 8;
  }
  return <u32>(at - target);
}

// @ts-ignore: decorator
@inline
function putVarint(at: usize, value: i64): usize {
  let zigzag = (<u64>value << 1) ^ <u64>(value >> 63);
  while (zigzag >= 128) {
    store<u8>(at++, <u8>zigzag | 128);
    zigzag >>>= 7;
  }
  store<u8>(at, <u8>zigzag);
  return at + 1;
}

/**
 * A record as a snappy block with its length. Target needs 72 + length + length / 6, table 32 KiB of scratch. Returns
 * the bytes written, or 0 where they would be no fewer than the record's.
 */
export function walCompress(record: usize, length: u32, target: usize, table: usize): u32 {
  let at = target;
  let rest = length;
  for (; rest >= 128; rest >>>= 7) store<u8>(at++, <u8>rest | 128);
  store<u8>(at++, <u8>rest);
  const size = <u32>(at - target) + snappyEncode(record, length, at, table);
  return size < length ? size : 0;
}

/**
 * Cuts data into fragments that start behind the first `used` bytes of a page. `flags` go into every type. Needs
 * length + 16 bytes and 16 for every page that is begun; returns the bytes written. The end never leaves a page with
 * room for less than a head.
 */
export function walFrame(data: usize, length: u32, flags: u32, target: usize, used: u32): u32 {
  let at = target;
  let rest = length;
  let isFirst = true;
  do {
    const room = PAGE_BYTES - used - HEAD_BYTES;
    const part = min(rest, room);
    const isLast = part == rest;
    const type = isFirst ? (isLast ? FULL : FIRST) : isLast ? LAST : MIDDLE;
    store<u8>(at, <u8>(type | flags));
    store<u16>(at, bswap<u16>(<u16>part), 1);
    store<u32>(at, bswap<u32>(crc32c(data, part, 0)), 3);
    memory.copy(at + HEAD_BYTES, data, part);
    at += HEAD_BYTES + part;
    data += part;
    rest -= part;
    used += HEAD_BYTES + part;
    const left = PAGE_BYTES - used;
    if (left < HEAD_BYTES) {
      memory.fill(at, 0, left);
      at += left;
      used = 0;
    }
    isFirst = false;
  } while (rest > 0);
  return <u32>(at - target);
}

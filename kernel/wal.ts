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
 * The same record as a snappy block (kernel/snappy.ts has the format), made in one pass without a table: where a sample has
 * the time and value of the one before they are a copy of these; the zeros that most values end in are a copy of zeros that
 * came before. Needs 32 bytes and 32 a sample. At `out`: u32 address of the block, u32 length of the record. Returns the
 * length of the block, which may be more than the record's.
 */
export function walEncodeSnappySamples(
  refs: usize,
  times: usize,
  values: usize,
  count: u32,
  target: usize,
  out: usize,
): u32 {
  const firstRef = <i64>load<f64>(refs);
  const firstTime = <i64>load<f64>(times);
  const block = target + 5;
  // The record's first bytes are a literal of their own.
  store<u8>(block, 16 << 2);
  store<u8>(block, SAMPLES, 1);
  store<i64>(block, bswap(firstRef), 2);
  store<i64>(block, bswap(firstTime), 10);
  // Where the block is written, and what must be added for the place in the record.
  let at = block + 18;
  let shift: isize = 17 - <isize>at;
  let tag = at++;
  shift -= 1;
  let zeros: isize = 1;
  let zerosLength: u32 = <u32>(clz(firstRef) >>> 3);
  let beforeTime: i64 = i64.MIN_VALUE;
  let beforeValue: u64 = 0;
  let beforePlace: isize = 0;
  const end = refs + (<usize>count << 3);
  for (; refs < end; refs += 8, times += 8, values += 8) {
    if (<u32>(at - tag) > LITERAL_BYTES_MAX - SAMPLE_BYTES_MAX) {
      store<u8>(tag, <u8>((at - tag - 2) << 2));
      tag = at++;
      shift -= 1;
    }
    const time = <i64>load<f64>(times) - firstTime;
    const value = load<u64>(values);
    at = putVarint(at, <i64>load<f64>(refs) - firstRef);
    const place = <isize>at + shift;
    let copied: u32 = 0;
    let offset: u32 = 0;
    if (time == beforeTime && value == beforeValue) {
      offset = <u32>(place - beforePlace);
      copied = timeBytes(time) + 8;
    } else {
      at = putVarint(at, time);
      store<u64>(at, bswap(value));
      at += 8;
      const length: u32 = value == 0 ? 8 : <u32>(ctz(value) >>> 3);
      if (length >= 4) {
        const own = <isize>at + shift - length;
        const distance = <u32>(own - zeros);
        if (length <= zerosLength && distance < 2048) {
          copied = length;
          offset = distance;
          at -= length;
        }
        if (length >= zerosLength || distance > 1024) {
          zeros = own;
          zerosLength = length;
        }
      }
    }
    beforeTime = time;
    beforeValue = value;
    beforePlace = place;
    if (copied == 0) continue;
    store<u8>(tag, <u8>((at - tag - 2) << 2));
    if (copied < 12) {
      store<u8>(at, <u8>(((offset >>> 8) << 5) | ((copied - 4) << 2) | 1));
      store<u8>(at, <u8>offset, 1);
      at += 2;
      shift += <isize>copied - 2;
    } else {
      store<u8>(at, <u8>(((copied - 1) << 2) | 2));
      store<u16>(at, <u16>offset, 1);
      at += 3;
      shift += <isize>copied - 3;
    }
    tag = at++;
    shift -= 1;
  }
  const length = <u32>(<isize>at + shift);
  // The last literal may be empty.
  if (at - tag > 1) store<u8>(tag, <u8>((at - tag - 2) << 2));
  else at -= 1;
  let start = block;
  for (let size = length; ; size >>>= 7) {
    start--;
    if (size < 128) break;
  }
  store<u32>(out, <u32>start);
  store<u32>(out, length, 4);
  let head = start;
  let rest = length;
  for (; rest >= 128; rest >>>= 7) store<u8>(head++, <u8>rest | 128);
  store<u8>(head, <u8>rest);
  return <u32>(at - start);
}

/** A literal of so many bytes has a tag of one. */
const LITERAL_BYTES_MAX: u32 = 60;
const SAMPLE_BYTES_MAX: u32 = 28;

/** Length of a time's varint. */
function timeBytes(time: i64): u32 {
  let zigzag = (<u64>time << 1) ^ <u64>(time >> 63);
  let length: u32 = 1;
  for (; zigzag >= 128; zigzag >>>= 7) length++;
  return length;
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

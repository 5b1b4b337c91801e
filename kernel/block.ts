/**
 * Writes what a block holds of one series: its chunks as frames of a segment file, its entry in the index. Chunks are rows
 * of u32 address, bytes, encoding, and one word of our own; their times and references rows of three float64: min time, max
 * time, reference. Where the CRC of encoding and data is known, SUMMED is added to the encoding, and the own word is the CRC.
 */
import { crc32c, crc32cTwice } from './crc';

const ROW_BYTES: usize = 16;
const TIMES_BYTES: usize = 24;
const SUMMED: u32 = 256;

/**
 * Writes frames: uvarint length, encoding, data, CRC-32C of encoding and data. The fourth word of each row takes where its
 * frame begins, from the target on. Returns the bytes written.
 */
export function blockFrames(rows: usize, count: u32, target: usize): u32 {
  let at = target;
  for (let i: u32 = 0; i < count; i++) {
    const row = rows + <usize>i * ROW_BYTES;
    const data = <usize>load<u32>(row);
    const length = load<u32>(row, 4);
    const encoding = load<u32>(row, 8);
    const sum = load<u32>(row, 12);
    store<u32>(row, <u32>(at - target), 12);
    at = putUvarint(at, length);
    store<u8>(at, <u8>encoding);
    memory.copy(at + 1, data, length);
    const end = at + 1 + length;
    store<u32>(end, bswap((encoding & SUMMED) != 0 ? sum : crc32c(at, length + 1, 0)));
    at = end + 4;
  }
  return <u32>(at - target);
}

/**
 * Writes the index entry of a series: uvarint length of the body, body, CRC-32C of the body. `scratch` has room for the
 * body: ten bytes a number. Returns the bytes written; 0 where chunks overlap or are not in order.
 */
export function blockEntry(
  labels: usize,
  labelCount: u32,
  times: usize,
  count: u32,
  scratch: usize,
  target: usize,
): u32 {
  let at = putUvarint(scratch, labelCount >> 1);
  for (let i: u32 = 0; i < labelCount; i++) {
    at = putUvarint(at, load<u32>(labels + (<usize>i << 2)));
  }
  at = putUvarint(at, count);
  let lastMax: i64 = 0;
  let lastReference: i64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const row = times + <usize>i * TIMES_BYTES;
    const minTime = <i64>load<f64>(row);
    const maxTime = <i64>load<f64>(row, 8);
    const reference = <i64>load<f64>(row, 16);
    if (maxTime < minTime || (i > 0 && minTime <= lastMax)) return 0;
    at = i == 0 ? putVarint(at, minTime) : putUvarint(at, minTime - lastMax);
    at = putUvarint(at, maxTime - minTime);
    at = i == 0 ? putUvarint(at, reference) : putVarint(at, reference - lastReference);
    lastMax = maxTime;
    lastReference = reference;
  }
  const length = <u32>(at - scratch);
  const body = putUvarint(target, length);
  memory.copy(body, scratch, length);
  store<u32>(body + length, bswap(crc32c(body, length, 0)));
  return <u32>(body + length - target) + 4;
}

/**
 * Finds chunks in entries of chunks_head that lie in this memory. `places` are rows of 32 bytes: u32 file, offset, bytes
 * of the entry, encoding, float64 min and max time. `files` are rows of two u32 for the files from `firstFile` on: address,
 * bytes. Fills rows and times. Returns how many places were done: the next one is not in a loaded file, or is damaged.
 */
export function blockHeadEntries(
  places: usize,
  count: u32,
  files: usize,
  firstFile: u32,
  fileCount: u32,
  rows: usize,
  times: usize,
): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const place = places + (<usize>i << 5);
    const file = load<u32>(place) - firstFile;
    const offset = load<u32>(place, 4);
    const length = load<u32>(place, 8);
    if (file >= fileCount) return i;
    const loaded = files + (<usize>file << 3);
    if (<u64>offset + length > <u64>load<u32>(loaded, 4)) return i;
    const entry = <usize>load<u32>(loaded) + offset;
    const sumAt = entry + length - 4;
    let at = entry + HEAD_BYTES;
    let bytes: u32 = 0;
    for (let shift: u32 = 0; at < sumAt && shift < 32; shift += 7) {
      const byte = <u32>load<u8>(at++);
      bytes |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    if (at + bytes != sumAt) return i;
    const encoding = <u32>load<u8>(entry, HEAD_BYTES - 1) & 127;
    const row = rows + <usize>i * ROW_BYTES;
    // The frame's CRC begins with the encoding, that of the entry with all of its head.
    store<u8>(row, <u8>encoding);
    const framed = crc32c(row, 1, 0);
    const sums = crc32cTwice(at, bytes, crc32c(entry, <u32>(at - entry), 0), framed);
    if (<u32>(sums >> 32) != bswap(load<u32>(sumAt))) return i;
    store<u32>(row, <u32>at);
    store<u32>(row, bytes, 4);
    store<u32>(row, encoding | SUMMED, 8);
    store<u32>(row, <u32>sums, 12);
    const time = times + <usize>i * TIMES_BYTES;
    store<f64>(time, load<f64>(place, 16));
    store<f64>(time, load<f64>(place, 24), 8);
  }
  return count;
}

/** Of an entry: ref, two times, encoding. */
const HEAD_BYTES: usize = 25;

function putUvarint(at: usize, value: u64): usize {
  let rest = value;
  for (; rest >= 128; rest >>>= 7) store<u8>(at++, <u8>rest | 128);
  store<u8>(at, <u8>rest);
  return at + 1;
}

/** Zigzag. */
function putVarint(at: usize, value: i64): usize {
  return putUvarint(at, (<u64>value << 1) ^ <u64>(value >> 63));
}

/**
 * Reading a write-ahead log (docs/formats/wal.md): fragments of pages to whole records, records of float samples to
 * columns, records of series to rows. The caller puts pages into memory and says so in a state of 128 bytes:
 *
 *    0 next byte of the input   4 its end, zeros behind     8 its start, which is that of a page
 *   12 place for records       16 bytes there              20 its size
 *   24 place for decoded ones  28 its size
 *   32 columns: refs           36 times                    40 values           44 samples there    48 their most
 *   52 fragments of the record 56 flags of its fragments
 *   60 record                  64 its length               68 1: it is to be read before the input goes on
 *   72 bytes needed            76 failure                  80 where in the file the input starts
 *   84 where in the file the last whole record ends       88 where the last record begins
 */
import { crc32c } from './crc';
import { snappyDecode } from './snappy';

const AT: usize = 0;
const END: usize = 4;
const BASE: usize = 8;
const JOINED: usize = 12;
const JOINED_LENGTH: usize = 16;
const JOINED_SIZE: usize = 20;
const DECODED: usize = 24;
const DECODED_SIZE: usize = 28;
const REFS: usize = 32;
const TIMES: usize = 36;
const VALUES: usize = 40;
const COUNT: usize = 44;
const COUNT_MAX: usize = 48;
const FRAGMENTS: usize = 52;
const FLAGS: usize = 56;
const RECORD: usize = 60;
const RECORD_LENGTH: usize = 64;
const IS_PENDING: usize = 68;
const NEEDED: usize = 72;
const FAILURE: usize = 76;
const OFFSET: usize = 80;
const WHOLE: usize = 84;
const BEGUN: usize = 88;

/** What stopped walScan. */
const INPUT_ENDS: u32 = 0;
const OTHER_RECORD: u32 = 1;
const COLUMNS_FULL: u32 = 2;
const CORRUPT: u32 = 3;
const ZSTD_RECORD: u32 = 4;
const JOINED_SMALL: u32 = 5;
const DECODED_SMALL: u32 = 6;
const COLUMNS_SMALL: u32 = 7;

/** Failures; src/tsdb/wal/wal-reader.ts has their texts. */
const BAD_PADDING: u32 = 1;
const BAD_TYPE: u32 = 2;
const BAD_LENGTH: u32 = 3;
const BAD_CRC: u32 = 4;
const BAD_ORDER: u32 = 5;
const BAD_SNAPPY: u32 = 6;
const BAD_SAMPLES: u32 = 7;
const HOLE: u32 = 8;
const TORN: u32 = 9;

const PAGE_MASK: u32 = 32767;
const HEAD_BYTES: u32 = 7;
const SNAPPY: u32 = 8;
const ZSTD: u32 = 16;
const SAMPLES: u8 = 2;
/** Shortest sample: two varints of a byte, the value. */
const SAMPLE_BYTES: u32 = 10;

/**
 * Reads on until the input ends or the host is needed: what the code says is in the state. Float samples are added to
 * the columns.
 */
export function walScan(state: usize): u32 {
  let stop = load<u32>(state, IS_PENDING) == 0 ? nextRecord(state) : OTHER_RECORD;
  while (stop == OTHER_RECORD) {
    const record = <usize>load<u32>(state, RECORD);
    const length = load<u32>(state, RECORD_LENGTH);
    store<u32>(state, 0, IS_PENDING);
    if (length == 0 || load<u8>(record) != SAMPLES) return OTHER_RECORD;
    const most = length / SAMPLE_BYTES;
    const count = load<u32>(state, COUNT);
    if (count + most > load<u32>(state, COUNT_MAX)) {
      store<u32>(state, 1, IS_PENDING);
      store<u32>(state, most, NEEDED);
      return count > 0 ? COLUMNS_FULL : COLUMNS_SMALL;
    }
    if (!readSamples(state, record + 1, record + length)) {
      store<u32>(state, load<u32>(state, BEGUN), WHOLE);
      return fail(state, BAD_SAMPLES);
    }
    stop = nextRecord(state);
  }
  return stop;
}

function fail(state: usize, failure: u32): u32 {
  store<u32>(state, failure, FAILURE);
  return CORRUPT;
}

/** Joins fragments until a record is whole, and decodes it. OTHER_RECORD says that it is there. */
function nextRecord(state: usize): u32 {
  const base = load<u32>(state, BASE);
  const offset = load<u32>(state, OFFSET) - base;
  const end = load<u32>(state, END);
  let at = load<u32>(state, AT);
  while (at < end) {
    // A page whose rest is too short for a head is filled with zeros.
    const left = PAGE_MASK + 1 - ((at - base) & PAGE_MASK);
    if (left < HEAD_BYTES || load<u8>(at) == 0) {
      if (!isZero(at, left)) return fail(state, BAD_PADDING);
      if (load<u32>(state, FRAGMENTS) > 0 && left >= HEAD_BYTES) return fail(state, HOLE);
      at += left;
      store<u32>(state, at, AT);
      continue;
    }
    const head = <u32>load<u8>(at);
    const length = <u32>bswap<u16>(load<u16>(at, 1));
    const type = head & 7;
    const fragments = load<u32>(state, FRAGMENTS);
    // Both compressions at once are none.
    if (type == 0 || type > 4 || head >= (SNAPPY | ZSTD)) return fail(state, BAD_TYPE);
    if (length > left - HEAD_BYTES) return fail(state, BAD_LENGTH);
    if (at + HEAD_BYTES + length > end) return fail(state, TORN);
    const data = <usize>at + HEAD_BYTES;
    if (crc32c(data, length, 0) != bswap<u32>(load<u32>(at, 3))) return fail(state, BAD_CRC);
    if (type <= 2 ? fragments > 0 : fragments == 0) return fail(state, BAD_ORDER);
    if (fragments == 0) {
      store<u32>(state, head & (SNAPPY | ZSTD), FLAGS);
      store<u32>(state, at + offset, BEGUN);
      store<u32>(state, 0, JOINED_LENGTH);
    }
    if (type != 1) {
      const joined = load<u32>(state, JOINED_LENGTH);
      if (joined + length > load<u32>(state, JOINED_SIZE)) {
        store<u32>(state, joined + length, NEEDED);
        return JOINED_SMALL;
      }
      memory.copy(<usize>load<u32>(state, JOINED) + joined, data, length);
      store<u32>(state, joined + length, JOINED_LENGTH);
    }
    const isWhole = type == 1 || type == 4;
    if (isWhole) {
      const record = type == 1 ? data : <usize>load<u32>(state, JOINED);
      const size = type == 1 ? length : load<u32>(state, JOINED_LENGTH);
      const stop = decode(state, record, size);
      // Too little room: the fragment is read again.
      if (stop == DECODED_SMALL) {
        if (type == 4) store<u32>(state, load<u32>(state, JOINED_LENGTH) - length, JOINED_LENGTH);
        return stop;
      }
      if (stop == CORRUPT) return stop;
      store<u32>(state, at + HEAD_BYTES + length, AT);
      store<u32>(state, at + HEAD_BYTES + length + offset, WHOLE);
      store<u32>(state, 0, FRAGMENTS);
      return stop;
    }
    store<u32>(state, fragments + 1, FRAGMENTS);
    at += HEAD_BYTES + length;
    store<u32>(state, at, AT);
  }
  return INPUT_ENDS;
}

/** The record as it was before compression. */
function decode(state: usize, record: usize, length: u32): u32 {
  const flags = load<u32>(state, FLAGS);
  store<u32>(state, <u32>record, RECORD);
  store<u32>(state, length, RECORD_LENGTH);
  if (flags == 0) return OTHER_RECORD;
  if ((flags & SNAPPY) == 0) return ZSTD_RECORD;
  let size: u32 = 0;
  let at = record;
  const end = record + length;
  for (let shift: u32 = 0; ; shift += 7) {
    if (at == end || shift > 28) return fail(state, BAD_SNAPPY);
    const byte = <u32>load<u8>(at++);
    size |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  // Nothing decodes to more than 64 bytes for 3.
  if (<u64>size > <u64>length * 22) return fail(state, BAD_SNAPPY);
  if (size > load<u32>(state, DECODED_SIZE)) {
    store<u32>(state, size, NEEDED);
    return DECODED_SMALL;
  }
  const decoded = <usize>load<u32>(state, DECODED);
  if (snappyDecode(at, <u32>(end - at), decoded, size) == 0) return fail(state, BAD_SNAPPY);
  store<u32>(state, <u32>decoded, RECORD);
  store<u32>(state, size, RECORD_LENGTH);
  return OTHER_RECORD;
}

function isZero(at: usize, length: u32): bool {
  const end = at + length;
  for (; at + 8 <= end; at += 8) if (load<u64>(at) != 0) return false;
  for (; at < end; at++) if (load<u8>(at) != 0) return false;
  return true;
}

// ── samples ──

function readSamples(state: usize, at: usize, end: usize): bool {
  if (at == end) return true;
  if (end - at < 16) return false;
  const firstRef = bswap(load<i64>(at));
  const firstTime = bswap(load<i64>(at, 8));
  at += 16;
  let count = <usize>load<u32>(state, COUNT);
  let refs = <usize>load<u32>(state, REFS) + (count << 3);
  let times = <usize>load<u32>(state, TIMES) + (count << 3);
  let values = <usize>load<u32>(state, VALUES) + (count << 3);
  while (at < end) {
    // The bytes behind the record can be read; what they gave is found out at the end.
    let byte = <u64>load<u8>(at++);
    let zigzag = byte & 127;
    for (let shift: u64 = 7; byte >= 128; shift += 7) {
      if (shift > 63) return false;
      byte = <u64>load<u8>(at++);
      zigzag |= (byte & 127) << shift;
    }
    store<f64>(refs, <f64>(firstRef + unzigzag(zigzag)));
    byte = <u64>load<u8>(at++);
    zigzag = byte & 127;
    for (let shift: u64 = 7; byte >= 128; shift += 7) {
      if (shift > 63) return false;
      byte = <u64>load<u8>(at++);
      zigzag |= (byte & 127) << shift;
    }
    store<f64>(times, <f64>(firstTime + unzigzag(zigzag)));
    if (at + 8 > end) return false;
    store<u64>(values, bswap(load<u64>(at)));
    at += 8;
    refs += 8;
    times += 8;
    values += 8;
    count++;
  }
  store<u32>(state, <u32>count, COUNT);
  return true;
}

// @ts-ignore: decorator
@inline
function unzigzag(bits: u64): i64 {
  return <i64>(bits >>> 1) ^ -(<i64>(bits & 1));
}

/** Drops samples before a time from columns, in place; returns how many are left. */
export function walDropOld(
  refs: usize,
  times: usize,
  values: usize,
  count: u32,
  minTime: f64,
): u32 {
  let kept: usize = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const time = load<f64>(times + (i << 3));
    store<f64>(refs + (kept << 3), load<f64>(refs + (i << 3)));
    store<f64>(times + (kept << 3), time);
    store<u64>(values + (kept << 3), load<u64>(values + (i << 3)));
    kept += <usize>(time >= minTime);
  }
  return <u32>kept;
}

// ── series ──

const ROW_BYTES: usize = 24;

/**
 * Rows of a record of series from `at` (behind its type) to `end`: float64 ref; u32 address and length of the labels as
 * they stand there; u32 address and length of them as a head takes them (u16 length, name, u16 length, value, …), which
 * are put at `texts`: length 0 where they are longer than these have room for, or a text than 65535 bytes. Stops when
 * there is no room for more; the address behind the last row goes to `stop`. Returns the number of rows; none where
 * there are bytes says that the record is malformed.
 */
export function walSeriesRows(
  at: usize,
  end: usize,
  rows: usize,
  rowsMax: u32,
  texts: usize,
  textsSize: u32,
  stop: usize,
): u32 {
  let count: u32 = 0;
  const textsEnd = texts + textsSize;
  store<u32>(stop, <u32>at);
  while (at < end && count < rowsMax) {
    if (end - at < 9) return 0;
    const labels = at + 8;
    const behind = labelsEnd(labels, end);
    if (behind == 0) return 0;
    let length = putTexts(labels, behind, texts, textsEnd);
    if (length == NO_ROOM) {
      if (count > 0) return count;
      length = 0;
    }
    const row = rows + <usize>count * ROW_BYTES;
    store<f64>(row, <f64>bswap(load<u64>(at)));
    store<u32>(row, <u32>labels, 8);
    store<u32>(row, <u32>(behind - labels), 12);
    store<u32>(row, <u32>texts, 16);
    store<u32>(row, length, 20);
    texts += length;
    at = behind;
    count++;
    store<u32>(stop, <u32>at);
  }
  return count;
}

const NO_ROOM: u32 = 0xffffffff;

/** Address behind the labels; 0 when they reach over the end. */
function labelsEnd(at: usize, end: usize): usize {
  let texts = readLength(at, end);
  if (texts > 1 << 20) return 0;
  at = lengthEnd(at);
  for (texts <<= 1; texts > 0; texts--) {
    const length = readLength(at, end);
    if (length == NO_ROOM) return 0;
    at = lengthEnd(at);
    if (<u64>at + length > <u64>end) return 0;
    at += length;
  }
  return at;
}

/** Bytes written; NO_ROOM when there is not enough, 0 for a text too long. */
function putTexts(at: usize, end: usize, target: usize, targetEnd: usize): u32 {
  let to = target;
  for (at = lengthEnd(at); at < end; ) {
    const length = readLength(at, end);
    at = lengthEnd(at);
    if (to + length + 2 > targetEnd) return NO_ROOM;
    if (length > 65535) return 0;
    store<u16>(to, <u16>length);
    memory.copy(to + 2, at, length);
    to += 2 + length;
    at += length;
  }
  return <u32>(to - target);
}

/** A uvarint; NO_ROOM when it is not one below 2^28. */
function readLength(at: usize, end: usize): u32 {
  let value: u32 = 0;
  for (let shift: u32 = 0; shift < 28; shift += 7) {
    if (at >= end) return NO_ROOM;
    const byte = <u32>load<u8>(at++);
    value |= (byte & 127) << shift;
    if (byte < 128) return value;
  }
  return NO_ROOM;
}

function lengthEnd(at: usize): usize {
  while (load<u8>(at) >= 128) at++;
  return at + 1;
}

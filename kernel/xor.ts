/**
 * Decoder of XOR chunks (encoding 1, docs/formats/chunks.md): one call a series, from the chunks' bytes to two
 * columns. A chunk is copied once in the reverse order of its bytes (16 a SIMD shuffle); then one load and one shift
 * give the bits from any position on. Two chunks in one loop are no faster: registers, not latencies, are the limit.
 *
 * A chunk table has rows of four u32: address of the data, bytes of data, encoding, number of samples.
 */

const ROW_BYTES: usize = 16;

/** Codes of xorDecode; src/chunk/xor.ts names them. */
const GOOD: u32 = 0;
const TRUNCATED: u32 = 1;
const BAD_VARINT: u32 = 2;
const BAD_WINDOW: u32 = 3;
const BAD_TIME: u32 = 4;
const OVERLAP: u32 = 5;

/** Timestamps lie within ±2^53 ms and are less than 2^45 ms (1,100 years) apart: no sum overflows. */
const TIME_MAX: i64 = 1 << 53;
const DELTA_MAX: u64 = 1 << 45;

/** What may be read behind a chunk before its end is noticed, and the rest of a vector. */
const SLACK_BYTES: usize = 64;

const SECOND_BIT: u64 = 0x4000000000000000;
const THIRD_BIT: u64 = 0x2000000000000000;
const FOURTH_BIT: u64 = 0x1000000000000000;

/**
 * Decodes all chunks of the table, one after another, into float64 times and values (bits as stored).
 * `scratch` has room for the longest chunk's bytes and 64 more. `failure` takes two u32: the row and the
 * bit (from the start of its data) at which decoding stopped. Returns 0 or one of the codes above.
 */
export function xorDecode(
  table: usize,
  count: u32,
  times: usize,
  values: usize,
  scratch: usize,
  failure: usize,
): u32 {
  let last: f64 = -Infinity;
  for (let row: u32 = 0; row < count; row++) {
    const entry = table + <usize>row * ROW_BYTES;
    const samples = load<u32>(entry, 12);
    if (samples == 0) continue;
    const outcome = decodeChunk(load<u32>(entry), load<u32>(entry, 4), samples, times, values, scratch);
    let code = <u32>(outcome >>> 32);
    if (code == GOOD && load<f64>(times) <= last) code = OVERLAP;
    if (code != GOOD) {
      store<u32>(failure, row);
      store<u32>(failure, <u32>outcome, 4);
      return code;
    }
    times += <usize>samples << 3;
    values += <usize>samples << 3;
    last = load<f64>(times - 8);
  }
  return GOOD;
}

// @ts-ignore: decorator
@inline
function failed(code: u32, bit: u32): u64 {
  return (<u64>code << 32) | <u64>bit;
}

/** At least 57 bits from a bit position on, the first one highest; the rest is 0. `top` is 7 below the first byte. */
// @ts-ignore: decorator
@inline
function peek(top: usize, bit: u32): u64 {
  return load<u64>(top - (bit >>> 3)) << <u64>(bit & 7);
}

/** All 64 bits. */
// @ts-ignore: decorator
@inline
function peekAll(top: usize, bit: u32): u64 {
  return peek(top, bit) | (<u64>load<u8>(top - (bit >>> 3) - 1) >>> <u64>(8 - (bit & 7)));
}

/** Reverses the order of all bytes; returns where peek expects the first one: eight bytes load as one number. */
function reverseBytes(from: usize, length: u32, scratch: usize): usize {
  const order = i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const end = from + length;
  const top = scratch + SLACK_BYTES + length;
  let to = top - 16;
  while (from < end) {
    v128.store(to, i8x16.swizzle(v128.load(from), order));
    from += 16;
    to -= 16;
  }
  return top - 8;
}

/** Length in bytes of the varint at a bit position that is a multiple of 8; 0 if it is longer than 10. */
function varintBytes(top: usize, bit: u32): u32 {
  for (let i: u32 = 1; i <= 10; i++) {
    if (<i64>peek(top, bit + (i - 1) * 8) >= 0) return i;
  }
  return 0;
}

function varint(top: usize, bit: u32, bytes: u32): u64 {
  let result: u64 = 0;
  for (let i: u32 = 0; i < bytes; i++) {
    result |= ((peek(top, bit + i * 8) >>> 56) & 127) << <u64>(7 * i);
  }
  return result;
}

/** Code in the upper half, bit position in the lower. */
function decodeChunk(
  data: usize,
  length: u32,
  samples: u32,
  times: usize,
  values: usize,
  scratch: usize,
): u64 {
  const top = reverseBytes(data, length, scratch);
  const end = length << 3;
  let bit: u32 = 16;

  let bytes = varintBytes(top, bit);
  if (bytes == 0) return failed(BAD_VARINT, bit);
  const zigzag = varint(top, bit, bytes);
  let time = <i64>(zigzag >>> 1) ^ -(<i64>(zigzag & 1));
  bit += bytes << 3;
  let value = peekAll(top, bit);
  bit += 64;
  if (bit > end) return failed(TRUNCATED, bit);
  if (time < -TIME_MAX || time > TIME_MAX) return failed(BAD_TIME, 16);
  store<f64>(times, <f64>time);
  store<u64>(values, value);
  if (samples == 1) return failed(GOOD, bit);

  bytes = varintBytes(top, bit);
  if (bytes == 0) return failed(BAD_VARINT, bit);
  let delta = <i64>varint(top, bit, bytes);
  if (<u64>(delta - 1) >= DELTA_MAX) return failed(BAD_TIME, bit);
  bit += bytes << 3;
  time += delta;

  // The window of significant bits: none yet means all 64.
  let size: u32 = 64;
  let unused: u64 = 0;
  let trailing: u64 = 0;
  const lastValue = values + (<usize>(samples - 1) << 3);
  let window = peek(top, bit);
  for (;;) {
    // Here at least 33 bits of the window are valid.
    if (<i64>window < 0) {
      if (window & SECOND_BIT) {
        size = <u32>(((((window << 7) >>> 58) - 1) & 63) + 1);
        unused = <u64>(64 - size);
        trailing = unused - ((window << 2) >>> 59);
        if (<i64>trailing < 0) return failed(BAD_WINDOW, bit);
        bit += 13;
        window <<= 13;
        if (size > 20) window = size > 57 ? peekAll(top, bit) : peek(top, bit);
      } else {
        bit += 2;
        window <<= 2;
        if (size > 31) window = size > 57 ? peekAll(top, bit) : peek(top, bit);
      }
      value ^= (window >>> unused) << trailing;
      bit += size;
    } else bit += 1;
    times += 8;
    values += 8;
    store<f64>(times, <f64>time);
    store<u64>(values, value);
    if (bit > end) return failed(TRUNCATED, bit);
    if (values >= lastValue) break;

    window = peek(top, bit);
    if (<i64>window >= 0) {
      bit += 1;
      window <<= 1;
    } else {
      if (!(window & SECOND_BIT)) {
        const change = <i64>((window << 2) >>> 50);
        delta += change - (<i64>(change > 8192) << 14);
        bit += 16;
        window <<= 16;
      } else if (!(window & THIRD_BIT)) {
        const change = <i64>((window << 3) >>> 47);
        delta += change - (<i64>(change > 65536) << 17);
        bit += 20;
        window <<= 20;
      } else if (!(window & FOURTH_BIT)) {
        const change = <i64>((window << 4) >>> 44);
        delta += change - (<i64>(change > 524288) << 20);
        bit += 24;
        window <<= 24;
      } else {
        bit += 4;
        delta += <i64>peekAll(top, bit);
        bit += 64;
        window = peek(top, bit);
      }
      if (<u64>(delta - 1) >= DELTA_MAX) return failed(BAD_TIME, bit);
    }
    time += delta;
  }
  return time > TIME_MAX ? failed(BAD_TIME, bit) : failed(GOOD, bit);
}

/**
 * Reads the sample lines of the Prometheus text format and of OpenMetrics: from the bytes of a page to columns, with
 * no JavaScript object a sample. It takes the plain lines that pages consist of; at anything else (comments, quoted
 * names, exemplars, odd blanks, mistakes) it stops before the line and leaves it to the host, whose reader knows the
 * whole grammar. What it takes is therefore exactly what Prometheus' lexer would take, and its errors are the host's.
 *
 * Columns for C samples at one address: C hashes (u64), C times (f64, ms), C values (f64 bits), then as u32 C offsets
 * and C lengths of the series' bytes, and C flags.
 */

/** Flags of a sample. A slow number holds (u32 offset, u32 length) of its text, which the host converts. */
const HAS_TIME: u32 = 1;
const SLOW_VALUE: u32 = 2;
const SLOW_TIME: u32 = 4;

/** Options of a scan; above them, from bit 8, what is or-ed into the flags of each sample. */
const OPEN_METRICS: u32 = 1;
const IS_UTF8: u32 = 2;

const NEWLINE: u32 = 0x0a;
const TAB: u32 = 0x09;
const BLANK: u32 = 0x20;
const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;
const BRACE_OPEN: u32 = 0x7b;
const BRACE_CLOSE: u32 = 0x7d;

/** Every natural number up to here is a double. */
const EXACT_MAX: u64 = 1 << 53;
const NORMAL_NAN: u64 = 0x7ff8000000000001;

/** 10^0 … 10^22, the powers that are doubles themselves. */
const POWERS: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]);

/**
 * Reads lines from `cursor` on. The byte at `end` is a newline that is not part of the page; 16 bytes after it may be
 * read. `state` holds u32 the number of samples so far (read and raised) and u32 the number of slow ones (raised).
 * Offsets count from `base`. Returns where it stopped: `end`, a line for the host, or any line when columns are full.
 */
export function expositionScan(
  cursor: usize,
  end: usize,
  base: usize,
  columns: usize,
  capacity: u32,
  state: usize,
  options: u32,
): usize {
  const isOpen = (options & OPEN_METRICS) != 0;
  const isUtf8 = (options & IS_UTF8) != 0;
  const wide = <usize>capacity << 3;
  const narrow = <usize>capacity << 2;
  let row = load<u32>(state);
  let slow = load<u32>(state, 4);
  while (cursor < end && row < capacity) {
    const seriesEnd = scanSeries(cursor, isOpen, isUtf8);
    if (seriesEnd == 0) break;
    const times = columns + wide + (<usize>row << 3);
    const values = times + wide;
    let flags = options >>> 8;
    const number = scanNumber(afterBlanks(seriesEnd, isOpen), values, base);
    if (number == 0) break;
    flags |= slowBit(number) * SLOW_VALUE;
    let place = <usize>number;
    if (load<u8>(place) != NEWLINE) {
      const time = isOpen ? scanSeconds(place, times, base) : scanMilliseconds(place, times);
      if (time == 0) break;
      flags |= slowBit(time) * SLOW_TIME | hasTimeBit(time);
      place = <usize>time;
    }
    if (load<u8>(place) != NEWLINE || place >= end) break;
    store<u64>(columns + (<usize>row << 3), hashBytes(cursor, <u32>(seriesEnd - cursor)));
    const words = columns + wide * 3 + (<usize>row << 2);
    store<u32>(words, <u32>(cursor - base));
    store<u32>(words + narrow, <u32>(seriesEnd - cursor));
    store<u32>(words + narrow * 2, flags);
    slow += <u32>((flags & (SLOW_VALUE | SLOW_TIME)) != 0);
    row++;
    cursor = place + 1;
  }
  store<u32>(state, row);
  store<u32>(state, slow, 4);
  return cursor;
}

/** Writes the hash (u64) of a series' bytes, as the scan does it. */
export function expositionHash(address: usize, length: u32, target: usize): void {
  store<u64>(target, hashBytes(address, length));
}

/** End of a series that begins here, `name` or `name{label="value",…}`; 0 where the host must look. */
function scanSeries(cursor: usize, isOpen: bool, isUtf8: bool): usize {
  let byte: u32 = load<u8>(cursor);
  if (!isLetter(byte) && byte != 0x3a) return 0;
  do byte = load<u8>(++cursor);
  while (isLetter(byte) || isDigit(byte) || byte == 0x3a);
  if (byte != BRACE_OPEN) return cursor;
  cursor++;
  while (true) {
    byte = load<u8>(cursor);
    if (byte == BRACE_CLOSE) return cursor + 1;
    if (byte == BLANK && !isOpen) {
      cursor++;
      continue;
    }
    if (!isLetter(byte)) return 0;
    do byte = load<u8>(++cursor);
    while (isLetter(byte) || isDigit(byte));
    if (load<u16>(cursor) != 0x223d) return 0; // ="
    cursor = scanQuoted(cursor + 2, isUtf8);
    if (cursor == 0) return 0;
    byte = load<u8>(cursor);
    if (byte == 0x2c) cursor++;
    else if (byte != BRACE_CLOSE) return 0;
  }
}

/** The byte after the closing quote of a label value; 0 at a raw newline or at bytes that may be no UTF-8. */
function scanQuoted(cursor: usize, isUtf8: bool): usize {
  const quotes = i8x16.splat(<i8>QUOTE);
  const backslashes = i8x16.splat(<i8>BACKSLASH);
  const newlines = i8x16.splat(<i8>NEWLINE);
  while (true) {
    const bytes = v128.load(cursor);
    const special = v128.or(
      v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)),
      isUtf8 ? i8x16.eq(bytes, newlines) : v128.or(i8x16.eq(bytes, newlines), bytes),
    );
    const found = i8x16.bitmask(special);
    if (found == 0) {
      cursor += 16;
      continue;
    }
    cursor += <usize>ctz(found);
    const byte: u32 = load<u8>(cursor);
    if (byte == QUOTE) return cursor + 1;
    if (byte != BACKSLASH) return 0;
    const escaped: u32 = load<u8>(cursor, 1);
    if (escaped == NEWLINE || escaped >= 0x80) return 0;
    cursor += 2;
  }
}

/** OpenMetrics has exactly one blank between what stands on a line, the text format any number of blanks and tabs. */
function afterBlanks(cursor: usize, isOpen: bool): usize {
  if (!isOpen) return skipBlanks(cursor);
  return load<u8>(cursor) == BLANK ? cursor + 1 : 0;
}

function skipBlanks(cursor: usize): usize {
  let byte: u32 = load<u8>(cursor);
  while (byte == BLANK || byte == TAB) byte = load<u8>(++cursor);
  return cursor;
}

/**
 * Reads a decimal number, NaN or an infinity into `target`. Returns the address after it, with SLOW set when the text
 * is a number but needs more than one exact operation: then `target` holds its offset from `base` and its length.
 * 0 for everything else, and for address 0. An exact whole number times or through an exact power of ten is rounded
 * once, so it is the nearest double.
 */
function scanNumber(start: usize, target: usize, base: usize): u64 {
  if (start == 0) return 0;
  let cursor = start;
  let byte: u32 = load<u8>(cursor);
  const isNegative = byte == 0x2d;
  if (isNegative || byte == 0x2b) byte = load<u8>(++cursor);
  if (!isDigit(byte) && byte != 0x2e) return scanSpecial(cursor, start, target);
  let digits: u64 = 0;
  let significant: i32 = 0;
  let seen: i32 = 0;
  let exponent: i32 = 0;
  let afterPoint = false;
  while (true) {
    if (isDigit(byte)) {
      digits = digits * 10 + (byte - 0x30);
      significant += <i32>(significant != 0 || byte != 0x30);
      exponent -= <i32>afterPoint;
      seen++;
    } else if (byte == 0x2e && !afterPoint) {
      afterPoint = true;
    } else break;
    byte = load<u8>(++cursor);
  }
  if (seen == 0) return 0;
  if ((byte | 0x20) == 0x65) {
    byte = load<u8>(++cursor);
    const isBelow = byte == 0x2d;
    if (isBelow || byte == 0x2b) byte = load<u8>(++cursor);
    if (!isDigit(byte)) return 0;
    let power: i32 = 0;
    while (isDigit(byte)) {
      if (power < 100000) power = power * 10 + <i32>(byte - 0x30);
      byte = load<u8>(++cursor);
    }
    exponent += isBelow ? -power : power;
  }
  if (!endsWord(byte)) return 0;
  if (significant > 19 || digits > EXACT_MAX || exponent < -22 || exponent > 22) {
    if (significant != 0) {
      store<u32>(target, <u32>(start - base));
      store<u32>(target, <u32>(cursor - start), 4);
      return <u64>cursor | SLOW;
    }
    exponent = 0;
  }
  const whole = <f64>digits;
  const scale = load<f64>(POWERS + (<usize>abs(exponent) << 3));
  const value = exponent < 0 ? whole / scale : whole * scale;
  store<f64>(target, isNegative ? -value : value);
  return <u64>cursor;
}

/** `NaN` and `Inf` as every client writes them; other spellings are the host's. */
function scanSpecial(cursor: usize, start: usize, target: usize): u64 {
  if (!endsWord(load<u8>(cursor, 3))) return 0;
  const word = load<u16>(cursor) | (<u32>load<u8>(cursor, 2) << 16);
  if (word == 0x4e614e && cursor == start) store<u64>(target, NORMAL_NAN);
  else if (word == 0x666e49) store<f64>(target, load<u8>(start) == 0x2d ? -Infinity : Infinity);
  else return 0;
  return <u64>(cursor + 3);
}

/** A time of OpenMetrics: a blank, then seconds; `times` takes whole milliseconds. */
function scanSeconds(cursor: usize, times: usize, base: usize): u64 {
  const number = scanNumber(afterBlanks(cursor, true), times, base);
  if (number == 0) return 0;
  if (slowBit(number) == 0) {
    const time = trunc(load<f64>(times) * 1000);
    if (!(abs(time) <= <f64>EXACT_MAX)) return 0;
    store<f64>(times, time);
  }
  return number | WITH_TIME;
}

/** A time of the text format: blanks, digits, blanks. Without digits it is just the end of the line. */
function scanMilliseconds(cursor: usize, times: usize): u64 {
  cursor = skipBlanks(cursor);
  const start = cursor;
  let time: u64 = 0;
  let byte: u32 = load<u8>(cursor);
  while (isDigit(byte)) {
    time = time * 10 + (byte - 0x30);
    byte = load<u8>(++cursor);
  }
  if (cursor == start) return <u64>cursor;
  if (cursor - start > 15) return 0;
  store<f64>(times, <f64>time);
  return <u64>skipBlanks(cursor) | WITH_TIME;
}

/** Besides the address, in the low half, the number scanners say this in the high half. */
const SLOW: u64 = 1 << 32;
const WITH_TIME: u64 = 1 << 33;

function slowBit(outcome: u64): u32 {
  return <u32>(outcome >>> 32) & 1;
}

function hasTimeBit(outcome: u64): u32 {
  return (<u32>(outcome >>> 33) & 1) * HAS_TIME;
}

/** A value without a blank, tab or newline after it is longer than what was read. */
function endsWord(byte: u32): bool {
  return byte == NEWLINE || byte == BLANK || byte == TAB;
}

function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26 || byte == 0x5f;
}

/** Two lanes of multiply and rotate over words of eight bytes; the last word is masked. */
function hashBytes(address: usize, length: u32): u64 {
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
  return a ^ (a >>> 32);
}

/**
 * Reads the sample lines of the Prometheus text format and of OpenMetrics: from the bytes of a page to columns, with
 * no JavaScript object a sample. It takes what it knows from the target's last page (exposition-memory.ts) and the plain
 * lines that pages consist of; at anything else (new comments, quoted names, exemplars, odd blanks, mistakes) it stops
 * before the line and leaves it to the host, whose reader knows the whole grammar. What it takes is therefore exactly what
 * Prometheus' lexer would take, and its errors are the host's.
 *
 * Columns for C samples at one address: C times (f64, ms), C values (f64 bits), then as u32 C offsets and C lengths of the
 * series' bytes, C flags, and C entries of the memory (UNKNOWN for a series that it does not hold).
 */
import {
  expectedEntry,
  expectedLength,
  expectsLine,
  FRESH,
  lookUp,
  NEEDS_INDEX,
  REPEATED,
  ROWS,
  SLOW as SLOW_ROWS,
  standsExpected,
  standsSeries,
  takeLine,
  takeSeries,
  TIMED,
  TYPE,
  UNKNOWN,
} from './exposition-memory';

/** Flags of a sample; the type of its family stands from bit 8. A slow number holds (u32 offset, u32 length) of its text. */
const HAS_TIME: u32 = 1;
const SLOW_VALUE: u32 = 2;
const SLOW_TIME: u32 = 4;
const STOOD_BEFORE: u32 = 8;

/** Options of a scan. */
const OPEN_METRICS: u32 = 1;
const IS_UTF8: u32 = 2;

const NEWLINE: u32 = 0x0a;
const TAB: u32 = 0x09;
const BLANK: u32 = 0x20;
const HASH: u32 = 0x23;
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

/** 5^0 … 5^27, the powers of five below 2^64. */
const FIVES: usize = memory.data<u64>([
  1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625,
  1220703125, 6103515625, 30517578125, 152587890625, 762939453125, 3814697265625, 19073486328125,
  95367431640625, 476837158203125, 2384185791015625, 11920928955078125, 59604644775390625,
  298023223876953125, 1490116119384765625, 7450580596923828125,
]);
const FIVES_MAX: i32 = 27;
const LOW_HALF: u64 = 0xffffffff;

/**
 * Reads lines from `cursor` on. The byte at `end` is a newline that is not part of the page; 16 bytes after it may be
 * read. Offsets count from `base`. Returns where it stopped: `end`, a line for the host, a line that needs the memory's
 * index, or any line when columns are full.
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
  let row = load<u32>(state, ROWS);
  while (cursor < end && row < capacity) {
    let seriesEnd: usize;
    let entry: u32;
    if (standsExpected(state, cursor, end)) {
      const length = expectedLength(state);
      if (expectsLine(state)) {
        takeLine(state, <u32>(cursor - base));
        cursor += length;
        continue;
      }
      seriesEnd = cursor + length;
      entry = expectedEntry(state);
    } else if (load<u8>(cursor) == HASH) {
      const line = findLine(cursor, end, base, state);
      if (line == 0) break;
      cursor = line;
      continue;
    } else {
      seriesEnd = scanSeries(cursor, isOpen, isUtf8);
      if (seriesEnd == 0) break;
      entry = lookUp(state, cursor, <u32>(seriesEnd - cursor));
      if (entry == NEEDS_INDEX) break;
    }
    const times = columns + (<usize>row << 3);
    const values = times + wide;
    let flags = load<u32>(state, TYPE) << 8;
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
    const words = columns + wide * 2 + (<usize>row << 2);
    const narrow = wide >>> 1;
    store<u32>(words, <u32>(cursor - base));
    store<u32>(words + narrow, <u32>(seriesEnd - cursor));
    store<u32>(words + narrow * 2, flags);
    enter(state, row, entry, words + narrow * 3, words + narrow * 2);
    row++;
    cursor = place + 1;
  }
  store<u32>(state, row, ROWS);
  return cursor;
}

/** Finds the entries of rows that the host wrote, and counts them; returns the row that needs the index, or `to`. */
export function expositionResolve(
  bytes: usize,
  columns: usize,
  capacity: u32,
  state: usize,
  from: u32,
  to: u32,
): u32 {
  const narrow = <usize>capacity << 2;
  for (let row = from; row < to; row++) {
    const words = columns + narrow * 4 + (<usize>row << 2);
    const address = bytes + load<u32>(words);
    const length = load<u32>(words + narrow);
    let entry: u32;
    if (standsSeries(state, address, length)) entry = expectedEntry(state);
    else entry = lookUp(state, address, length);
    if (entry == NEEDS_INDEX) return row;
    enter(state, row, entry, words + narrow * 3, words + narrow * 2);
  }
  return to;
}

/** Counts a row and takes its entry, which is the expected one unless it is unknown. */
function enter(state: usize, row: u32, entry: u32, entryPlace: usize, flagPlace: usize): void {
  const flags = load<u32>(flagPlace);
  store<u32>(entryPlace, entry);
  if (entry == UNKNOWN) count(state, FRESH);
  else if (!takeSeries(state, row)) {
    store<u32>(flagPlace, flags | STOOD_BEFORE);
    count(state, REPEATED);
  }
  if ((flags & HAS_TIME) != 0) count(state, TIMED);
  if ((flags & (SLOW_VALUE | SLOW_TIME)) != 0) count(state, SLOW_ROWS);
}

function count(state: usize, counter: usize): void {
  store<u32>(state + counter, load<u32>(state + counter) + 1);
}

/** Takes a line of the memory that stands out of order; returns the address after it, 0 when the host must look. */
function findLine(cursor: usize, end: usize, base: usize, state: usize): usize {
  let place = cursor;
  while (load<u8>(place) != NEWLINE) place++;
  if (place >= end) return 0;
  place++;
  const entry = lookUp(state, cursor, <u32>(place - cursor));
  if (entry == UNKNOWN || entry == NEEDS_INDEX) return 0;
  takeLine(state, <u32>(cursor - base));
  return place;
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
    if (significant != 0 && significant <= 19 && exponent < 0 && exponent >= -FIVES_MAX) {
      const value = divide(digits, -exponent);
      store<f64>(target, isNegative ? -value : value);
      return <u64>cursor;
    }
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

/**
 * The double nearest to digits / 10^power, digits not 0: 64 bits of the quotient by 5^power and whether there is a rest
 * tell how to round, and the power of two is exact.
 */
function divide(digits: u64, power: i32): f64 {
  const five = load<u64>(FIVES + (<usize>power << 3));
  const divisor = five << clz(five);
  let high = digits << clz(digits);
  let low: u64 = 0;
  let exponent = <i64>clz(five) - <i64>clz(digits) - power - 64;
  if (high >= divisor) {
    low = high << 63;
    high >>>= 1;
    exponent++;
  }
  // Two digits of 32 bits; the first one is not 0 in its highest bit.
  const first = quotientDigit(high, low >>> 32, divisor);
  const middle = ((high << 32) | (low >>> 32)) - first * divisor;
  const second = quotientDigit(middle, low & LOW_HALF, divisor);
  const rest = ((middle << 32) | (low & LOW_HALF)) - second * divisor;
  const quotient = (first << 32) | second;
  const below = quotient & 0x7ff;
  let mantissa = quotient >>> 11;
  if (below > 0x400 || (below == 0x400 && (rest != 0 || (mantissa & 1) != 0))) mantissa++;
  return <f64>mantissa * reinterpret<f64>((1023 + exponent + 11) << 52);
}

/** A digit of (high, next) / divisor, whose highest bit is set; Knuth's algorithm D. */
function quotientDigit(high: u64, next: u64, divisor: u64): u64 {
  const upper = divisor >>> 32;
  const lower = divisor & LOW_HALF;
  let digit = high / upper;
  let rest = high - digit * upper;
  while (digit > LOW_HALF || digit * lower > ((rest << 32) | next)) {
    digit--;
    rest += upper;
    if (rest > LOW_HALF) break;
  }
  return digit;
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

/*
 * Numbers as text, in the forms of Prometheus' HTTP API.
 *
 * A double becomes the shortest decimal that reads back as the same double, with an exponent of at least two digits
 * below 1e-6 and from 1e21 on, else without; "NaN", "+Inf", "-Inf", "-0". The digits are found after Raffaello
 * Giulietti ("The Schubfach way to render doubles", 2021): the interval of all reals that round to the double c · 2^q is
 * scaled by a power of ten until it is longer than 1 and shorter than 10; what counts is which integers lie in it.
 *
 * Writers return the address after the text and may overwrite up to 16 bytes beyond it.
 */
import { POWERS_OF_TEN } from './powers-of-ten.data';

const LEAST_POWER: i32 = -292;
const SIGN: u64 = 0x8000000000000000;
const MANTISSA: u64 = 0x000fffffffffffff;
const HIDDEN_BIT: u64 = 0x0010000000000000;
const ZEROS: u64 = 0x3030303030303030;
/** What a step's prefix and a value may take together. */
const SLOT_BYTES: usize = 32;

/** Text of one double; returns its length, at most 25. */
export function formatNumber(value: f64, out: usize): u32 {
  return <u32>(writeNumber(value, out) - out);
}

/**
 * For each step a slot of 32 bytes with what stands before its value, and the length in the last byte:
 *
 *   | ,[1700000000.123," | … | 19 |
 */
export function writeStepPrefixes(start: f64, step: f64, steps: u32, slots: usize): void {
  for (let k: u32 = 0; k < steps; k++) {
    const slot = slots + <usize>k * SLOT_BYTES;
    store<u16>(slot, 0x5b2c);
    const end = writeTime(<i64>(start + <f64>k * step), slot + 2);
    store<u16>(end, 0x222c);
    store<u8>(slot + SLOT_BYTES - 1, <u8>(end + 2 - slot));
  }
}

/**
 * Writes `,[time,"value"]` for every step whose presence is 1, with the prefixes of writeStepPrefixes; returns the
 * length. Takes up to 64 bytes a step.
 */
export function writeMatrixValues(
  values: usize,
  present: usize,
  steps: u32,
  slots: usize,
  out: usize,
): u32 {
  let at = out;
  for (let k: u32 = 0; k < steps; k++) {
    if (load<u8>(present + k) != 1) continue;
    const slot = slots + <usize>k * SLOT_BYTES;
    v128.store(at, v128.load(slot));
    v128.store(at, v128.load(slot, 16), 16);
    at = writeNumber(load<f64>(values + (<usize>k << 3)), at + load<u8>(slot + SLOT_BYTES - 1));
    store<u16>(at, 0x5d22);
    at += 2;
  }
  return <u32>(at - out);
}

/** Writes `,[time,"value"]` for every sample of two columns; returns the length. Takes up to 64 bytes a sample. */
export function writeSampleValues(times: usize, values: usize, count: u32, out: usize): u32 {
  let at = out;
  for (let i: u32 = 0; i < count; i++) {
    const index = <usize>i << 3;
    store<u8>(at, 0x2c);
    at = writePointAt(load<f64>(times + index), load<f64>(values + index), at + 1);
  }
  return <u32>(at - out);
}

/** Writes `[time,"value"]`; returns the length, at most 64. */
export function writePoint(time: f64, value: f64, out: usize): u32 {
  return <u32>(writePointAt(time, value, out) - out);
}

function writePointAt(time: f64, value: f64, out: usize): usize {
  store<u8>(out, 0x5b);
  const end = writeTime(<i64>time, out + 1);
  store<u16>(end, 0x222c);
  const after = writeNumber(value, end + 2);
  store<u16>(after, 0x5d22);
  return after + 2;
}

/** Seconds with three decimals, or none when they are zero. */
function writeTime(time: i64, out: usize): usize {
  if (time < 0) {
    store<u8>(out++, 0x2d);
    time = -time;
  }
  const seconds = <u64>time / 1000;
  const rest = <u32>(<u64>time - seconds * 1000);
  out = writeDigits(seconds, countDigits(seconds), out);
  if (rest == 0) return out;
  store<u32>(out, 0x3030302e + ((rest / 100) << 8) + (((rest / 10) % 10) << 16) + ((rest % 10) << 24));
  return out + 4;
}

function writeNumber(value: f64, out: usize): usize {
  let bits = reinterpret<u64>(value);
  if (value != value) {
    store<u32>(out, 0x004e614e);
    return out + 3;
  }
  if (bits == 0x7ff0000000000000) {
    store<u32>(out, 0x666e492b);
    return out + 4;
  }
  if (bits >= SIGN) {
    store<u8>(out++, 0x2d);
    bits ^= SIGN;
    if (bits == 0x7ff0000000000000) {
      store<u32>(out, 0x00666e49);
      return out + 3;
    }
  }
  if (bits == 0) {
    store<u8>(out, 0x30);
    return out + 1;
  }
  const exponent = <i32>(bits >>> 52);
  const mantissa = exponent == 0 ? bits : (bits & MANTISSA) | HIDDEN_BIT;
  const power = max(exponent, 1) - 1075;
  if (power <= 0 && power > -53) {
    const whole = mantissa >>> <u64>-power;
    if (whole << <u64>-power == mantissa) return writeDigits(whole, countDigits(whole), out);
  }
  const isClose = (bits & MANTISSA) == 0 && exponent > 1;
  return writeShortest(mantissa, power, isClose, out);
}

/** @param isClose whether the next double below is only half as far away as the one above. */
function writeShortest(mantissa: u64, power: i32, isClose: bool, out: usize): usize {
  // decimal = floor(log10(2^power)), for a close neighbour of 3/4 of it; shift scales the product to 64 bits.
  const decimal = (power * 1262611 - (isClose ? 524031 : 0)) >> 22;
  const shift = <u64>(power + ((-decimal * 1741647) >> 19) + 1);
  const entry = POWERS_OF_TEN + (<usize>(-decimal - LEAST_POWER) << 4);
  const high = load<u64>(entry);
  const low = load<u64>(entry, 8);
  const isOdd = mantissa & 1;

  // product = g · 4 · mantissa · 2^shift in three limbs of 64 bits; the bounds lie g · 2^(shift + 1) beside it.
  const scaled = mantissa << (shift + 2);
  const bottom = low * scaled;
  const carried = multiplyHigh(low, scaled);
  const middle = high * scaled + carried;
  const top = multiplyHigh(high, scaled) + <u64>(middle < carried);
  const value = top | <u64>(middle > 1);

  const above = shift + 1;
  const aboveBottom = bottom + (low << above);
  const aboveLimb = ((high << above) | (low >>> (64 - above))) + <u64>(aboveBottom < bottom);
  const aboveMiddle = middle + aboveLimb;
  const aboveTop = top + (high >>> (64 - above)) + <u64>(aboveMiddle < middle);
  const upper = (aboveTop | <u64>(aboveMiddle > 1)) - isOdd;

  const below = above - <u64>isClose;
  const belowLimb = ((high << below) | (low >>> (64 - below))) + <u64>(bottom < low << below);
  const belowMiddle = middle - belowLimb;
  const belowTop = top - (high >>> (64 - below)) - <u64>(middle < belowLimb);
  const lower = (belowTop | <u64>(belowMiddle > 1)) + isOdd;

  const quarter = value >>> 2;
  if (quarter >= 10) {
    const tenth = quarter / 10;
    const isDownInside = lower <= tenth * 40;
    const isUpInside = tenth * 40 + 40 <= upper;
    if (isDownInside != isUpInside) {
      return writeStripped(tenth + <u64>isUpInside, decimal + 1, out);
    }
  }
  const isDownInside = lower <= quarter << 2;
  const isUpInside = (quarter << 2) + 4 <= upper;
  const center = (quarter << 2) + 2;
  const isUpNearer = value > center || (value == center && (quarter & 1) != 0);
  const digits = quarter + <u64>(isDownInside != isUpInside ? isUpInside : isUpNearer);
  // Only 9 can have become a multiple of 10 here: the others were tried above.
  return digits == 10 ? writeDecimal(1, decimal + 1, out) : writeDecimal(digits, decimal, out);
}

/** Moves trailing zeros of the digits into the exponent. */
function writeStripped(digits: u64, exponent: i32, out: usize): usize {
  let shorter = digits / 10;
  if (shorter * 10 != digits) return writeDecimal(digits, exponent, out);
  digits = shorter;
  exponent++;
  shorter = digits / 100000000;
  if (shorter * 100000000 == digits) {
    digits = shorter;
    exponent += 8;
  }
  shorter = digits / 10000;
  if (shorter * 10000 == digits) {
    digits = shorter;
    exponent += 4;
  }
  shorter = digits / 100;
  if (shorter * 100 == digits) {
    digits = shorter;
    exponent += 2;
  }
  shorter = digits / 10;
  if (shorter * 10 == digits) {
    digits = shorter;
    exponent++;
  }
  return writeDecimal(digits, exponent, out);
}

/** digits · 10^exponent, without trailing zeros in the digits. */
function writeDecimal(digits: u64, exponent: i32, out: usize): usize {
  const count = countDigits(digits);
  const point = <i32>count + exponent;
  if (point > 21 || point < -5) return writeScientific(digits, count, point - 1, out);
  if (point <= 0) {
    store<u64>(out, 0x3030303030302e30);
    return writeDigits(digits, count, out + 2 - point);
  }
  writeDigits(digits, count, out);
  if (exponent >= 0) {
    for (let i = count; i < <u32>point; i++) store<u8>(out + i, 0x30);
    return out + point;
  }
  const fraction = out + point;
  v128.store(fraction, v128.load(fraction), 1);
  store<u8>(fraction, 0x2e);
  return out + count + 1;
}

function writeScientific(digits: u64, count: u32, exponent: i32, out: usize): usize {
  writeDigits(digits, count, out + 1);
  store<u8>(out, load<u8>(out + 1));
  if (count > 1) {
    store<u8>(out + 1, 0x2e);
    out += count + 1;
  } else {
    out += 1;
  }
  store<u16>(out, exponent < 0 ? 0x2d65 : 0x2b65);
  const magnitude = <u64>abs(exponent);
  return writeDigits(magnitude, magnitude < 100 ? 2 : 3, out + 2);
}

/** Exactly so many decimal digits of a number, 1 to 20, with leading zeros if it has fewer. */
function writeDigits(number: u64, count: u32, out: usize): usize {
  if (count <= 8) {
    store<u64>(out, eightDigits(<u32>number) >>> (<u64>(8 - count) << 3));
    return out + count;
  }
  const upper = number / 100000000;
  const end = out + count;
  const lowerDigits = eightDigits(<u32>(number - upper * 100000000));
  if (count <= 16) {
    store<u64>(out, eightDigits(<u32>upper) >>> (<u64>(16 - count) << 3));
  } else {
    const top = upper / 100000000;
    store<u64>(out, eightDigits(<u32>top) >>> (<u64>(24 - count) << 3));
    store<u64>(end - 16, eightDigits(<u32>(upper - top * 100000000)));
  }
  store<u64>(end - 8, lowerDigits);
  return end;
}

/**
 * The eight digits of a number below 10^8 as text, the first in the lowest byte. Halves the lanes three times:
 *
 *   12345678  →  1234 | 5678  →  12 | 34 | 56 | 78  →  1 | 2 | … | 8
 */
function eightDigits(number: u32): u64 {
  const upper = number / 10000;
  const fours = <u64>upper | (<u64>(number - upper * 10000) << 32);
  const hundreds = ((fours * 10486) >>> 20) & 0x0000007f0000007f;
  const twos = hundreds | ((fours - hundreds * 100) << 16);
  const tens = ((twos * 103) >>> 10) & 0x000f000f000f000f;
  return (tens | ((twos - tens * 10) << 8)) + ZEROS;
}

const TENS: usize = memory.data<u64>([
  0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
  100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
  10000000000000000, 100000000000000000, 1000000000000000000, 10000000000000000000,
]);

function countDigits(number: u64): u32 {
  // 1233 / 4096 is a little less than log10(2).
  const estimate = <u32>(((64 - clz(number | 1)) * 1233) >> 12);
  return estimate + <u32>(number >= load<u64>(TENS + (<usize>estimate << 3)) || estimate == 0);
}

/** The upper 64 bits of a product of 128. */
function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >>> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >>> 32;
  const lowLow = aLow * bLow;
  const highLow = aHigh * bLow;
  const center = (lowLow >>> 32) + (highLow & 0xffffffff) + aLow * bHigh;
  return aHigh * bHigh + (highLow >>> 32) + (center >>> 32);
}

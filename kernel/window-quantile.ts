/*
 * quantile_over_time over a window that stays sorted while it slides. From step to step the keys that leave and those
 * that arrive are sorted apart; then the window is copied in runs around them:
 *
 *   window   | run     |x| run  |        x leaves
 *   next     | run | a | run |  |        a arrives
 *
 * A step costs a search for each of them and a copy of the window at the speed of memory.
 *
 * Keys are doubles as integers in the same order: the bits with the sign flipped, or all bits flipped for a negative
 * number; every NaN is 0, below −Inf, where Prometheus sorts it.
 *
 *   scratch   | window, then 4 more of the same size: next, leaving, arriving, space to sort | 5 × (count + 2) × u64
 */
const SIGN: u64 = 0x8000000000000000;
/** Runs up to this length are sorted by insertion. */
const SHORT_RUN: u32 = 16;

/** @param quantile 0 … 1; below it the result is −Inf, above it +Inf, for NaN it is NaN. */
export function windowQuantileOverTime(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  range: f64,
  out: usize,
  present: usize,
  scratch: usize,
  quantile: f64,
): void {
  const columnBytes = (<usize>(count + 2)) << 3;
  let window = scratch;
  let next = window + columnBytes;
  const leaving = scratch + 2 * columnBytes;
  const arriving = leaving + columnBytes;
  const space = arriving + columnBytes;
  let low: u32 = 0;
  let high: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    let nextHigh = high;
    while (nextHigh < count && load<f64>(times + ((<usize>nextHigh) << 3)) <= end) nextHigh++;
    let nextLow = low;
    while (nextLow < nextHigh && load<f64>(times + ((<usize>nextLow) << 3)) <= begin) nextLow++;
    // A sample that would leave before it arrived does neither.
    const leaves = min(nextLow, high) - low;
    const arrives = nextHigh - max(nextLow, high);
    if (leaves + arrives > 0) {
      writeKeys(values + ((<usize>low) << 3), leaves, leaving);
      writeKeys(values + ((<usize>(nextHigh - arrives)) << 3), arrives, arriving);
      sortKeys(leaving, leaves, space);
      sortKeys(arriving, arrives, space);
      mergeKeys(window, high - low, leaving, leaves, arriving, arrives, next);
      const merged = next;
      next = window;
      window = merged;
    }
    low = nextLow;
    high = nextHigh;
    store<u8>(present + k, <u8>(high > low));
    if (high > low) store<f64>(out + ((<usize>k) << 3), quantileOf(window, high - low, quantile));
  }
}

/** The weighted mean of the two values around the rank. */
function quantileOf(window: usize, count: u32, quantile: f64): f64 {
  if (quantile != quantile) return NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  const rank = quantile * <f64>(count - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(<f64>(count - 1), lower + 1);
  const weight = rank - lower;
  return valueAt(window, <u32>lower) * (1 - weight) + valueAt(window, <u32>upper) * weight;
}

function valueAt(window: usize, index: u32): f64 {
  const key = load<u64>(window + ((<usize>index) << 3));
  if (key == 0) return NaN;
  return reinterpret<f64>(key >= SIGN ? key ^ SIGN : ~key);
}

function writeKeys(values: usize, count: u32, keys: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    const value = load<f64>(values + at);
    const bits = reinterpret<u64>(value);
    const key = bits >= SIGN ? ~bits : bits | SIGN;
    store<u64>(keys + at, value == value ? key : 0);
  }
}

function mergeKeys(
  window: usize,
  count: u32,
  leaving: usize,
  leaves: u32,
  arriving: usize,
  arrives: u32,
  target: usize,
): void {
  const windowEnd = window + ((<usize>count) << 3);
  const leavingEnd = leaving + ((<usize>leaves) << 3);
  const arrivingEnd = arriving + ((<usize>arrives) << 3);
  while (leaving < leavingEnd || arriving < arrivingEnd) {
    const isLeaving =
      arriving == arrivingEnd ||
      (leaving < leavingEnd && load<u64>(leaving) <= load<u64>(arriving));
    const key = load<u64>(isLeaving ? leaving : arriving);
    const found = findKey(window, windowEnd, key);
    target = copyKeys(window, found, target);
    window = found;
    if (isLeaving) {
      window += 8;
      leaving += 8;
    } else {
      store<u64>(target, key);
      target += 8;
      arriving += 8;
    }
  }
  copyKeys(window, windowEnd, target);
}

/** Address of the first key that is not below the given one. */
function findKey(begin: usize, end: usize, key: u64): usize {
  let length = (end - begin) >> 3;
  while (length > 0) {
    const half = length >> 1;
    const isBelow = load<u64>(begin + (half << 3)) < key;
    begin = isBelow ? begin + ((half + 1) << 3) : begin;
    length = isBelow ? length - half - 1 : half;
  }
  return begin;
}

/** Copies [begin, end) and up to one key more; returns the address after the copy. */
function copyKeys(begin: usize, end: usize, target: usize): usize {
  const targetEnd = target + (end - begin);
  for (; begin < end; begin += 16) {
    v128.store(target, v128.load(begin));
    target += 16;
  }
  return targetEnd;
}

/** Sorts in place: short runs by insertion, then runs of double length by merging to and fro. */
function sortKeys(keys: usize, count: u32, space: usize): void {
  for (let from: u32 = 0; from < count; from += SHORT_RUN) {
    insertKeys(keys + ((<usize>from) << 3), min(SHORT_RUN, count - from));
  }
  let source = keys;
  let target = space;
  for (let run = SHORT_RUN; run < count; run <<= 1) {
    for (let from: u32 = 0; from < count; from += run << 1) {
      const middle = min(from + run, count);
      mergeRuns(source, from, middle, min(middle + run, count), target);
    }
    const sorted = target;
    target = source;
    source = sorted;
  }
  if (source != keys) memory.copy(keys, source, (<usize>count) << 3);
}

function insertKeys(keys: usize, count: u32): void {
  const end = keys + ((<usize>count) << 3);
  for (let next = keys + 8; next < end; next += 8) {
    const key = load<u64>(next);
    let at = next;
    for (; at > keys && load<u64>(at - 8) > key; at -= 8) store<u64>(at, load<u64>(at - 8));
    store<u64>(at, key);
  }
}

/** Merges [from, middle) and [middle, to) of the source into the same places of the target. */
function mergeRuns(source: usize, from: u32, middle: u32, to: u32, target: usize): void {
  let left = source + ((<usize>from) << 3);
  const leftEnd = source + ((<usize>middle) << 3);
  let right = leftEnd;
  const rightEnd = source + ((<usize>to) << 3);
  let at = target + ((<usize>from) << 3);
  while (left < leftEnd || right < rightEnd) {
    const isLeft = right == rightEnd || (left < leftEnd && load<u64>(left) <= load<u64>(right));
    store<u64>(at, load<u64>(isLeft ? left : right));
    left += (<usize>isLeft) << 3;
    right += (<usize>!isLeft) << 3;
    at += 8;
  }
}

/*
 * Windows that need only a few of their samples: the newest for an instant selector, the first, the last, the last
 * two, how many there are, and how often the value changed or dropped. Two pointers walk the samples once; changes and
 * drops are counted when a pair of neighbours enters the window and uncounted when it leaves.
 */

/** High and low word of the stale marker; read as one integer it equals no other NaN. */
const STALE_BITS: u64 = 0x7ff0000000000002;

/**
 * The newest sample in (T − lookback, T] at each step T; absent when there is none or when it is a stale marker.
 */
export function selectInstant(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  lookback: f64,
  out: usize,
  present: usize,
): void {
  let next: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const time = start + <f64>k * step;
    while (next < count && load<f64>(times + ((<usize>next) << 3)) <= time) next++;
    let found: u8 = 0;
    if (next > 0) {
      const newest = (<usize>(next - 1)) << 3;
      const bits = load<u64>(values + newest);
      if (load<f64>(times + newest) > time - lookback && bits != STALE_BITS) {
        store<u64>(out + ((<usize>k) << 3), bits);
        found = 1;
      }
    }
    store<u8>(present + k, found);
  }
}

/** Removes stale markers from both columns in place; returns how many samples stay. */
export function dropStale(times: usize, values: usize, count: u32): u32 {
  let kept: u32 = 0;
  const stale = i64x2.splat(STALE_BITS);
  for (; kept + 4 <= count; kept += 4) {
    const at = values + ((<usize>kept) << 3);
    const first = i64x2.eq(v128.load(at), stale);
    if (v128.any_true(v128.or(first, i64x2.eq(v128.load(at, 16), stale)))) break;
  }
  while (kept < count && load<u64>(values + ((<usize>kept) << 3)) != STALE_BITS) kept++;
  for (let i = kept + 1; i < count; i++) {
    const bits = load<u64>(values + ((<usize>i) << 3));
    if (bits == STALE_BITS) continue;
    store<u64>(values + ((<usize>kept) << 3), bits);
    store<f64>(times + ((<usize>kept) << 3), load<f64>(times + ((<usize>i) << 3)));
    kept++;
  }
  return kept;
}

export function windowFirstOverTime(
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
): void {
  let low: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    while (low < count && load<f64>(times + ((<usize>low) << 3)) <= begin) low++;
    const found = low < count && load<f64>(times + ((<usize>low) << 3)) <= end;
    if (found) store<u64>(out + ((<usize>k) << 3), load<u64>(values + ((<usize>low) << 3)));
    store<u8>(present + k, <u8>found);
  }
}

export function windowLastOverTime(
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
): void {
  selectInstant(times, values, count, start, step, steps, range, out, present);
}

export function windowCountOverTime(
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
): void {
  let low: u32 = 0;
  let high: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) high++;
    while (low < high && load<f64>(times + ((<usize>low) << 3)) <= begin) low++;
    store<f64>(out + ((<usize>k) << 3), <f64>(high - low));
    store<u8>(present + k, <u8>(high > low));
  }
}

export function windowPresentOverTime(
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
): void {
  windowLastOverTime(times, times, count, start, step, steps, range, out, present, scratch);
  for (let k: u32 = 0; k < steps; k++) store<f64>(out + ((<usize>k) << 3), 1);
}

/** The slope between the last two samples, per second; after a drop the last value alone counts. */
export function windowIrate(
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
): void {
  differLastTwo(times, values, count, start, step, steps, range, out, present, true);
}

/** The difference between the last two samples. */
export function windowIdelta(
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
): void {
  differLastTwo(times, values, count, start, step, steps, range, out, present, false);
}

function differLastTwo(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  range: f64,
  out: usize,
  present: usize,
  isRate: bool,
): void {
  let high: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) high++;
    const last = (<usize>(high - 1)) << 3;
    const beforeLast = last - 8;
    if (high < 2 || load<f64>(times + beforeLast) <= end - range) {
      store<u8>(present + k, 0);
      continue;
    }
    const value = load<f64>(values + last);
    const valueBefore = load<f64>(values + beforeLast);
    let result = isRate && value < valueBefore ? value : value - valueBefore;
    if (isRate) result /= (load<f64>(times + last) - load<f64>(times + beforeLast)) / 1000;
    store<f64>(out + ((<usize>k) << 3), result);
    store<u8>(present + k, 1);
  }
}

/** How often neighbours in the window differ; two NaN do not. */
export function windowChanges(
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
): void {
  countPairs(times, values, count, start, step, steps, range, out, present, false);
}

/** How often a sample in the window is below the one before it. */
export function windowResets(
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
): void {
  countPairs(times, values, count, start, step, steps, range, out, present, true);
}

function countPairs(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  range: f64,
  out: usize,
  present: usize,
  onlyDrops: bool,
): void {
  let low: u32 = 0;
  let high: u32 = 0;
  let found: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) {
      if (high > low) found += pairCounts(values + ((<usize>high) << 3), onlyDrops);
      high++;
    }
    while (low < high && load<f64>(times + ((<usize>low) << 3)) <= begin) {
      low++;
      if (low < high) found -= pairCounts(values + ((<usize>low) << 3), onlyDrops);
    }
    store<f64>(out + ((<usize>k) << 3), <f64>found);
    store<u8>(present + k, <u8>(high > low));
  }
}

/** 1 when the value at the address and its predecessor are a pair to count, else 0. */
function pairCounts(address: usize, onlyDrops: bool): u32 {
  const value = load<f64>(address);
  const before = load<f64>(address - 8);
  if (onlyDrops) return <u32>(value < before);
  return <u32>(value != before && (value == value || before == before));
}

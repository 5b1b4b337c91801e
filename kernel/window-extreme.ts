/*
 * min_over_time and max_over_time: the window is cut in two, as in window-sum.ts, so that a sample costs two
 * comparisons however long the window is.
 *
 *      low            middle            high        back[i]  = extreme of the samples i … middle − 1
 *       |---- back ----|----- front -----|          front    = extreme of the samples middle … high − 1
 *
 * Where the range is a multiple of the step, the edges of all windows lie on the steps: then the samples between two
 * steps are one bucket, and the window is slid over buckets.
 *
 * A NaN gives way to any number and is the result only of a window without numbers; of equal values (0 and −0) the
 * earlier one stays. NaNs are passed over as if they were not there; a window without a number above −∞ is looked at again.
 *
 *   scratch   | back, f64 × count |  or, over buckets that are no more than the samples,  | bucket or back, f64 × buckets |
 */
import { passUntil } from './window-pointer';

export function windowMaxOverTime(
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
  slideExtreme(times, values, count, start, step, steps, range, out, present, scratch, 1);
}

export function windowMinOverTime(
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
  slideExtreme(times, values, count, start, step, steps, range, out, present, scratch, -1);
}

/** The minimum is the maximum of the negated values; negation is exact. */
function slideExtreme(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  range: f64,
  out: usize,
  present: usize,
  back: usize,
  sign: f64,
): void {
  const length = range / step;
  if (length == Math.floor(length) && <f64>steps + length <= <f64>count) {
    slideBuckets(times, values, count, start, step, steps, <u32>length, out, present, back, sign);
    return;
  }
  let low: u32 = 0;
  let lowStride: u32 = 0;
  let high: u32 = 0;
  let middle: u32 = 0;
  let front = NOTHING;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) {
      front = larger(front, valueAt(values, high, sign));
      high++;
    }
    const nextLow = passUntil(times, low, lowStride, high, end - range);
    lowStride = nextLow - low;
    low = nextLow;
    store<u8>(present + k, <u8>(low < high));
    if (low == high) continue;
    if (low >= middle) {
      let extreme = NOTHING;
      for (let i = high; i > low; ) {
        i--;
        extreme = larger(valueAt(values, i, sign), extreme);
        storeFirst(back + ((<usize>i) << 3), extreme);
      }
      middle = high;
      front = NOTHING;
    }
    const extreme = first(larger(v128.load64_splat(back + ((<usize>low) << 3)), front));
    const exact = extreme == -Infinity ? extremeOf(values, low, high, sign) : extreme;
    store<f64>(out + ((<usize>k) << 3), exact * sign);
  }
}

/** @param length buckets of a window. */
function slideBuckets(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  length: u32,
  out: usize,
  present: usize,
  buckets: usize,
  sign: f64,
): void {
  let at = passUntil(times, 0, 0, count, start - <f64>length * step);
  let stride: u32 = 0;
  let middle: u32 = 0;
  let front = NOTHING;
  let filled: i32 = -1;
  for (let high: u32 = 0; high < steps + length - 1; high++) {
    const low = <i32>(high + 1 - length);
    const end = start + <f64>low * step;
    const next = passUntil(times, at, stride, count, end);
    stride = next - at;
    let bucket = NOTHING;
    for (; at < next; at++) bucket = larger(bucket, valueAt(values, at, sign));
    if (stride > 0) filled = <i32>high;
    storeFirst(buckets + ((<usize>high) << 3), bucket);
    front = larger(front, bucket);
    if (low < 0) continue;
    store<u8>(present + low, <u8>(filled >= low));
    if (filled < low) continue;
    if (<u32>low >= middle) {
      let extreme = NOTHING;
      for (let i = <i32>high; i >= low; i--) {
        const place = buckets + ((<usize>i) << 3);
        extreme = larger(v128.load64_splat(place), extreme);
        storeFirst(place, extreme);
      }
      middle = high + 1;
      front = NOTHING;
    }
    let extreme = first(larger(v128.load64_splat(buckets + ((<usize>low) << 3)), front));
    if (extreme == -Infinity) {
      const begin = end - <f64>length * step;
      extreme = extremeOf(values, passUntil(times, 0, 0, next, begin), next, sign);
    }
    store<f64>(out + ((<usize>low) << 3), extreme * sign);
  }
}

/** Of no sample; also of NaNs alone, which extremeOf tells from it. */
const NOTHING: v128 = f64x2(-Infinity, -Infinity);

/** Of both lanes; the earlier one stays if it is not less, also if the later one is NaN. A branch would be mispredicted. */
// @ts-ignore: decorator
@inline
function larger(earlier: v128, later: v128): v128 {
  return f64x2.pmax(earlier, later);
}

/** In both lanes, negated for the minimum; a NaN as if it were nothing. */
// @ts-ignore: decorator
@inline
function valueAt(values: usize, index: u32, sign: f64): v128 {
  const value = v128.load64_splat(values + ((<usize>index) << 3));
  return f64x2.pmax(NOTHING, f64x2.mul(value, f64x2.splat(sign)));
}

// @ts-ignore: decorator
@inline
function first(lanes: v128): f64 {
  return f64x2.extract_lane(lanes, 0);
}

// @ts-ignore: decorator
@inline
function storeFirst(address: usize, lanes: v128): void {
  v128.store_lane<f64>(address, lanes, 0);
}

/** With NaNs, for windows whose extreme seems to be infinite. */
function extremeOf(values: usize, low: u32, high: u32, sign: f64): f64 {
  let extreme: f64 = NaN;
  for (let i = low; i < high; i++) {
    const value = load<f64>(values + ((<usize>i) << 3)) * sign;
    if (value > extreme || extreme != extreme) extreme = value;
  }
  return extreme;
}

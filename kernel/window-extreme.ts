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
 * earlier one stays.
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
  let front: f64 = NaN;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) {
      front = larger(front, load<f64>(values + ((<usize>high) << 3)) * sign);
      high++;
    }
    const nextLow = passUntil(times, low, lowStride, high, begin);
    lowStride = nextLow - low;
    low = nextLow;
    if (low == high) {
      store<u8>(present + k, 0);
      continue;
    }
    if (low >= middle) {
      let extreme: f64 = NaN;
      for (let i = high; i > low; ) {
        i--;
        extreme = larger(load<f64>(values + ((<usize>i) << 3)) * sign, extreme);
        store<f64>(back + ((<usize>i) << 3), extreme);
      }
      middle = high;
      front = NaN;
    }
    store<f64>(
      out + ((<usize>k) << 3),
      larger(load<f64>(back + ((<usize>low) << 3)), front) * sign,
    );
    store<u8>(present + k, 1);
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
  let front: f64 = NaN;
  let filled: i32 = -1;
  for (let high: u32 = 0; high < steps + length - 1; high++) {
    const low = <i32>(high + 1 - length);
    const next = passUntil(times, at, stride, count, start + <f64>low * step);
    stride = next - at;
    let bucket: f64 = NaN;
    for (; at < next; at++) bucket = larger(bucket, load<f64>(values + ((<usize>at) << 3)) * sign);
    if (stride > 0) filled = <i32>high;
    store<f64>(buckets + ((<usize>high) << 3), bucket);
    front = larger(front, bucket);
    if (low < 0) continue;
    store<u8>(present + low, <u8>(filled >= low));
    if (filled < low) continue;
    if (<u32>low >= middle) {
      let extreme: f64 = NaN;
      for (let i = <i32>high; i >= low; i--) {
        const place = buckets + ((<usize>i) << 3);
        extreme = larger(load<f64>(place), extreme);
        store<f64>(place, extreme);
      }
      middle = high + 1;
      front = NaN;
    }
    const back = load<f64>(buckets + ((<usize>low) << 3));
    store<f64>(out + ((<usize>low) << 3), larger(back, front) * sign);
  }
}

// @ts-ignore: decorator
@inline
function larger(earlier: f64, later: f64): f64 {
  return select(later, earlier, <i32>(later > earlier) | <i32>(earlier != earlier));
}

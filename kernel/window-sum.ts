/*
 * sum_over_time and avg_over_time: compensated sums (Kahan, Neumaier) of the window at every step.
 *
 * While a sample falls into few windows, each window is summed in the order of Prometheus 3: same bits. Otherwise the
 * window is cut in two at `middle`, and costs stay at two additions a sample, however long it is:
 *
 *      low            middle            high        back[i]  = sum of the samples i … middle − 1, all i ≥ low
 *       |---- back ----|----- front -----|          front    = sum of the samples middle … high − 1
 *                                                   window   = back[low] + front
 *
 * When low reaches middle, middle moves to high and back is summed anew, from right to left. No sum ever holds a sample
 * outside its window, so nothing cancels but what the window's own values cancel. Where that is much (the sum is below
 * 2^-40 of the sum of magnitudes), or where values are infinite or near overflow, the order of additions shows: such a
 * window is summed in Prometheus' order.
 *
 *   scratch   | back sums, f64 × (count + 1) | back compensations, f64 × (count + 1) |
 */

/** Windows of up to this many steps are summed one by one. */
const OVERLAP_MAX: f64 = 8;
/** From here on, sums of up to 2^32 values could overflow. */
const HUGE: f64 = 1e290;
const CANCELLATION: f64 = 1.0 / <f64>(1 << 40);

export function windowSumOverTime(
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
  if (steps == 1 || range <= step * OVERLAP_MAX) {
    sumEach(times, values, count, start, step, steps, range, out, present, false);
  } else {
    sumSliding(times, values, count, start, step, steps, range, out, present, scratch, false);
  }
}

export function windowAvgOverTime(
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
  if (steps == 1 || range <= step * OVERLAP_MAX) {
    sumEach(times, values, count, start, step, steps, range, out, present, true);
  } else {
    sumSliding(times, values, count, start, step, steps, range, out, present, scratch, true);
  }
}

function sumEach(
  times: usize,
  values: usize,
  count: u32,
  start: f64,
  step: f64,
  steps: u32,
  range: f64,
  out: usize,
  present: usize,
  isMean: bool,
): void {
  let low: u32 = 0;
  let high: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) high++;
    while (low < high && load<f64>(times + ((<usize>low) << 3)) <= begin) low++;
    store<u8>(present + k, <u8>(high > low));
    if (high > low) store<f64>(out + ((<usize>k) << 3), sumInOrder(values, low, high, isMean));
  }
}

function sumSliding(
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
  isMean: bool,
): void {
  const backSums = scratch;
  const backRests = scratch + ((<usize>(count + 1)) << 3);
  let low: u32 = 0;
  let high: u32 = 0;
  let middle: u32 = 0;
  let frontSum: f64 = 0;
  let frontRest: f64 = 0;
  let frontMagnitude: f64 = 0;
  let backMagnitude: f64 = 0;
  // One past the last sample that is not a number, and that is infinite or huge.
  let afterNotNumber: u32 = 0;
  let afterHuge: u32 = 0;
  store<f64>(backSums, 0);
  store<f64>(backRests, 0);
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) {
      const value = load<f64>(values + ((<usize>high) << 3));
      high++;
      const magnitude = Math.abs(value);
      if (magnitude < HUGE) frontMagnitude += magnitude;
      else if (value != value) afterNotNumber = high;
      else afterHuge = high;
      const total = frontSum + value;
      frontRest += lostBits(frontSum, value, total);
      frontSum = total;
    }
    while (low < high && load<f64>(times + ((<usize>low) << 3)) <= begin) low++;
    if (low == high) {
      store<u8>(present + k, 0);
      continue;
    }
    if (low >= middle) {
      backMagnitude = frontMagnitude;
      sumBackwards(values, low, high, backSums, backRests);
      middle = high;
      frontSum = 0;
      frontRest = 0;
      frontMagnitude = 0;
    }
    store<u8>(present + k, 1);
    let result: f64 = NaN;
    if (afterNotNumber <= low) {
      const backSum = load<f64>(backSums + ((<usize>low) << 3));
      const sum = backSum + frontSum;
      const rest =
        load<f64>(backRests + ((<usize>low) << 3)) + frontRest + lostBits(backSum, frontSum, sum);
      const cancels = Math.abs(sum) < (backMagnitude + frontMagnitude) * CANCELLATION;
      if (cancels || afterHuge > low) result = sumInOrder(values, low, high, isMean);
      else if (isMean) result = sum / <f64>(high - low) + rest / <f64>(high - low);
      else result = sum + rest;
    }
    store<f64>(out + ((<usize>k) << 3), result);
  }
}

/** Fills back[i] for low ≤ i < middle, and zero at middle. */
function sumBackwards(
  values: usize,
  low: u32,
  middle: u32,
  backSums: usize,
  backRests: usize,
): void {
  let sum: f64 = 0;
  let rest: f64 = 0;
  store<f64>(backSums + ((<usize>middle) << 3), 0);
  store<f64>(backRests + ((<usize>middle) << 3), 0);
  for (let i = middle; i > low; ) {
    i--;
    const value = load<f64>(values + ((<usize>i) << 3));
    const total = sum + value;
    rest += lostBits(sum, value, total);
    sum = total;
    store<f64>(backSums + ((<usize>i) << 3), sum);
    store<f64>(backRests + ((<usize>i) << 3), rest);
  }
}

/** What the rounded total of two finite numbers lost: sum + value = total + lostBits exactly. */
function lostBits(sum: f64, value: f64, total: f64): f64 {
  return Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
}

function sumInOrder(values: usize, low: u32, high: u32, isMean: bool): f64 {
  const end = values + ((<usize>high) << 3);
  let sum: f64 = 0;
  let rest: f64 = 0;
  let overflows = false;
  for (let at = values + ((<usize>low) << 3); at < end; at += 8) {
    const value = load<f64>(at);
    const total = sum + value;
    if (isInfinite(total)) {
      overflows = true;
      rest = 0;
    } else {
      rest += lostBits(sum, value, total);
    }
    sum = total;
  }
  if (!isMean) return isInfinite(sum) ? sum : sum + rest;
  const count = <f64>(high - low);
  return overflows ? meanInOrder(values, low, high) : sum / count + rest / count;
}

/** The mean where the sum overflows: the sum as far as it stays finite, from there on incrementally. */
function meanInOrder(values: usize, low: u32, high: u32): f64 {
  let mean = load<f64>(values + ((<usize>low) << 3));
  let rest: f64 = 0;
  let seen: f64 = 1;
  let isIncremental = false;
  for (let i = low + 1; i < high; i++) {
    const value = load<f64>(values + ((<usize>i) << 3));
    seen++;
    let addend = value;
    if (!isIncremental) {
      isIncremental = isInfinite(mean + value);
      if (isIncremental) {
        mean /= seen - 1;
        rest /= seen - 1;
      }
    }
    if (isIncremental) {
      const share = (seen - 1) / seen;
      addend = value / seen;
      mean *= share;
      rest *= share;
    }
    const total = mean + addend;
    rest = isInfinite(total) ? 0 : rest + lostBits(mean, addend, total);
    mean = total;
  }
  return isIncremental ? mean + rest : mean / seen + rest / seen;
}

function isInfinite(value: f64): bool {
  return Math.abs(value) == Infinity;
}

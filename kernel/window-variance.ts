/*
 * stddev_over_time and stdvar_over_time.
 *
 * While a sample falls into few windows, each is computed in the order of Prometheus 3: Welford's recurrence with
 * compensated mean and squares. Otherwise from two sums that slide as in window-sum.ts, of the differences
 * d = value − pivot, where the pivot is the value before `middle`, a sample of every window that has a back part:
 *
 *   variance = (Σd² − (Σd)² / n) / n
 *
 * A window is computed in order all the same where a value is not finite, where the two terms cancel by more than 2^8,
 * and where the mean exceeds the deviation by more than 2^12: there the recurrence's own rounding is in the result.
 *
 *   scratch   | back Σd, f64 × (count + 1) | back Σd², f64 × (count + 1) |
 */
import { nextRest } from './kahan';

/** Windows of up to this many steps are computed one by one. */
const OVERLAP_MAX: f64 = 8;
const CANCELLATION: f64 = 1.0 / 256;
/** Below this, squares have lost digits to underflow. */
const TINY: f64 = 1e-280;
const MEAN_SQUARED_TO_VARIANCE: f64 = <f64>(1 << 24);

export function windowStdvarOverTime(
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
  slideVariance(times, values, count, start, step, steps, range, out, present, scratch);
}

export function windowStddevOverTime(
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
  slideVariance(times, values, count, start, step, steps, range, out, present, scratch);
  for (let k: u32 = 0; k < steps; k++) {
    const at = out + ((<usize>k) << 3);
    store<f64>(at, Math.sqrt(load<f64>(at)));
  }
}

function slideVariance(
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
  const isSliding = steps > 1 && range > step * OVERLAP_MAX;
  const backSums = scratch;
  const backSquares = scratch + ((<usize>(count + 1)) << 3);
  let low: u32 = 0;
  let high: u32 = 0;
  let middle: u32 = 0;
  let pivot: f64 = 0;
  let frontSum: f64 = 0;
  let frontSquares: f64 = 0;
  let summed: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) high++;
    while (low < high && load<f64>(times + ((<usize>low) << 3)) <= begin) low++;
    store<u8>(present + k, <u8>(high > low));
    if (high == low) continue;
    let result: f64 = NaN;
    if (isSliding) {
      if (low >= middle) {
        middle = high;
        pivot = load<f64>(values + ((<usize>(middle - 1)) << 3));
        sumBackwards(values, low, middle, pivot, backSums, backSquares);
        frontSum = 0;
        frontSquares = 0;
        summed = high;
      }
      for (; summed < high; summed++) {
        const difference = load<f64>(values + ((<usize>summed) << 3)) - pivot;
        frontSum += difference;
        frontSquares += difference * difference;
      }
      const sum = load<f64>(backSums + ((<usize>low) << 3)) + frontSum;
      const squares = load<f64>(backSquares + ((<usize>low) << 3)) + frontSquares;
      result = varianceOfSums(sum, squares, <f64>(high - low), pivot);
    }
    if (result != result) result = varianceInOrder(values, low, high);
    store<f64>(out + ((<usize>k) << 3), result);
  }
}

/** NaN where the sums do not give it exactly enough. */
function varianceOfSums(sum: f64, squares: f64, count: f64, pivot: f64): f64 {
  if (squares == 0 && sum == 0) return 0;
  const mean = pivot + sum / count;
  const deviations = squares - (sum * sum) / count;
  const variance = deviations / count;
  const isExact =
    deviations > squares * CANCELLATION &&
    mean * mean < variance * MEAN_SQUARED_TO_VARIANCE &&
    squares > TINY &&
    squares < Infinity;
  return isExact ? variance : NaN;
}

/** Fills both back columns for low ≤ i < middle, and zero at middle. */
function sumBackwards(
  values: usize,
  low: u32,
  middle: u32,
  pivot: f64,
  backSums: usize,
  backSquares: usize,
): void {
  let sum: f64 = 0;
  let squares: f64 = 0;
  for (let i = middle; i > low; ) {
    i--;
    const difference = load<f64>(values + ((<usize>i) << 3)) - pivot;
    sum += difference;
    squares += difference * difference;
    store<f64>(backSums + ((<usize>i) << 3), sum);
    store<f64>(backSquares + ((<usize>i) << 3), squares);
  }
}

function varianceInOrder(values: usize, low: u32, high: u32): f64 {
  let seen: f64 = 0;
  let mean: f64 = 0;
  let meanRest: f64 = 0;
  let squares: f64 = 0;
  let squaresRest: f64 = 0;
  for (let i = low; i < high; i++) {
    const value = load<f64>(values + ((<usize>i) << 3));
    seen++;
    const delta = value - (mean + meanRest);
    const share = delta / seen;
    const nextMean = mean + share;
    meanRest = nextRest(mean, share, nextMean, meanRest);
    mean = nextMean;
    const square = delta * (value - (mean + meanRest));
    const nextSquares = squares + square;
    squaresRest = nextRest(squares, square, nextSquares, squaresRest);
    squares = nextSquares;
  }
  return (squares + squaresRest) / seen;
}

/*
 * deriv and predict_linear: the least-squares line through a window's samples.
 *
 * The sums of x, y, xy and x² (x in seconds from the first sample, or from the evaluation time) are compensated and
 * added in the order of Prometheus 3, each window for itself: the slope is a small difference of large sums, so that any
 * other order of rounding would show in its digits. The four sums go through two vectors side by side.
 */
import { nextRests } from './kahan';

export function windowDeriv(
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
    const found = high - low >= 2;
    store<u8>(present + k, <u8>found);
    if (!found) continue;
    const line = fitLine(times, values, low, high, load<f64>(times + ((<usize>low) << 3)));
    store<f64>(out + ((<usize>k) << 3), f64x2.extract_lane(line, 0));
  }
}

/**
 * @param duration how far ahead of the evaluation time to predict, in seconds.
 * @param evaluationStart time of the first evaluation: not that of the first window's end when the selector has an
 *     offset or is fixed by `@`.
 */
export function windowPredictLinear(
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
  duration: f64,
  evaluationStart: f64,
  evaluationStep: f64,
): void {
  let low: u32 = 0;
  let high: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const end = start + <f64>k * step;
    const begin = end - range;
    while (high < count && load<f64>(times + ((<usize>high) << 3)) <= end) high++;
    while (low < high && load<f64>(times + ((<usize>low) << 3)) <= begin) low++;
    const found = high - low >= 2;
    store<u8>(present + k, <u8>found);
    if (!found) continue;
    const origin = evaluationStart + <f64>k * evaluationStep;
    const line = fitLine(times, values, low, high, origin);
    const slope = f64x2.extract_lane(line, 0);
    const intercept = f64x2.extract_lane(line, 1);
    store<f64>(out + ((<usize>k) << 3), slope * duration + intercept);
  }
}

/** Slope per second and value at the origin. */
function fitLine(times: usize, values: usize, low: u32, high: u32, origin: f64): v128 {
  const first = load<f64>(values + ((<usize>low) << 3));
  let isConstant = true;
  let xAndY = f64x2.splat(0);
  let xAndYRest = f64x2.splat(0);
  let products = f64x2.splat(0);
  let productsRest = f64x2.splat(0);
  for (let i = low; i < high; i++) {
    const value = load<f64>(values + ((<usize>i) << 3));
    const x = (load<f64>(times + ((<usize>i) << 3)) - origin) / 1000;
    if (i > low && value != first) isConstant = false;
    const addend = f64x2(x, value);
    const total = f64x2.add(xAndY, addend);
    xAndYRest = nextRests(xAndY, addend, total, xAndYRest);
    xAndY = total;
    const product = f64x2.mul(f64x2.splat(x), f64x2(value, x));
    const productTotal = f64x2.add(products, product);
    productsRest = nextRests(products, product, productTotal, productsRest);
    products = productTotal;
  }
  if (isConstant) return Math.abs(first) == Infinity ? f64x2.splat(NaN) : f64x2(0, first);
  const count = <f64>(high - low);
  const sums = f64x2.add(xAndY, xAndYRest);
  const x = f64x2.extract_lane(sums, 0);
  const y = f64x2.extract_lane(sums, 1);
  const productSums = f64x2.add(products, productsRest);
  const covariance = f64x2.extract_lane(productSums, 0) - (x * y) / count;
  const variance = f64x2.extract_lane(productSums, 1) - (x * x) / count;
  const slope = covariance / variance;
  return f64x2(slope, y / count - (slope * x) / count);
}

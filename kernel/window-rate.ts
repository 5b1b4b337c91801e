/*
 * rate, increase and delta at every step of a range query, over one series.
 *
 *   first, last   the first and last sample of the window (start + k·step − range, start + k·step]
 *   increase      last − first; for counters plus, at each drop, the value before it, in the samples' order
 *   gaps          from the window's edges to first and last. A gap of 1.1 mean intervals or more counts as half an
 *                 interval; a counter is not extended to the left beyond the point where it would have been zero
 *   result        increase · (sampled + left gap + right gap) / sampled; rate divides by the range in seconds
 *
 * Two passes over tiles of 64 steps: the first walks two pointers over the samples and notes what each window needs,
 * the second computes two windows at a time. All operations are rounded in the order of Prometheus 3 (extrapolatedRate
 * in promql/functions.go), so that results have the same bits.
 *
 *   scratch   | first time | last time | first value | increase | count − 1 |  5 × 64 f64
 *             | indices of the samples below their predecessor |              count × u32
 */
import { passUntil } from './window-pointer';

const TILE_STEPS: u32 = 64;
const TILE_BYTES: usize = 64 * 8;

export function windowRate(
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
  const seconds = rangeSeconds(range);
  extrapolate(
    times,
    values,
    count,
    start,
    step,
    steps,
    range,
    out,
    present,
    scratch,
    true,
    seconds,
  );
}

export function windowIncrease(
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
  extrapolate(times, values, count, start, step, steps, range, out, present, scratch, true, 1);
}

export function windowDelta(
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
  extrapolate(times, values, count, start, step, steps, range, out, present, scratch, false, 1);
}

/** Whole seconds and the rest are converted apart, as Go's Duration.Seconds does. */
function rangeSeconds(range: f64): f64 {
  const whole = Math.floor(range / 1000);
  return whole + ((range - whole * 1000) * 1e6) / 1e9;
}

/** @param divisor what each result is divided by last; 1 changes nothing. */
function extrapolate(
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
  isCounter: bool,
  divisor: f64,
): void {
  const firstTimes = scratch;
  const lastTimes = firstTimes + TILE_BYTES;
  const firstValues = lastTimes + TILE_BYTES;
  const increases = firstValues + TILE_BYTES;
  const intervalCounts = increases + TILE_BYTES;
  const drops = intervalCounts + TILE_BYTES;
  const dropCount = isCounter ? findDrops(values, count, drops) : 0;
  const counterMask = i64x2.splat(isCounter ? -1 : 0);
  let low: u32 = 0;
  let high: u32 = 0;
  let lowStride: u32 = 0;
  let highStride: u32 = 0;
  let drop: u32 = 0;
  for (let tile: u32 = 0; tile < steps; tile += TILE_STEPS) {
    const width = min<u32>(TILE_STEPS, steps - tile);
    for (let i: u32 = 0; i < width; i++) {
      const end = start + <f64>(tile + i) * step;
      const begin = end - range;
      const nextHigh = passUntil(times, high, highStride, count, end);
      highStride = nextHigh - high;
      high = nextHigh;
      const nextLow = passUntil(times, low, lowStride, high, begin);
      lowStride = nextLow - low;
      low = nextLow;
      const at = (<usize>i) << 3;
      if (high - low < 2) {
        store<u8>(present + tile + i, 0);
        continue;
      }
      const last = (<usize>(high - 1)) << 3;
      const firstValue = load<f64>(values + ((<usize>low) << 3));
      let increase = load<f64>(values + last) - firstValue;
      while (drop < dropCount && load<u32>(drops + ((<usize>drop) << 2)) <= low) drop++;
      for (let next = drop; next < dropCount; next++) {
        const index = load<u32>(drops + ((<usize>next) << 2));
        if (index >= high) break;
        increase += load<f64>(values + ((<usize>(index - 1)) << 3));
      }
      store<u8>(present + tile + i, 1);
      store<f64>(firstTimes + at, load<f64>(times + ((<usize>low) << 3)));
      store<f64>(lastTimes + at, load<f64>(times + last));
      store<f64>(firstValues + at, firstValue);
      store<f64>(increases + at, increase);
      store<f64>(intervalCounts + at, <f64>(high - low - 1));
    }
    // Absent steps compute on whatever the tile held before; nobody reads their results.
    for (let i: u32 = 0; i < width; i += 2) {
      const at = (<usize>i) << 3;
      const end = f64x2(start + <f64>(tile + i) * step, start + <f64>(tile + i + 1) * step);
      const result = extrapolatePair(
        end,
        f64x2.splat(range),
        v128.load(firstTimes + at),
        v128.load(lastTimes + at),
        v128.load(firstValues + at),
        v128.load(increases + at),
        v128.load(intervalCounts + at),
        counterMask,
        f64x2.splat(divisor),
      );
      const target = out + ((<usize>(tile + i)) << 3);
      if (i + 1 < width) v128.store(target, result);
      else store<f64>(target, f64x2.extract_lane(result, 0));
    }
  }
}

function extrapolatePair(
  end: v128,
  range: v128,
  firstTime: v128,
  lastTime: v128,
  firstValue: v128,
  increase: v128,
  intervalCount: v128,
  counterMask: v128,
  divisor: v128,
): v128 {
  const thousand = f64x2.splat(1000);
  const zero = f64x2.splat(0);
  const sampled = f64x2.div(f64x2.sub(lastTime, firstTime), thousand);
  const interval = f64x2.div(sampled, intervalCount);
  const threshold = f64x2.mul(interval, f64x2.splat(1.1));
  const half = f64x2.mul(interval, f64x2.splat(0.5));

  let left = f64x2.div(f64x2.sub(firstTime, f64x2.sub(end, range)), thousand);
  left = v128.bitselect(half, left, f64x2.ge(left, threshold));
  const rises = v128.and(f64x2.gt(increase, zero), f64x2.ge(firstValue, zero));
  const toZero = f64x2.mul(sampled, f64x2.div(firstValue, increase));
  const clamps = v128.and(v128.and(rises, counterMask), f64x2.lt(toZero, left));
  left = v128.bitselect(toZero, left, clamps);

  let right = f64x2.div(f64x2.sub(end, lastTime), thousand);
  right = v128.bitselect(half, right, f64x2.ge(right, threshold));

  const covered = f64x2.add(f64x2.add(sampled, left), right);
  return f64x2.mul(increase, f64x2.div(f64x2.div(covered, sampled), divisor));
}

/** Writes the index of each sample that is below its predecessor; returns how many there are. */
function findDrops(values: usize, count: u32, drops: usize): u32 {
  let found: u32 = 0;
  let i: u32 = 1;
  for (; i + 4 <= count; i += 4) {
    const at = values + (<usize>i << 3);
    const first = f64x2.lt(v128.load(at), v128.load(at - 8));
    const second = f64x2.lt(v128.load(at, 16), v128.load(at, 8));
    if (!v128.any_true(v128.or(first, second))) continue;
    for (let next = i; next < i + 4; next++) {
      if (!isDrop(values, next)) continue;
      store<u32>(drops + (<usize>found << 2), next);
      found++;
    }
  }
  for (; i < count; i++) {
    if (!isDrop(values, i)) continue;
    store<u32>(drops + (<usize>found << 2), i);
    found++;
  }
  return found;
}

function isDrop(values: usize, index: u32): bool {
  const at = values + (<usize>index << 3);
  return load<f64>(at) < load<f64>(at - 8);
}

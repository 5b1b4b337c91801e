/*
 * Aggregations: one series' step column after another is folded into the columns of its group, in the order in which
 * Prometheus 3 adds, with its compensated sums, so that results have the same bits.
 *
 * A group's columns start zeroed. `present` of a series is 0 (absent), 1 (float) or 2 (histogram); folds take floats
 * only, but for counting. Means, counts and variances know by their count where the group has a value; the others mark
 * it in a presence column. `finish…` then leaves the result in the group's first column, and its presence.
 */
import { nextRest, nextRests } from './kahan';

const ALL_FLOATS: u64 = 0x0101010101010101;

/** Group columns: sums, compensations, presence. */
export function foldSum(
  values: usize,
  present: usize,
  steps: u32,
  sums: usize,
  rests: usize,
  groupPresent: usize,
): void {
  let k: u32 = 0;
  for (; k + 8 <= steps; k += 8) {
    const kinds = load<u64>(present + k);
    if (kinds == ALL_FLOATS) {
      store<u64>(groupPresent + k, ALL_FLOATS);
      for (let i: u32 = 0; i < 8; i += 2) {
        const at = (<usize>(k + i)) << 3;
        addPair(v128.load(values + at), sums + at, rests + at);
      }
    } else if (kinds != 0) {
      foldSumOneByOne(values, present, k, k + 8, sums, rests, groupPresent);
    }
  }
  foldSumOneByOne(values, present, k, steps, sums, rests, groupPresent);
}

function foldSumOneByOne(
  values: usize,
  present: usize,
  from: u32,
  to: u32,
  sums: usize,
  rests: usize,
  groupPresent: usize,
): void {
  for (let k = from; k < to; k++) {
    if (load<u8>(present + k) != 1) continue;
    const at = (<usize>k) << 3;
    const value = load<f64>(values + at);
    const sum = load<f64>(sums + at);
    const total = sum + value;
    store<f64>(rests + at, nextRest(sum, value, total, load<f64>(rests + at)));
    store<f64>(sums + at, total);
    store<u8>(groupPresent + k, 1);
  }
}

/** Adds two values to two compensated sums. */
function addPair(values: v128, sums: usize, rests: usize): void {
  const sum = v128.load(sums);
  const total = f64x2.add(sum, values);
  v128.store(rests, nextRests(sum, values, total, v128.load(rests)));
  v128.store(sums, total);
}

export function finishSum(sums: usize, rests: usize, steps: u32): void {
  for (let k: u32 = 0; k < steps; k++) {
    const at = (<usize>k) << 3;
    store<f64>(sums + at, load<f64>(sums + at) + load<f64>(rests + at));
  }
}

/**
 * Group columns: sums, compensations, counts. Where a sum would overflow, its place is taken by the mean, which from
 * then on moves by each value's share; the count is negative there.
 */
export function foldAvg(
  values: usize,
  present: usize,
  steps: u32,
  sums: usize,
  rests: usize,
  counts: usize,
): void {
  for (let k: u32 = 0; k < steps; k++) {
    if (load<u8>(present + k) != 1) continue;
    const at = (<usize>k) << 3;
    const value = load<f64>(values + at);
    const count = load<f64>(counts + at);
    const sum = load<f64>(sums + at);
    const total = sum + value;
    if (count == 0) {
      store<f64>(sums + at, value);
      store<f64>(counts + at, 1);
    } else if (count > 0 && Math.abs(total) != Infinity) {
      store<f64>(rests + at, nextRest(sum, value, total, load<f64>(rests + at)));
      store<f64>(sums + at, total);
      store<f64>(counts + at, count + 1);
    } else {
      moveMean(value, count, sums + at, rests + at, counts + at);
    }
  }
}

function moveMean(value: f64, count: f64, means: usize, rests: usize, counts: usize): void {
  const before = Math.abs(count);
  let mean = load<f64>(means);
  let rest = load<f64>(rests);
  if (count > 0) {
    mean /= before;
    rest /= before;
  }
  const seen = before + 1;
  const share = before / seen;
  const kept = share * mean;
  const addend = value / seen;
  const total = kept + addend;
  store<f64>(rests, nextRest(kept, addend, total, share * rest));
  store<f64>(means, total);
  store<f64>(counts, -seen);
}

export function finishAvg(
  sums: usize,
  rests: usize,
  counts: usize,
  steps: u32,
  present: usize,
): void {
  for (let k: u32 = 0; k < steps; k++) {
    const at = (<usize>k) << 3;
    const count = load<f64>(counts + at);
    const divisor = count > 0 ? count : 1;
    store<f64>(sums + at, load<f64>(sums + at) / divisor + load<f64>(rests + at) / divisor);
    store<u8>(present + k, <u8>(count != 0));
  }
}

/** Group columns: minima, presence. NaN gives way to any number; of equal values the first stays. */
export function foldMin(
  values: usize,
  present: usize,
  steps: u32,
  minima: usize,
  groupPresent: usize,
): void {
  for (let k: u32 = 0; k < steps; k++) {
    if (load<u8>(present + k) != 1) continue;
    const at = (<usize>k) << 3;
    const value = load<f64>(values + at);
    const least = load<u8>(groupPresent + k) == 0 ? NaN : load<f64>(minima + at);
    store<f64>(minima + at, least > value || least != least ? value : least);
    store<u8>(groupPresent + k, 1);
  }
}

/** Group columns: maxima, presence. NaN gives way to any number; of equal values the first stays. */
export function foldMax(
  values: usize,
  present: usize,
  steps: u32,
  maxima: usize,
  groupPresent: usize,
): void {
  for (let k: u32 = 0; k < steps; k++) {
    if (load<u8>(present + k) != 1) continue;
    const at = (<usize>k) << 3;
    const value = load<f64>(values + at);
    const most = load<u8>(groupPresent + k) == 0 ? NaN : load<f64>(maxima + at);
    store<f64>(maxima + at, most < value || most != most ? value : most);
    store<u8>(groupPresent + k, 1);
  }
}

/** Group column: counts. Histograms count too. */
export function foldCount(present: usize, steps: u32, counts: usize): void {
  for (let k: u32 = 0; k < steps; k++) {
    const at = counts + ((<usize>k) << 3);
    store<f64>(at, load<f64>(at) + <f64>(load<u8>(present + k) != 0));
  }
}

export function finishCount(counts: usize, steps: u32, present: usize): void {
  for (let k: u32 = 0; k < steps; k++) {
    store<u8>(present + k, <u8>(load<f64>(counts + ((<usize>k) << 3)) != 0));
  }
}

/** `group`: after foldCount, one wherever anything counted. */
export function finishGroup(counts: usize, steps: u32, present: usize): void {
  finishCount(counts, steps, present);
  for (let k: u32 = 0; k < steps; k++) store<f64>(counts + ((<usize>k) << 3), 1);
}

/** Group columns for stdvar and stddev: squared deviations, means, counts; Welford's recurrence. */
export function foldVariance(
  values: usize,
  present: usize,
  steps: u32,
  squares: usize,
  means: usize,
  counts: usize,
): void {
  for (let k: u32 = 0; k < steps; k++) {
    if (load<u8>(present + k) != 1) continue;
    const at = (<usize>k) << 3;
    const value = load<f64>(values + at);
    const count = load<f64>(counts + at) + 1;
    store<f64>(counts + at, count);
    if (count == 1) {
      // A first value that is no number or infinite makes the result NaN, whatever follows.
      store<f64>(means + at, value);
      store<f64>(squares + at, value - value);
      continue;
    }
    const mean = load<f64>(means + at);
    const delta = value - mean;
    const nextMean = mean + delta / count;
    store<f64>(means + at, nextMean);
    store<f64>(squares + at, load<f64>(squares + at) + delta * (value - nextMean));
  }
}

export function finishStdvar(squares: usize, counts: usize, steps: u32, present: usize): void {
  finishCount(counts, steps, present);
  for (let k: u32 = 0; k < steps; k++) {
    const at = (<usize>k) << 3;
    store<f64>(squares + at, load<f64>(squares + at) / load<f64>(counts + at));
  }
}

export function finishStddev(squares: usize, counts: usize, steps: u32, present: usize): void {
  finishStdvar(squares, counts, steps, present);
  for (let k: u32 = 0; k < steps; k++) {
    const at = squares + ((<usize>k) << 3);
    store<f64>(at, Math.sqrt(load<f64>(at)));
  }
}

/**
 * The window functions written down from Prometheus' rules, one window at a time, without a thought for speed:
 * what the kernels are tested against.
 */

import type { Column } from './window-kernel.ts';

export interface WindowContext {
  /** End of the window; its begin is `range` earlier and does not belong to it. */
  readonly time: number;
  readonly range: number;
  /** The quantile, or how far ahead to predict. */
  readonly parameter: number;
}

/** Undefined: the function has no result for this window. */
export type WindowFunction = (samples: Column, context: WindowContext) => number | undefined;

export const windowFunctions: Readonly<Record<string, WindowFunction>> = {
  windowRate: (samples, context) => extrapolated(samples, context, true, true),
  windowIncrease: (samples, context) => extrapolated(samples, context, true, false),
  windowDelta: (samples, context) => extrapolated(samples, context, false, false),
  windowIrate: (samples) => lastTwo(samples, true),
  windowIdelta: (samples) => lastTwo(samples, false),
  windowFirstOverTime: ({ values }) => values[0],
  windowLastOverTime: ({ values }) => values.at(-1),
  windowCountOverTime: ({ values }) => some(values, values.length),
  windowPresentOverTime: ({ values }) => some(values, 1),
  windowChanges: ({ values }) =>
    some(
      values,
      countPairs(values, (a, b) => a !== b && !(Number.isNaN(a) && Number.isNaN(b))),
    ),
  windowResets: ({ values }) =>
    some(
      values,
      countPairs(values, (a, b) => b < a),
    ),
  windowSumOverTime: ({ values }) => some(values, sum(values)),
  windowAvgOverTime: ({ values }) => some(values, mean(values)),
  windowMinOverTime: ({ values }) => extreme(values, (value, least) => value < least),
  windowMaxOverTime: ({ values }) => extreme(values, (value, most) => value > most),
  windowStdvarOverTime: ({ values }) => some(values, variance(values)),
  windowStddevOverTime: ({ values }) => some(values, Math.sqrt(variance(values))),
  windowDeriv: (samples) => line(samples, samples.times[0] ?? 0)?.slope,
  windowPredictLinear: (samples, { time, parameter }) => {
    const fit = line(samples, time);
    return fit === undefined ? undefined : fit.slope * parameter + fit.intercept;
  },
  windowQuantileOverTime: ({ values }, { parameter }) => some(values, quantile(parameter, values)),
};

function some(values: readonly number[], result: number): number | undefined {
  return values.length === 0 ? undefined : result;
}

function countPairs(
  values: readonly number[],
  counts: (earlier: number, later: number) => boolean,
): number {
  return values.filter((value, i) => i > 0 && counts(values[i - 1] ?? 0, value)).length;
}

function extrapolated(
  { times, values }: Column,
  { time, range }: WindowContext,
  isCounter: boolean,
  isRate: boolean,
): number | undefined {
  if (values.length < 2) return undefined;
  const [firstTime = 0, lastTime = 0] = [times[0], times.at(-1)];
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  let increase = last - first;
  if (isCounter) {
    for (let i = 1; i < values.length; i++) {
      const before = values[i - 1] ?? 0;
      if ((values[i] ?? 0) < before) increase += before;
    }
  }
  const sampled = (lastTime - firstTime) / 1000;
  const interval = sampled / (values.length - 1);
  const threshold = interval * 1.1;
  let left = (firstTime - (time - range)) / 1000;
  let right = (time - lastTime) / 1000;
  if (left >= threshold) left = interval / 2;
  if (isCounter && increase > 0 && first >= 0) {
    const toZero = sampled * (first / increase);
    if (toZero < left) left = toZero;
  }
  if (right >= threshold) right = interval / 2;
  let factor = (sampled + left + right) / sampled;
  if (isRate) factor /= Math.floor(range / 1000) + ((range % 1000) * 1e6) / 1e9;
  return increase * factor;
}

function lastTwo({ times, values }: Column, isRate: boolean): number | undefined {
  if (values.length < 2) return undefined;
  const [valueBefore = 0, value = 0] = values.slice(-2);
  const [timeBefore = 0, time = 0] = times.slice(-2);
  const difference = isRate && value < valueBefore ? value : value - valueBefore;
  return isRate ? difference / ((time - timeBefore) / 1000) : difference;
}

interface Compensated {
  readonly sum: number;
  readonly rest: number;
}

/** One step of summing after Kahan and Neumaier. */
export function addCompensated({ sum, rest }: Compensated, value: number): Compensated {
  const total = sum + value;
  if (Math.abs(total) === Number.POSITIVE_INFINITY) return { sum: total, rest: 0 };
  const lost = Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
  return { sum: total, rest: rest + lost };
}

const ZERO: Compensated = { sum: 0, rest: 0 };

function total(values: readonly number[]): number {
  const { sum, rest } = values.reduce(addCompensated, ZERO);
  return sum + rest;
}

function sum(values: readonly number[]): number {
  const { sum, rest } = values.reduce(addCompensated, ZERO);
  return Math.abs(sum) === Number.POSITIVE_INFINITY ? sum : sum + rest;
}

/** The mean as the aggregation and the window function share it: see the rule on overflow. */
export function mean(values: readonly number[]): number {
  let state: Compensated = { sum: values[0] ?? 0, rest: 0 };
  let isIncremental = false;
  for (let count = 2; count <= values.length; count++) {
    const value = values[count - 1] ?? 0;
    if (!isIncremental) {
      const next = addCompensated(state, value);
      if (Math.abs(next.sum) !== Number.POSITIVE_INFINITY) {
        state = next;
        continue;
      }
      isIncremental = true;
      state = { sum: state.sum / (count - 1), rest: state.rest / (count - 1) };
    }
    const share = (count - 1) / count;
    state = addCompensated({ sum: share * state.sum, rest: share * state.rest }, value / count);
  }
  if (isIncremental) return state.sum + state.rest;
  return state.sum / values.length + state.rest / values.length;
}

function extreme(
  values: readonly number[],
  isBetter: (value: number, best: number) => boolean,
): number | undefined {
  return values.reduce<number | undefined>(
    (best, value) =>
      best === undefined || isBetter(value, best) || Number.isNaN(best) ? value : best,
    undefined,
  );
}

function variance(values: readonly number[]): number {
  let count = 0;
  let middle = ZERO;
  let squares = ZERO;
  for (const value of values) {
    count++;
    const delta = value - (middle.sum + middle.rest);
    middle = addCompensated(middle, delta / count);
    squares = addCompensated(squares, delta * (value - (middle.sum + middle.rest)));
  }
  return (squares.sum + squares.rest) / count;
}

function line(
  { times, values }: Column,
  origin: number,
): { readonly slope: number; readonly intercept: number } | undefined {
  if (values.length < 2) return undefined;
  const first = values[0] ?? 0;
  if (values.slice(1).every((value) => value === first)) {
    const isBounded = Math.abs(first) !== Number.POSITIVE_INFINITY;
    return isBounded
      ? { slope: 0, intercept: first }
      : { slope: Number.NaN, intercept: Number.NaN };
  }
  const n = values.length;
  const xs = times.map((time) => (time - origin) / 1000);
  const x = total(xs);
  const y = total(values);
  const covariance = total(xs.map((at, i) => at * (values[i] ?? 0))) - (x * y) / n;
  const slope = covariance / (total(xs.map((at) => at * at)) - (x * x) / n);
  return { slope, intercept: y / n - (slope * x) / n };
}

function quantile(q: number, values: readonly number[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const numbers = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  const missing = Array<number>(values.length - numbers.length).fill(Number.NaN);
  const sorted = [...missing, ...numbers];
  const rank = q * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(sorted.length - 1, lower + 1);
  const weight = rank - lower;
  return (sorted[lower] ?? 0) * (1 - weight) + (sorted[upper] ?? 0) * weight;
}

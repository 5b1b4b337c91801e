/** Rare functions over the floats of a window, in plain code. Source: promql/functions.go (3.14). */
import { sortedQuantile } from './quantile.ts';
import { floatCount, type Window } from './window.ts';

/** Double exponential smoothing; undefined below two samples. */
export function smoothExponentially(
  { values, first, last }: Window,
  smoothingFactor: number,
  trendFactor: number,
): number | undefined {
  if (last - first < 2) return undefined;
  let before = 0;
  let smoothed = values[first] as number;
  let trend = (values[first + 1] as number) - smoothed;
  for (let i = first + 1; i < last; i++) {
    const scaled = smoothingFactor * (values[i] as number);
    if (i > first + 1) trend = trendFactor * (smoothed - before) + (1 - trendFactor) * trend;
    const next = scaled + (1 - smoothingFactor) * (smoothed + trend);
    before = smoothed;
    smoothed = next;
  }
  return smoothed;
}

/** Median of the distances to the median; NaN if any sample is NaN. */
export function medianDeviation(window: Window): number | undefined {
  if (floatCount(window) === 0) return undefined;
  const values = window.values.slice(window.first, window.last);
  if (values.some(Number.isNaN)) return Number.NaN;
  const median = sortedQuantile(0.5, values.sort());
  const distances = values.map((value) => Math.abs(value - median));
  return sortedQuantile(0.5, distances.sort());
}

/** Seconds of the largest (sign 1) or smallest (−1) sample, the latest of equal ones. */
export function timeOfExtreme(window: Window, sign: 1 | -1): number | undefined {
  if (floatCount(window) === 0) return undefined;
  const { times, values, first, last } = window;
  let extreme = values[first] as number;
  let at = first;
  for (let i = first; i < last; i++) {
    const value = values[i] as number;
    if (sign * value >= sign * extreme || Number.isNaN(extreme)) {
      extreme = value;
      at = i;
    }
  }
  return (times[at] as number) / 1000;
}

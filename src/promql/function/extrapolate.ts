/** How rate, increase and delta stretch what they saw over the whole range. Source: extrapolatedRate (3.14). */

export interface ObservedIncrease {
  readonly rangeStartMs: number;
  readonly rangeEndMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Samples less one. */
  readonly intervals: number;
  /** Where the first sample's counter began, if that is known and inside the range. */
  readonly startedMs: number | undefined;
  readonly isCounter: boolean;
  /** Of a histogram, the counts. */
  readonly increase: number;
  readonly first: number;
}

/** What to multiply the increase by; undefined when the samples do not suffice. */
export function extrapolationFactor(seen: ObservedIncrease): number | undefined {
  const { firstMs, lastMs, intervals, startedMs } = seen;
  let sampled = (lastMs - firstMs) / 1000;
  const interval = intervals > 0 ? sampled / intervals : 0;
  const threshold = interval * 1.1;
  let toStart = 0;
  if (startedMs !== undefined) sampled = (lastMs - startedMs) / 1000;
  else if (intervals === 0) return undefined;
  else toStart = gapToStart(seen, interval, threshold, sampled);
  let toEnd = (seen.rangeEndMs - lastMs) / 1000;
  if (toEnd >= threshold) toEnd = interval / 2;
  return sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
}

function gapToStart(
  { rangeStartMs, firstMs, isCounter, increase, first }: ObservedIncrease,
  interval: number,
  threshold: number,
  sampled: number,
): number {
  const gap = (firstMs - rangeStartMs) / 1000;
  const toStart = gap >= threshold ? interval / 2 : gap;
  if (!isCounter || !(increase > 0) || !(first >= 0)) return toStart;
  // A counter is not extended beyond the point where it would have been zero.
  const toZero = sampled * (first / increase);
  return toZero < toStart ? toZero : toStart;
}

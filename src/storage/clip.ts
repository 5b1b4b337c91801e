/** Sample columns within a range of time. */
import type { Kernel } from '../base/kernel.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { TimeRange } from './queryable.ts';

/** The samples within the times; nothing is moved. */
export function clip(
  kernel: Kernel,
  columns: SampleColumns,
  { minTime, maxTime }: TimeRange,
): SampleColumns {
  const first = columns.times >>> 3;
  const times = kernel.f64.subarray(first, first + columns.count);
  const from = lowerBound(times, minTime);
  const to = lowerBound(times, maxTime + 1);
  return {
    times: columns.times + 8 * from,
    values: columns.values + 8 * from,
    count: Math.max(0, to - from),
    startTimes: columns.startTimes === 0 ? 0 : columns.startTimes + 8 * from,
    histograms: columns.histograms.filter(({ time }) => time >= minTime && time <= maxTime),
  };
}

/** Where the first time at or after the given one is. */
export function lowerBound(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

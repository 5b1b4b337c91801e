/**
 * Native histograms of which only count and sum are wanted. Without buckets a counter reset could not be seen
 * any more: the hints tell it. Source: promql/histogram_stats_iterator.go (3.14).
 */
import type { FloatHistogram } from '../../model/histogram.ts';
import type { HistogramSample } from '../../model/sample.ts';
import { isCounterReset } from './histogram-compare.ts';
import { emptyHistogramLike } from './histogram-sum.ts';

/** Samples of one series in their order; the first keeps its hint. */
export function histogramStats(samples: readonly HistogramSample[]): HistogramSample[] {
  let previous: FloatHistogram | undefined;
  return samples.map((sample) => {
    const { histogram } = sample;
    if (histogram.stale) return sample;
    const counterResetHint = hintOf(histogram, previous);
    previous = histogram;
    const { count, sum, schema } = histogram;
    const bare = emptyHistogramLike({ schema, customValues: new Float64Array(0) });
    return { ...sample, histogram: { ...bare, count, sum, counterResetHint } };
  });
}

function hintOf(
  histogram: FloatHistogram,
  previous: FloatHistogram | undefined,
): FloatHistogram['counterResetHint'] {
  if (histogram.counterResetHint !== 'unknown' || previous === undefined) {
    return histogram.counterResetHint;
  }
  return isCounterReset(histogram, previous) ? 'reset' : 'not_reset';
}

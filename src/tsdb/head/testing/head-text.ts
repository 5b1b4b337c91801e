/** What a storage gives, as text; and series to put into one. */
import { testKernel } from '../../../base/testing/kernel.ts';
import type { FloatHistogram } from '../../../model/histogram.ts';
import { type Labels, labelsOf } from '../../../model/labels.ts';
import { printLabels } from '../../../model/labels-text.ts';
import type { Matcher } from '../../../model/matcher.ts';
import { type Appender, OUTCOMES } from '../../../storage/appender.ts';
import type { Queryable, SelectHints } from '../../../storage/queryable.ts';

export const HINTS: SelectHints = {
  stepMs: 0,
  rangeMs: 0,
  func: '',
  grouping: [],
  by: false,
  limit: 0,
};
export const START: number = 1_700_000_000_000;
export const EVERYTHING: readonly Matcher[] = [{ type: '!=', name: '__name__', value: '' }];

/** All that a storage gives, as text: series, then times and bits or histograms. */
export async function dump(
  storage: Queryable,
  matchers: readonly Matcher[] = EVERYTHING,
  minTime: number = -Infinity,
  maxTime: number = Infinity,
): Promise<string[]> {
  const kernel = testKernel();
  const { signal } = new AbortController();
  const lines: string[] = [];
  using set = await storage.select({ matchers, minTime, maxTime, hints: HINTS }, { signal });
  while (set.next()) {
    const mark = kernel.arena.mark();
    const { times, values, count, histograms } = set.read(kernel);
    const samples: string[] = [];
    for (let i = 0; i < count; i++) {
      const time = kernel.f64[(times >>> 3) + i] as number;
      const word = (values >>> 2) + 2 * i;
      const bits = `${kernel.u32[word + 1]?.toString(16)}:${kernel.u32[word]?.toString(16)}`;
      if (time >= minTime && time <= maxTime) samples.push(`${time} ${bits}`);
    }
    for (const { time, histogram } of histograms) {
      if (time >= minTime && time <= maxTime) samples.push(`${time} ${histogramText(histogram)}`);
    }
    if (samples.length > 0) lines.push(`${printLabels(set.labels)}: ${samples.join(', ')}`);
    kernel.arena.release(mark);
  }
  return lines;
}

/** Buckets by index, so that the layout does not matter. Where chunks begin, a hint is not known. */
function histogramText(histogram: FloatHistogram): string {
  if (histogram.stale) return 'stale';
  const { schema, zeroThreshold, zeroCount, count, sum } = histogram;
  const kind = histogram.counterResetHint === 'gauge' ? 'gauge' : 'counter';
  const buckets = (spans: FloatHistogram['positiveSpans'], counts: Float64Array): string => {
    const parts: string[] = [];
    let index = 0;
    let at = 0;
    for (const { offset, length } of spans) {
      index += offset;
      for (let i = 0; i < length; i++, index++, at++) {
        if (counts[at] !== 0) parts.push(`${index}=${counts[at]}`);
      }
    }
    return parts.join(' ');
  };
  const { positiveSpans, positiveBuckets, negativeSpans, negativeBuckets, customValues } =
    histogram;
  const sides = [
    buckets(positiveSpans, positiveBuckets),
    buckets(negativeSpans, negativeBuckets),
    customValues.join(' '),
  ];
  return `${kind} ${schema} ${zeroThreshold} ${zeroCount} ${count} ${sum} [${sides}]`;
}

/** Of a commit. */
export function outcomesOf(appender: Appender): string {
  return [...appender.commit().outcomes].map((outcome) => OUTCOMES[outcome]).join(' ');
}

export function labelsFor(i: number): Labels {
  return labelsOf({
    __name__: `metric_${i % 7}`,
    instance: `i${i}`,
    job: `job${i % 3}`,
    ...(i % 2 === 0 ? { zone: ['a', 'b', 'é\u{10000}', '\uffff'][(i / 2) % 4] ?? '' } : {}),
  });
}

/** With these counts in buckets that follow each other, and one in the zero bucket. */
export function histogramOf(...counts: readonly number[]): FloatHistogram {
  const zeroCount = 1;
  return {
    counterResetHint: 'unknown',
    schema: 2,
    zeroThreshold: 2 ** -10,
    zeroCount,
    count: counts.reduce((a, b) => a + b, zeroCount),
    sum: counts.reduce((a, b, i) => a + b * i, 0.1),
    stale: false,
    positiveSpans: [{ offset: -2, length: counts.length }],
    negativeSpans: [],
    positiveBuckets: Float64Array.from(counts),
    negativeBuckets: new Float64Array(0),
    customValues: new Float64Array(0),
  };
}

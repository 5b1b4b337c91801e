/** Native histograms as targets send them. Source: io.prometheus.client.Histogram and Compact of Prometheus 3.14. */
import { OperationError } from '../base/errors.ts';
import type { FloatHistogram, Span } from '../model/histogram.ts';
import { bucketIndices, spansOfIndices } from '../model/histogram-spans.ts';
import type { MessageHistogram, MessageSide } from './protobuf-metric.ts';
import type { PageHistogram } from './scraped-page.ts';

/** Whether a message is meant as a native histogram: an empty one says so by an empty span. */
export function isNative(message: MessageHistogram): boolean {
  return (
    message.positive.spans.length > 0 ||
    message.negative.spans.length > 0 ||
    message.zeroThreshold > 0 ||
    message.zeroCount > 0
  );
}

/** Throws OperationError 'bad-data' when spans and counts do not fit. */
export function nativeHistogram(
  message: MessageHistogram,
  counterResetHint: FloatHistogram['counterResetHint'],
): PageHistogram {
  const isFloat = message.countFloat > 0 || message.zeroCountFloat > 0;
  const positive = readSide('positive', message.positive, isFloat);
  const negative = readSide('negative', message.negative, isFloat);
  return {
    isInteger: !isFloat,
    histogram: {
      counterResetHint,
      schema: message.schema,
      zeroThreshold: message.zeroThreshold,
      zeroCount: isFloat ? message.zeroCountFloat : message.zeroCount,
      count: isFloat ? message.countFloat : message.count,
      sum: message.sum,
      stale: false,
      positiveSpans: positive.spans,
      positiveBuckets: positive.counts,
      negativeSpans: negative.spans,
      negativeBuckets: negative.counts,
      customValues: new Float64Array(0),
    },
  };
}

interface Side {
  readonly spans: readonly Span[];
  readonly counts: Float64Array;
}

function readSide(name: string, side: MessageSide, isFloat: boolean): Side {
  const given = isFloat ? side.counts : side.deltas;
  const wanted = side.spans.reduce((sum, { length }) => sum + length, 0);
  if (wanted !== given.length) {
    const found = `spans require ${wanted} buckets, have ${given.length}`;
    throw new OperationError('bad-data', `${name} side: ${found}`);
  }
  let last = 0;
  const counts = isFloat ? side.counts : side.deltas.map((delta) => (last += delta));
  const indices = bucketIndices(side.spans);
  return compactSide(counts, (i) => indices[i], 0);
}

/** Without empty buckets, except in gaps of at most `emptyMax` between others. */
export function compactSide(
  counts: readonly number[],
  indexOf: (i: number) => number,
  emptyMax: number,
): Side {
  const indices: number[] = [];
  const kept: number[] = [];
  counts.forEach((count, i) => {
    if (count === 0) return;
    const index = indexOf(i);
    const gap = indices.length === 0 ? 0 : index - (indices.at(-1) ?? 0) - 1;
    for (let empty = 1; gap <= emptyMax && empty <= gap; empty++) {
      indices.push(index - gap - 1 + empty);
      kept.push(0);
    }
    indices.push(index);
    kept.push(count);
  });
  return { spans: spansOfIndices(indices), counts: Float64Array.from(kept) };
}

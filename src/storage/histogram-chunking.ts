/**
 * Which histograms of a series may share a chunk: that decides which reset hints reading them gives. Source: the
 * appendable rules of Prometheus' tsdb/chunkenc (float_histogram.go).
 */
import type { FloatHistogram, Span } from '../model/histogram.ts';

/** Whether a histogram continues the chunk that ends with another one; if not, it begins a chunk. */
export function continuesChunk(previous: FloatHistogram, next: FloatHistogram): boolean {
  const isGauge = previous.counterResetHint === 'gauge';
  if (isGauge !== (next.counterResetHint === 'gauge')) return false;
  if (isGauge) return hasSameLayout(previous, next);
  if (next.counterResetHint === 'reset') return false;
  if (next.stale) return true;
  return (
    !previous.stale &&
    next.count >= previous.count &&
    hasSameLayout(previous, next) &&
    next.zeroCount >= previous.zeroCount &&
    noneFell(
      previous.positiveSpans,
      previous.positiveBuckets,
      next.positiveSpans,
      next.positiveBuckets,
    ) &&
    noneFell(
      previous.negativeSpans,
      previous.negativeBuckets,
      next.negativeSpans,
      next.negativeBuckets,
    )
  );
}

function hasSameLayout(a: FloatHistogram, b: FloatHistogram): boolean {
  if (a.schema !== b.schema || a.zeroThreshold !== b.zeroThreshold) return false;
  return (
    a.customValues.length === b.customValues.length &&
    a.customValues.every((bound, i) => bound === b.customValues[i])
  );
}

/** Whether every populated bucket is there again with at least the same count. */
function noneFell(
  spans: readonly Span[],
  counts: Float64Array,
  nextSpans: readonly Span[],
  nextCounts: Float64Array,
): boolean {
  const after = countsByIndex(nextSpans, nextCounts);
  for (const [index, count] of countsByIndex(spans, counts)) {
    if (count > (after.get(index) ?? 0)) return false;
  }
  return true;
}

function countsByIndex(spans: readonly Span[], counts: Float64Array): Map<number, number> {
  const byIndex = new Map<number, number>();
  let index = 0;
  let position = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) byIndex.set(index++, counts[position++] as number);
  }
  return byIndex;
}

/**
 * Limits on native histograms that are scraped: fewer buckets at the price of resolution. Source: bucket limit, smallest
 * bucket factor and ReduceResolution of Prometheus 3.14.
 */
import { OperationError } from '../base/errors.ts';
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from '../model/histogram.ts';
import { bucketIndices, coarserIndex, spansOfIndices } from '../model/histogram-spans.ts';
import type { TargetSettings } from './ingest-port.ts';

const SCHEMA_MIN = -4;
const SCHEMA_MAX = 8;

/** Throws OperationError 'limit' for a histogram that has too many buckets at every resolution. */
export function limitHistogram(
  histogram: FloatHistogram,
  settings: Pick<TargetSettings, 'nativeHistogramBucketLimit' | 'nativeHistogramMinBucketFactor'>,
): FloatHistogram {
  const schemaMax = finestSchema(settings.nativeHistogramMinBucketFactor);
  const isCustom = histogram.schema === CUSTOM_BUCKETS_SCHEMA;
  const isFine = !isCustom && histogram.schema > schemaMax;
  let limited = isFine ? reduceResolution(histogram, schemaMax) : histogram;
  const bucketsMax = settings.nativeHistogramBucketLimit;
  while (bucketsMax > 0 && bucketCount(limited) > bucketsMax) {
    if (isCustom || limited.schema <= SCHEMA_MIN) {
      throw new OperationError('limit', 'histogram bucket limit exceeded');
    }
    limited = reduceResolution(limited, limited.schema - 1);
  }
  return limited;
}

/** The finest schema whose buckets grow by at least the factor. */
function finestSchema(factor: number): number {
  const schema = Math.floor(-Math.log2(Math.log2(factor <= 1 ? 1.00271 : factor)));
  return Math.min(SCHEMA_MAX, Math.max(SCHEMA_MIN, schema));
}

function bucketCount({ positiveBuckets, negativeBuckets }: FloatHistogram): number {
  return positiveBuckets.length + negativeBuckets.length;
}

function reduceResolution(histogram: FloatHistogram, schema: number): FloatHistogram {
  const reduce = (
    spans: readonly Span[],
    counts: Float64Array,
  ): readonly [Span[], Float64Array] => {
    const sums = new Map<number, number>();
    bucketIndices(spans).forEach((index, i) => {
      const target = coarserIndex(index, histogram.schema, schema);
      sums.set(target, (sums.get(target) ?? 0) + counts[i]);
    });
    return [spansOfIndices([...sums.keys()]), Float64Array.from(sums.values())];
  };
  const [positiveSpans, positiveBuckets] = reduce(
    histogram.positiveSpans,
    histogram.positiveBuckets,
  );
  const [negativeSpans, negativeBuckets] = reduce(
    histogram.negativeSpans,
    histogram.negativeBuckets,
  );
  return { ...histogram, schema, positiveSpans, positiveBuckets, negativeSpans, negativeBuckets };
}

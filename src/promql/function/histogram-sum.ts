/**
 * Adding and subtracting native histograms: the coarser schema wins, the wider zero bucket swallows what lies
 * in it, custom bounds that differ are reduced to those in common. Source: FloatHistogram.Add, Sub, KahanAdd
 * of Prometheus' model/histogram (3.14).
 */
import {
  type CounterResetHint,
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
} from '../../model/histogram.ts';
import { bucketIndices } from '../../model/histogram-spans.ts';
import { exponentialBound, sameBounds } from './histogram-buckets.ts';
import { reconcileCustomBuckets } from './histogram-custom.ts';
import {
  type AddMode,
  addBuckets,
  type BucketSide,
  changeSide,
  compactSide,
  copySide,
  dropBucketsBelow,
  plainSide,
  reduceSide,
  totalsOf,
} from './histogram-side.ts';
import { compensatedAdd } from './kahan.ts';

export interface SumOutcome {
  /** False: exponential and custom buckets cannot be added; nothing was changed. */
  readonly compatible: boolean;
  /** One histogram says that a counter was reset, the other that it was not. */
  readonly collision: boolean;
  /** Custom bounds differed. */
  readonly reconciled: boolean;
}

/** Two numbers below it have a finite sum. */
const LARGE = Number.MAX_VALUE / 2;

const INCOMPATIBLE: SumOutcome = { compatible: false, collision: false, reconciled: false };

/** A running sum of histograms, each number with the Kahan-Neumaier compensation it has gathered. */
export class HistogramSum {
  #hint: CounterResetHint;
  #schema: number;
  #zeroThreshold: number;
  #customValues: Float64Array;
  #zeroCount: [sum: number, compensation: number];
  #count: [sum: number, compensation: number];
  #sum: [sum: number, compensation: number];
  #positive: BucketSide;
  #negative: BucketSide;

  constructor(histogram: FloatHistogram) {
    this.#hint = histogram.counterResetHint;
    this.#schema = histogram.schema;
    this.#zeroThreshold = histogram.zeroThreshold;
    this.#customValues = histogram.customValues;
    this.#zeroCount = [histogram.zeroCount, 0];
    this.#count = [histogram.count, 0];
    this.#sum = [histogram.sum, 0];
    this.#positive = plainSide(histogram.positiveSpans, histogram.positiveBuckets);
    this.#negative = plainSide(histogram.negativeSpans, histogram.negativeBuckets);
  }

  /** Adds with compensation. */
  add(other: FloatHistogram): SumOutcome {
    return this.#combine(other, 1, true);
  }

  /** Adds or subtracts without compensation, as the binary operators do. */
  addPlain(other: FloatHistogram, sign: 1 | -1): SumOutcome {
    return this.#combine(other, sign, false);
  }

  #combine(other: FloatHistogram, sign: 1 | -1, isCompensated: boolean): SumOutcome {
    const isCustom = this.#schema === CUSTOM_BUCKETS_SCHEMA;
    if (isCustom !== (other.schema === CUSTOM_BUCKETS_SCHEMA)) return INCOMPATIBLE;
    const collision = this.#mergeHint(other.counterResetHint);
    const plus = isCompensated ? compensatedAdd : plainAdd;
    if (!isCustom) {
      const [zeroCount, compensation] = this.#reconcileZero(other, isCompensated);
      plus(this.#zeroCount, sign * zeroCount);
      if (isCompensated) plus(this.#zeroCount, sign * compensation);
    }
    plus(this.#count, sign * other.count);
    plus(this.#sum, sign * other.sum);
    const positive = plainSide(other.positiveSpans, other.positiveBuckets);
    if (isCustom && !sameBounds(this.#customValues, other.customValues)) {
      const own = { side: this.#positive, bounds: this.#customValues };
      const others = { side: positive, bounds: other.customValues };
      const reduced = reconcileCustomBuckets(own, others, { sign, isCompensated });
      this.#positive = reduced.side;
      this.#customValues = reduced.bounds;
      return { compatible: true, collision, reconciled: true };
    }
    const negative = plainSide(other.negativeSpans, other.negativeBuckets);
    this.#addSides(other.schema, positive, negative, { sign, isCompensated });
    return { compatible: true, collision, reconciled: false };
  }

  #addSides(schema: number, positive: BucketSide, negative: BucketSide, mode: AddMode): void {
    const own = this.#schema;
    const target = Math.min(own, schema);
    const reduce = (side: BucketSide, from: number): BucketSide =>
      from === target ? side : reduceSide(side, from, target, mode.isCompensated);
    // What lies in the zero bucket has been counted there.
    const isInZero = (index: number): boolean =>
      target !== CUSTOM_BUCKETS_SCHEMA && exponentialBound(index, target) <= this.#zeroThreshold;
    const visible = (side: BucketSide): BucketSide =>
      dropBucketsBelow(reduce(side, schema), isInZero);
    this.#positive = addBuckets(reduce(this.#positive, own), visible(positive), mode);
    this.#negative = addBuckets(reduce(this.#negative, own), visible(negative), mode);
    this.#schema = target;
  }

  /** Gauge wins, then unknown; reset against not reset is a collision. */
  #mergeHint(other: CounterResetHint): boolean {
    const own = this.#hint;
    if (own === other || own === 'gauge') return false;
    if (other === 'gauge' || own === 'unknown' || other === 'unknown') {
      this.#hint = other === 'gauge' ? 'gauge' : 'unknown';
      return false;
    }
    this.#hint = 'unknown';
    return true;
  }

  /** Widens the narrower zero bucket until both are the same; returns what the other's then holds. */
  #reconcileZero(other: FloatHistogram, isCompensated: boolean): [number, number] {
    let count: [number, number] = [other.zeroCount, 0];
    let threshold = other.zeroThreshold;
    while (threshold !== this.#zeroThreshold) {
      if (this.#zeroThreshold > threshold) {
        const widened = new HistogramSum(other).widenedZero(this.#zeroThreshold, false);
        count = widened.count;
        threshold = widened.threshold;
      }
      if (threshold > this.#zeroThreshold) {
        const widened = this.widenedZero(threshold, isCompensated);
        this.#zeroThreshold = widened.threshold;
        this.#zeroCount = [widened.count[0], isCompensated ? widened.count[1] : 0];
        this.#clearZeroBuckets();
      }
    }
    return count;
  }

  /** What the zero bucket holds at a larger threshold, which grows until it cuts no populated bucket. */
  widenedZero(
    wanted: number,
    isCompensated: boolean,
  ): { readonly count: [number, number]; readonly threshold: number } {
    let threshold = wanted;
    let compensation = isCompensated ? this.#zeroCount[1] : 0;
    if (threshold === this.#zeroThreshold) {
      return { count: [this.#zeroCount[0], compensation], threshold };
    }
    for (;;) {
      const count: [number, number] = [this.#zeroCount[0], compensation];
      threshold = this.#swallow(this.#positive, threshold, count, isCompensated);
      const afterPositive = threshold;
      threshold = this.#swallow(this.#negative, threshold, count, isCompensated);
      compensation = count[1];
      if (threshold === afterPositive) return { count, threshold };
    }
  }

  #swallow(
    side: BucketSide,
    threshold: number,
    count: [number, number],
    isCompensated: boolean,
  ): number {
    const indices = bucketIndices(side.spans);
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number;
      if (exponentialBound(index - 1, this.#schema) >= threshold) break;
      compensatedAdd(count, side.counts[i] as number);
      if (isCompensated) compensatedAdd(count, side.compensations?.[i] ?? 0);
      const upper = exponentialBound(index, this.#schema);
      if (upper > threshold) return side.counts[i] === 0 ? threshold : upper;
    }
    return threshold;
  }

  #clearZeroBuckets(): void {
    const inZero = (index: number): boolean =>
      exponentialBound(index - 1, this.#schema) < this.#zeroThreshold;
    this.#positive = compactSide(dropBucketsBelow(this.#positive, inZero));
    this.#negative = compactSide(dropBucketsBelow(this.#negative, inZero));
  }

  /** Merges buckets until the schema is at most the given one. */
  reduceTo(schema: number): void {
    if (schema >= this.#schema) return;
    this.#positive = reduceSide(this.#positive, this.#schema, schema, true);
    this.#negative = reduceSide(this.#negative, this.#schema, schema, true);
    this.#schema = schema;
  }

  /** Multiplies everything by a number that is not negative. */
  scale(factor: number): void {
    this.#forEachNumber((value) => value * factor);
  }

  /** Divides everything by a positive number. */
  divide(divisor: number): void {
    this.#forEachNumber((value) => value / divisor);
  }

  #forEachNumber(change: (value: number) => number): void {
    for (const pair of [this.#zeroCount, this.#count, this.#sum]) {
      pair[0] = change(pair[0]);
      pair[1] = change(pair[1]);
    }
    this.#positive = changeSide(this.#positive, change);
    this.#negative = changeSide(this.#negative, change);
  }

  get hasOverflow(): boolean {
    return this.#reaches(Infinity);
  }

  /** Whether adding a histogram may give infinite numbers. */
  mayOverflowWith(histogram: FloatHistogram): boolean {
    return this.#reaches(LARGE) || new HistogramSum(histogram).#reaches(LARGE);
  }

  #reaches(magnitude: number): boolean {
    const isLarge = (value: number): boolean => Math.abs(value) >= magnitude;
    return (
      isLarge(this.#zeroCount[0]) ||
      isLarge(this.#count[0]) ||
      isLarge(this.#sum[0]) ||
      this.#positive.counts.some(isLarge) ||
      this.#negative.counts.some(isLarge)
    );
  }

  clone(): HistogramSum {
    const copy = new HistogramSum(this.toHistogram());
    copy.#zeroCount = [...this.#zeroCount];
    copy.#count = [...this.#count];
    copy.#sum = [...this.#sum];
    copy.#positive = copySide(this.#positive);
    copy.#negative = copySide(this.#negative);
    return copy;
  }

  /** The sum with its compensation added in. */
  toHistogram(): FloatHistogram {
    return {
      counterResetHint: this.#hint,
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount[0] + this.#zeroCount[1],
      count: this.#count[0] + this.#count[1],
      sum: this.#sum[0] + this.#sum[1],
      stale: false,
      positiveSpans: this.#positive.spans,
      negativeSpans: this.#negative.spans,
      positiveBuckets: totalsOf(this.#positive),
      negativeBuckets: totalsOf(this.#negative),
      customValues: this.#customValues,
    };
  }
}

function plainAdd(pair: [number, number], value: number): void {
  pair[0] += value;
}

export function scaleHistogram(histogram: FloatHistogram, factor: number): FloatHistogram {
  return changeNumbers(histogram, factor < 0, (value) => value * factor);
}

/** Divides everything; by zero, no bucket is left. */
export function divideHistogram(histogram: FloatHistogram, divisor: number): FloatHistogram {
  const divided = changeNumbers(histogram, divisor < 0, (value) => value / divisor);
  if (divisor !== 0) return divided;
  const none = new Float64Array(0);
  return {
    ...divided,
    positiveSpans: [],
    negativeSpans: [],
    positiveBuckets: none,
    negativeBuckets: none,
  };
}

function changeNumbers(
  histogram: FloatHistogram,
  isNegative: boolean,
  change: (value: number) => number,
): FloatHistogram {
  return {
    ...histogram,
    counterResetHint: isNegative ? 'gauge' : histogram.counterResetHint,
    zeroCount: change(histogram.zeroCount),
    count: change(histogram.count),
    sum: change(histogram.sum),
    positiveBuckets: histogram.positiveBuckets.map(change),
    negativeBuckets: histogram.negativeBuckets.map(change),
  };
}

/** No observations, in the buckets of another histogram. */
export function emptyHistogramLike({
  schema,
  customValues,
}: Pick<FloatHistogram, 'schema' | 'customValues'>): FloatHistogram {
  const none = new Float64Array(0);
  return {
    counterResetHint: 'unknown',
    schema,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    stale: false,
    positiveSpans: [],
    negativeSpans: [],
    positiveBuckets: none,
    negativeBuckets: none,
    customValues,
  };
}

/** What the zero bucket would hold if it reached to a larger threshold, and to where it then must reach. */
export function countInZeroBucket(
  histogram: FloatHistogram,
  threshold: number,
): { readonly count: number; readonly threshold: number } {
  if (threshold === histogram.zeroThreshold) return { count: histogram.zeroCount, threshold };
  const widened = new HistogramSum(histogram).widenedZero(threshold, false);
  return { count: widened.count[0], threshold: widened.threshold };
}

/** Without empty buckets and with spans that have gaps between them. */
export function compactHistogram(histogram: FloatHistogram): FloatHistogram {
  const positive = compactSide(plainSide(histogram.positiveSpans, histogram.positiveBuckets));
  const negative = compactSide(plainSide(histogram.negativeSpans, histogram.negativeBuckets));
  return {
    ...histogram,
    positiveSpans: positive.spans,
    positiveBuckets: positive.counts,
    negativeSpans: negative.spans,
    negativeBuckets: negative.counts,
  };
}

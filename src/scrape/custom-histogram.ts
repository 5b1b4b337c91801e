/**
 * Classic histograms as native ones with custom buckets. Source: util/convertnhcb of Prometheus 3.14.
 */
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from '../model/histogram.ts';
import { compactSide } from './native-histogram.ts';
import type { PageHistogram } from './scraped-page.ts';

interface Bucket {
  readonly bound: number;
  /** Of all observations up to the bound. */
  readonly count: number;
}

/** Gathers the series of one classic histogram. */
export class ClassicHistogram {
  readonly #buckets: Bucket[] = [];
  #count: number | undefined;
  #sum = 0;
  #isBroken = false;

  setCount(count: number): void {
    this.#isBroken ||= count < 0;
    this.#count = count;
  }

  setSum(sum: number): void {
    this.#sum = sum;
  }

  /** In whatever order; a bound that was there before changes nothing. */
  setBucket(bound: number, count: number): void {
    this.#isBroken ||= Number.isNaN(bound) || count < 0;
    let i = this.#buckets.length;
    while (i > 0 && this.#buckets[i - 1].bound >= bound) i--;
    const next = this.#buckets[i];
    if (next?.bound === bound) return;
    const isFalling = i > 0 && count < this.#buckets[i - 1].count;
    this.#isBroken ||= isFalling || (next !== undefined && count > next.count);
    this.#buckets.splice(i, 0, { bound, count });
  }

  /** Undefined when the parts contradict each other. */
  convert(counterResetHint: FloatHistogram['counterResetHint']): PageHistogram | undefined {
    if (this.#isBroken) return undefined;
    const buckets = [...this.#buckets];
    const count = this.#count ?? buckets.at(-1)?.count ?? 0;
    if (buckets.at(-1)?.bound !== Infinity) buckets.push({ bound: Infinity, count });
    if (buckets.at(-1)?.count !== count) return undefined;
    const counts = buckets.map((bucket, i) => bucket.count - (i === 0 ? 0 : buckets[i - 1].count));
    const isInteger = [count, ...buckets.map((bucket) => bucket.count)].every(Number.isInteger);
    const side = compactSide(counts, (i) => i, isInteger ? 2 : 0);
    return {
      isInteger,
      histogram: {
        counterResetHint,
        schema: CUSTOM_BUCKETS_SCHEMA,
        zeroThreshold: 0,
        zeroCount: 0,
        count,
        sum: this.#sum,
        stale: false,
        positiveSpans: side.spans,
        positiveBuckets: side.counts,
        negativeSpans: [],
        negativeBuckets: new Float64Array(0),
        customValues: Float64Array.from(buckets.slice(0, -1), ({ bound }) => bound),
      },
    };
  }
}

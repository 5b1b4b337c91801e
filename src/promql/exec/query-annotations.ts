/**
 * Warnings and infos of a running query: the texts of Prometheus' util/annotations (3.14), each with the
 * place in the query it is about. Equal remarks merge and keep the place of the part of the query that
 * is evaluated last; two kinds add up what they saw and keep the first.
 */

import { Annotations } from '../../model/annotations.ts';
import { quoteText } from '../../model/labels-text.ts';
import { printGeneral } from '../../model/number-text.ts';
import { printRounded } from '../function/number-text.ts';
import type { Position } from '../parse/ast.ts';
import { lineAndColumn } from '../parse/parse-error.ts';
import type { Plan } from '../plan/plan.ts';

export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

interface Remark {
  readonly severity: 'warning' | 'info';
  readonly position: Position;
  readonly rank: number;
}

interface Overlaps {
  position: Position;
  rank: number;
  count: number;
}

interface ForcedMonotonicity {
  position: Position;
  rank: number;
  minTime: number;
  maxTime: number;
  minBucket: number;
  maxBucket: number;
  maxDifference: number;
  samples: number;
}

/** What histogram_quantile saw where it had to raise bucket counts below those of smaller buckets. */
export interface RaisedBuckets {
  readonly timeMs: number;
  readonly minBucket: number;
  readonly maxBucket: number;
  readonly maxDifference: number;
}

export class QueryAnnotations {
  readonly #query: Uint8Array;
  readonly #order: ReadonlyMap<Plan, number>;
  readonly #plain = new Map<string, Remark>();
  readonly #monotonicity = new Map<string, ForcedMonotonicity>();
  readonly #overlaps = new Map<string, Overlaps>();

  /** @param query the text that positions refer to. @param order when each part of it is evaluated. */
  constructor(query: string, order: ReadonlyMap<Plan, number>) {
    this.#query = new TextEncoder().encode(query);
    this.#order = order;
  }

  /** Takes the remarks of one part of the query. */
  of(plan: Plan): OperatorRemarks {
    return new OperatorRemarks(this, this.#order.get(plan) ?? 0);
  }

  add(text: string, remark: Remark): void {
    const known = this.#plain.get(text);
    if (known === undefined || known.rank <= remark.rank) this.#plain.set(text, remark);
  }

  addMonotonicity(text: string, position: Position, rank: number, seen: RaisedBuckets): void {
    const { timeMs, ...buckets } = seen;
    const known = this.#monotonicity.get(text);
    if (known === undefined) {
      const first = { minTime: timeMs, maxTime: timeMs, samples: 1 };
      this.#monotonicity.set(text, { position, rank, ...buckets, ...first });
      return;
    }
    if (rank < known.rank) Object.assign(known, { position, rank });
    known.minTime = Math.min(known.minTime, timeMs);
    known.maxTime = Math.max(known.maxTime, timeMs);
    known.minBucket = Math.min(known.minBucket, seen.minBucket);
    known.maxBucket = Math.max(known.maxBucket, seen.maxBucket);
    known.maxDifference = Math.max(known.maxDifference, seen.maxDifference);
    known.samples++;
  }

  addOverlap(text: string, position: Position, rank: number): void {
    const known = this.#overlaps.get(text);
    if (known === undefined) this.#overlaps.set(text, { position, rank, count: 1 });
    else {
      known.count++;
      if (rank < known.rank) Object.assign(known, { position, rank });
    }
  }

  /** All of them with their places: "… (1:6)". */
  toAnnotations(): Annotations {
    const all = new Annotations();
    for (const [text, { severity, position }] of this.#plain) {
      all.add({ severity, text: text + this.#place(position) });
    }
    for (const [text, { position, count }] of this.#overlaps) {
      const times = count > 1 ? ` (${count} occurrences)` : '';
      all.add({ severity: 'warning', text: `${text}${times}${this.#place(position)}` });
    }
    for (const [text, seen] of this.#monotonicity) {
      const described = `${text}, ${describeMonotonicity(seen)}${this.#place(seen.position)}`;
      all.add({ severity: 'info', text: described });
    }
    return all;
  }

  #place(position: Position): string {
    return this.#query.length === 0 ? '' : ` (${lineAndColumn(this.#query, position.start)})`;
  }
}

/** The remarks of one operator: they count as made when that operator has been evaluated. */
export class OperatorRemarks {
  readonly #all: QueryAnnotations;
  readonly #rank: number;

  constructor(all: QueryAnnotations, rank: number) {
    this.#all = all;
    this.#rank = rank;
  }

  of(plan: Plan): OperatorRemarks {
    return this.#all.of(plan);
  }

  warn(position: Position, text: string): void {
    const rank = this.#rank;
    this.#all.add(`PromQL warning: ${text}`, { severity: 'warning', position, rank });
  }

  info(position: Position, text: string): void {
    this.#all.add(`PromQL info: ${text}`, { severity: 'info', position, rank: this.#rank });
  }

  forcedMonotonicity(position: Position, metricName: string, seen: RaisedBuckets): void {
    const text = `${FORCED_MONOTONICITY}${forMetricName(metricName)}`;
    this.#all.addMonotonicity(text, position, this.#rank, seen);
  }

  /** A window in which a sample's start time lies before the previous sample. */
  startTimeOverlap(position: Position, metricName: string): void {
    const text =
      'PromQL warning: sample has start time that overlaps with previous sample timestamp ' +
      `for metric ${quoteText(metricName)}`;
    this.#all.addOverlap(text, position, this.#rank);
  }
}

const FORCED_MONOTONICITY =
  'PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see ' +
  'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)';

function describeMonotonicity(seen: ForcedMonotonicity): string {
  const buckets = `from buckets ${printGeneral(seen.minBucket)} to ${printGeneral(seen.maxBucket)}`;
  const difference = `with a max diff of ${printRounded(seen.maxDifference, 2)}`;
  const times = `from ${secondsText(seen.minTime)} to ${secondsText(seen.maxTime)}`;
  return `${buckets}, ${difference}, over ${seen.samples} samples ${times}`;
}

function secondsText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Added only where the name is known, which needs delayed name removal. */
export function forMetricName(name: string): string {
  return name === '' ? '' : ` for metric name ${quoteText(name)}`;
}

export const REMARKS = {
  invalidQuantile: (q: number): string =>
    `quantile value should be between 0 and 1, got ${printGeneral(q)}`,
  invalidRatio: (ratio: number, cap: number): string =>
    'ratio value should be between -1 and 1, ' +
    `got ${printGeneral(ratio)}, capping to ${printGeneral(cap)}`,
  badBucketLabel: (value: string, name: string): string =>
    'bucket label "le" is missing or has a malformed value of ' +
    `${quoteText(value)}${forMetricName(name)}`,
  mixedFloatsHistograms: (name: string): string =>
    `encountered a mix of histograms and floats for metric name ${quoteText(name)}`,
  mixedInAggregation: 'encountered a mix of histograms and floats for aggregation',
  mixedClassicNative: (name: string): string =>
    `vector contains a mix of classic and native histograms${forMetricName(name)}`,
  notCounter: (name: string): string =>
    `this native histogram metric is not a counter: ${quoteText(name)}`,
  notGauge: (name: string): string =>
    `this native histogram metric is not a gauge: ${quoteText(name)}`,
  mixedExponentialCustom: (name: string): string =>
    'vector contains a mix of histograms with exponential and custom buckets schemas ' +
    `for metric name ${quoteText(name)}`,
  incompatibleBuckets: (op: string): string =>
    `incompatible bucket layout encountered for binary operator ${op}`,
  sortInRangeQuery:
    'sort is ineffective for range queries since results are always ordered by labels',
  possibleNonCounter: (name: string): string =>
    'metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ' +
    quoteText(name),
  possibleNonCounterLabel: (name: string, type: string): string =>
    'metric might not be a counter, __type__ label is not set to "counter" or "histogram", ' +
    `got ${quoteText(type)}: ${quoteText(name)}`,
  incompatibleTypes: (left: string, op: string, right: string): string =>
    'incompatible sample types encountered for binary operator ' +
    `${quoteText(op)}: ${left} ${op} ${right}`,
  ignoredInAggregation: (op: string): string => `ignored histogram in ${op} aggregation`,
  ignoredInMixedRange: (name: string): string =>
    'ignored histograms in a range containing both floats and histograms ' +
    `for metric name ${quoteText(name)}`,
  quantileNaNResult: (name: string): string =>
    `input to histogram_quantile has NaN observations, result is NaN${forMetricName(name)}`,
  quantileNaNSkew: (name: string): string =>
    'input to histogram_quantile has NaN observations, result is skewed higher' +
    forMetricName(name),
  fractionNaN: (name: string): string =>
    'input to histogram_fraction has NaN observations, which are excluded from all fractions' +
    forMetricName(name),
  counterResetCollision: (operation: HistogramOperation): string =>
    `conflicting counter resets during histogram ${operation}`,
  mismatchedCustomBuckets: (operation: HistogramOperation): string =>
    `mismatched custom buckets were reconciled during ${operation}`,
} as const;

/** Native histograms in scripts: `schema:1 count:4 sum:5 z_bucket:1 buckets:[1 2] offset:-1`. */
import { OperationError } from '../../base/errors.ts';
import type { CounterResetHint, FloatHistogram, Span } from '../../model/histogram.ts';
import { parseNumber } from '../../model/number-text.ts';

export interface HistogramText {
  readonly histogram: FloatHistogram;
  /** The counter reset hint is written. */
  readonly isHintGiven: boolean;
}

const NUMBER_KEYS = ['sum', 'count', 'z_bucket', 'z_bucket_w'] as const;
const INTEGER_KEYS = ['schema', 'offset', 'n_offset'] as const;
const LIST_KEYS = ['buckets', 'n_buckets', 'custom_values'] as const;
const HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

/** What stands between the double braces. Throws OperationError 'bad-data'. */
export function parseHistogram(body: string): HistogramText {
  const fields = parseFields(body);
  const number = (key: (typeof NUMBER_KEYS)[number]): number => {
    const text = fields.get(key);
    return text === undefined ? 0 : readNumber(key, text);
  };
  const integer = (key: (typeof INTEGER_KEYS)[number]): number => readInteger(key, fields.get(key));
  const list = (key: (typeof LIST_KEYS)[number]): Float64Array => readList(key, fields.get(key));
  const hint = fields.get('counter_reset_hint');
  const positiveBuckets = list('buckets');
  const negativeBuckets = list('n_buckets');
  return {
    histogram: {
      counterResetHint: hint === undefined ? 'unknown' : readHint(hint),
      schema: integer('schema'),
      zeroThreshold: number('z_bucket_w'),
      zeroCount: number('z_bucket'),
      count: number('count'),
      sum: number('sum'),
      stale: false,
      positiveSpans: spanOf(integer('offset'), positiveBuckets),
      negativeSpans: spanOf(integer('n_offset'), negativeBuckets),
      positiveBuckets,
      negativeBuckets,
      customValues: list('custom_values'),
    },
    isHintGiven: hint !== undefined,
  };
}

const KEYS: ReadonlySet<string> = new Set([
  ...NUMBER_KEYS,
  ...INTEGER_KEYS,
  ...LIST_KEYS,
  'counter_reset_hint',
]);

function parseFields(body: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [item] of body.matchAll(/[^\s:]*:\[[^\]]*\]|\S+/g)) {
    const colon = item.indexOf(':');
    const key = item.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!KEYS.has(key)) {
      throw fault(
        `unexpected ${JSON.stringify(item)} in a histogram, expected buckets:[5 10 7] or the like`,
      );
    }
    if (fields.has(key)) throw fault(`duplicate key "${key}" in histogram`);
    fields.set(key, item.slice(colon + 1));
  }
  return fields;
}

function fault(text: string): OperationError {
  return new OperationError('bad-data', text);
}

function readNumber(key: string, text: string): number {
  try {
    return parseNumber(text);
  } catch (cause) {
    throw new OperationError('bad-data', `cannot read ${key} of a histogram`, { cause });
  }
}

function readInteger(key: string, text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^-?\d+$/.test(text)) throw fault(`${key} of a histogram must be an integer, not ${text}`);
  return Number(text);
}

function readList(key: string, text: string | undefined): Float64Array {
  if (text === undefined) return new Float64Array(0);
  const [, items] = /^\[(.*)\]$/.exec(text) ?? [];
  if (items === undefined)
    throw fault(`${key} of a histogram must be a list like [5 10 7], not ${text}`);
  const numbers = items.split(/\s+/).filter((item) => item !== '');
  return Float64Array.from(numbers, (item) => readNumber(key, item));
}

function readHint(text: string): CounterResetHint {
  const hint = HINTS.find((known) => known === text.toLowerCase());
  if (hint === undefined)
    throw fault(`counter_reset_hint must be one of ${HINTS.join(', ')}, not ${text}`);
  return hint;
}

function spanOf(offset: number, buckets: Float64Array): readonly Span[] {
  return buckets.length === 0 ? [] : [{ offset, length: buckets.length }];
}

/**
 * Series as scripts and rule unit tests write them: `name{label="value"} 1 2+3x4 _x2 stale {{count:5}}x3`.
 * Source: the series description grammar of Prometheus' promql/parser.
 */
import { OperationError } from '../../base/errors.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import { type Labels, makeLabels } from '../../model/labels.ts';
import { parseNumber } from '../../model/number-text.ts';
import { parseMetricSelector } from '../../promql/parse/parse-expr.ts';
import { type HistogramText, parseHistogram } from './histogram-notation.ts';
import { combineHistograms } from './histogram-sequence.ts';

export type SequenceValue =
  | { readonly kind: 'gap' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'float'; readonly value: number }
  | {
      readonly kind: 'histogram';
      readonly histogram: FloatHistogram;
      /** The reset hint is written and must be compared. */
      readonly isHintGiven: boolean;
    };

export interface SeriesDescription {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

/** Throws OperationError 'bad-data'. */
export function parseSeries(text: string): SeriesDescription {
  const { metric, rest } = splitMetric(text);
  return { labels: parseMetric(metric), values: parseValues(rest) };
}

const METRIC = /^[^\s{]*(?:\{(?!\{)(?:[^"'`}]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\})?/;

/** The metric, which may hold blanks between its braces, and what follows it. */
function splitMetric(text: string): { readonly metric: string; readonly rest: string } {
  const [metric = ''] = METRIC.exec(text) ?? [];
  return { metric, rest: text.slice(metric.length) };
}

/** `name{a="b"}` or `{"name", a="b"}`: equality only. */
export function parseMetric(text: string): Labels {
  if (text === '') return [];
  const matchers = parseMetricSelector(text);
  const odd = matchers.find(({ type }) => type !== '=');
  if (odd !== undefined) throw fault(`label ${odd.name} of ${text} must be given with =`);
  return makeLabels(matchers.map(({ name, value }) => [name, value]));
}

function fault(text: string): OperationError {
  return new OperationError('bad-data', text);
}

/** More than any script has, and little enough to be held. */
const VALUES_MAX = 1_000_000;

function parseValues(text: string): readonly SequenceValue[] {
  const values: SequenceValue[] = [];
  for (const item of splitItems(text)) {
    const more = item.startsWith('{{') ? parseHistogramItem(item) : parsePlainItem(item);
    if (values.length + more.length > VALUES_MAX) {
      throw fault(`a series of more than ${VALUES_MAX} values`);
    }
    for (const value of more) values.push(value);
  }
  return values;
}

/** At blanks that are not inside a histogram. */
function splitItems(text: string): readonly string[] {
  const items = text.match(/\{\{.*?\}\}(?:[+-]\{\{.*?\}\})?\S*|\S+/g) ?? [];
  return items;
}

const NUMBER = '(?:\\d[\\d_]*\\.?[\\d_]*(?:e[+-]?\\d+)?|\\.\\d+(?:e[+-]?\\d+)?|inf|nan)';
const ITEM = new RegExp(`^([+-]?${NUMBER})(?:([+-]${NUMBER})(?=x))?(?:x(\\d+))?$`, 'i');

function parsePlainItem(item: string): readonly SequenceValue[] {
  const [, gaps] = /^_(?:x(\d+))?$/.exec(item) ?? [];
  if (item === '_' || gaps !== undefined) {
    return repeat(gaps === undefined ? 1 : Number(gaps), () => ({ kind: 'gap' }));
  }
  if (item === 'stale') return [{ kind: 'stale' }];
  const [, first, step, times] = ITEM.exec(item) ?? [];
  if (first === undefined) throw fault(`unexpected ${JSON.stringify(item)} among series values`);
  let value = parseNumber(first);
  const increment = step === undefined ? 0 : parseNumber(step);
  return repeat(times === undefined ? 1 : Number(times) + 1, () => {
    const float: SequenceValue = { kind: 'float', value };
    // Repeated addition, as the scripts expect: its rounding gathers.
    if (step !== undefined) value += increment;
    return float;
  });
}

function repeat(times: number, make: () => SequenceValue): readonly SequenceValue[] {
  if (times > VALUES_MAX) throw fault(`a series of more than ${VALUES_MAX} values`);
  return Array.from({ length: times }, make);
}

function parseHistogramItem(item: string): readonly SequenceValue[] {
  const match = /^\{\{(.*?)\}\}(?:([+-])\{\{(.*?)\}\}x(\d+)|x(\d+))?$/.exec(item);
  if (match === null) throw fault(`unexpected ${JSON.stringify(item)} among series values`);
  const [, body = '', sign, stepBody = '', stepTimes, times] = match;
  const first = parseHistogram(body);
  if (sign === undefined) {
    return repeat(times === undefined ? 1 : Number(times) + 1, () => sequenceValue(first));
  }
  const step = parseHistogram(stepBody);
  let histogram: FloatHistogram | undefined;
  return repeat(Number(stepTimes) + 1, () => {
    histogram =
      histogram === undefined
        ? first.histogram
        : combineHistograms(histogram, step.histogram, sign === '+' ? 1 : -1);
    // The hint of the step counts, because it is the one read last.
    return { kind: 'histogram', histogram, isHintGiven: step.isHintGiven };
  });
}

function sequenceValue({ histogram, isHintGiven }: HistogramText): SequenceValue {
  return { kind: 'histogram', histogram, isHintGiven };
}

/**
 * What `promtool check metrics` finds in a page: good practice of names, units, help and types. Source: the rules of
 * client_golang's promlint, which promtool runs.
 */
import { type Labels, labelPairs, labelsKey } from '../../model/labels.ts';
import type { MetricType } from '../../model/metric-type.ts';
import type { SampleBatch } from '../../scrape/exposition.ts';

export interface LintProblem {
  readonly metric: string;
  readonly text: string;
}

/** The samples under one name, suffixes of histograms and summaries taken off. */
interface Family {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string | undefined;
  /** One a sample; for histograms and summaries without `le` and `quantile`, one a series of the family. */
  readonly series: readonly Labels[];
}

/** Sorted by metric and text, repetitions kept. */
export function lintMetrics(batch: SampleBatch): readonly LintProblem[] {
  const problems = familiesOf(batch).flatMap((family) =>
    RULES.flatMap((rule) => rule(family)).map((text) => ({ metric: family.name, text })),
  );
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return problems.sort((a, b) => order(a.metric, b.metric) || order(a.text, b.text));
}

function familiesOf(batch: SampleBatch): readonly Family[] {
  const types = new Map<string, MetricType>();
  const helps = new Map<string, string>();
  for (const entry of batch.metadata) {
    if (entry.kind === 'type') types.set(entry.name, entry.type);
    else if (entry.kind === 'help') helps.set(entry.name, entry.text);
  }
  const series = new Map<string, Labels[]>();
  /** Series of histograms and summaries that a bucket or quantile has told of already. */
  const parts = new Set<string>();
  for (let row = 0; row < batch.count; row++) {
    const pairs = labelPairs(batch.labels(row));
    const own = pairs.find(([name]) => name === '__name__')?.[1] ?? '';
    const name = familyName(own, types);
    const type = types.get(name);
    const bound = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : '';
    const rest = pairs.filter(([label]) => label !== '__name__' && label !== bound).flat();
    const found = series.get(name) ?? [];
    series.set(name, found);
    if (bound !== '') {
      const key = `${name}\u{ff}${labelsKey(rest)}`;
      if (parts.has(key)) continue;
      parts.add(key);
    }
    found.push(rest);
  }
  return [...series].map(([name, labels]) => ({
    name,
    type: types.get(name) ?? 'unknown',
    help: helps.get(name),
    series: labels,
  }));
}

function familyName(name: string, types: ReadonlyMap<string, MetricType>): string {
  const base = name.replace(/_(bucket|count|sum)$/, '');
  const type = base === name ? undefined : types.get(base);
  if (type === 'histogram' || (type === 'summary' && !name.endsWith('_bucket'))) return base;
  return name;
}

type Rule = (family: Family) => readonly string[];

const RULES: readonly Rule[] = [
  ({ help }) => (help === undefined ? ['no help text'] : []),
  lintUnits,
  lintCounter,
  lintReserved,
  lintTypeInName,
  ({ name }) => (name.includes(':') ? ["metric names should not contain ':'"] : []),
  lintCamelCase,
  lintAbbreviations,
  lintDuplicates,
];

function lintUnits({ name }: Family): readonly string[] {
  for (const word of name.split('_')) {
    const prefix = PREFIXES.find((one) => word.startsWith(one) && one.length < word.length) ?? '';
    const base = BASE_UNITS.get(word) ?? BASE_UNITS.get(word.slice(prefix.length));
    if (base === undefined) continue;
    return word === base ? [] : [`use base unit "${base}" instead of "${word}"`];
  }
  return [];
}

function lintCounter({ name, type }: Family): readonly string[] {
  const isTotal = name.endsWith('_total');
  if (type === 'counter') {
    return isTotal ? [] : ['counter metrics should have "_total" suffix'];
  }
  const isWrong = type !== 'unknown' && isTotal;
  return isWrong ? ['non-counter metrics should not have "_total" suffix'] : [];
}

function lintReserved({ name, type, series }: Family): readonly string[] {
  if (type === 'unknown') return [];
  const isHistogram = type === 'histogram';
  const isPlain = !isHistogram && type !== 'summary';
  const problems: string[] = [];
  if (!isHistogram && name.endsWith('_bucket')) {
    problems.push('non-histogram metrics should not have "_bucket" suffix');
  }
  for (const suffix of ['_count', '_sum']) {
    if (!isPlain || !name.endsWith(suffix)) continue;
    problems.push(`non-histogram and non-summary metrics should not have "${suffix}" suffix`);
  }
  for (const [label] of series.flatMap(labelPairs)) {
    if (!isHistogram && label === 'le') {
      problems.push('non-histogram metrics should not have "le" label');
    }
    if (type !== 'summary' && label === 'quantile') {
      problems.push('non-summary metrics should not have "quantile" label');
    }
  }
  return problems;
}

function lintTypeInName({ name, type }: Family): readonly string[] {
  if (type === 'unknown' || !`${name.toLowerCase()}_`.includes(`_${type}_`)) return [];
  return [`metric name should not include type '${type}'`];
}

function lintCamelCase({ name, series }: Family): readonly string[] {
  const problem = (what: string): string =>
    `${what} names should be written in 'snake_case' not 'camelCase'`;
  const labels = series.flatMap(labelPairs).filter(([label]) => /[a-z][A-Z]/.test(label));
  return [
    ...(/[a-z][A-Z]/.test(name) ? [problem('metric')] : []),
    ...labels.map(() => problem('label')),
  ];
}

function lintAbbreviations({ name }: Family): readonly string[] {
  const padded = `${name.toLowerCase()}_`;
  return ABBREVIATIONS.filter((unit) => padded.includes(`_${unit}_`)).map(
    () => 'metric names should not contain abbreviated units',
  );
}

/** One problem for each series that comes again. */
function lintDuplicates({ series }: Family): readonly string[] {
  const seen = new Set<string>();
  return series.flatMap((labels) => {
    const key = labelsKey(labels);
    const isAgain = seen.has(key);
    seen.add(key);
    return isAgain ? ['metric not unique'] : [];
  });
}

const BASE_UNITS: ReadonlyMap<string, string> = new Map([
  ...['amperes', 'bytes', 'celsius', 'grams', 'joules', 'kelvin', 'meters', 'metres'].map(own),
  ...['seconds', 'volts'].map(own),
  ...['minutes', 'hours', 'days', 'weeks'].map((unit): [string, string] => [unit, 'seconds']),
  ['kelvins', 'kelvin'],
  ['fahrenheit', 'celsius'],
  ['rankine', 'celsius'],
  ...['inches', 'yards', 'miles'].map((unit): [string, string] => [unit, 'meters']),
  ['bits', 'bytes'],
  ['calories', 'joules'],
  ['pounds', 'grams'],
  ['ounces', 'grams'],
]);

function own(unit: string): [string, string] {
  return [unit, unit];
}

const PREFIXES: readonly string[] = [
  ...['pico', 'nano', 'micro', 'milli', 'centi', 'deci', 'deca', 'hecto', 'kilo', 'kibi'],
  ...['mega', 'mibi', 'giga', 'gibi', 'tera', 'tebi', 'peta', 'pebi'],
];

const ABBREVIATIONS: readonly string[] = [
  ...['s', 'ms', 'us', 'ns', 'sec', 'b', 'kb', 'mb', 'gb', 'tb', 'pb', 'm', 'h', 'd'],
];

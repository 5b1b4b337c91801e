/**
 * The answer of an instant query as rows of a table. Values stay the text that the server wrote, so that what is shown
 * and copied is exact; numbers are only for sorting.
 */
import type { ValueColumn } from '../parts/table-rows.ts';
import type { Labels } from './matrix.ts';
import { compareText } from './palette.ts';
import { parseSampleValue } from './parse-range.ts';
import { seriesName } from './series-name.ts';

type JsonSample = readonly [seconds: number, value: string];

/** A native histogram as the API writes it: `[rule, lower, upper, count]` a bucket. */
export interface JsonHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [number, string, string, string])[];
}

type JsonHistogramSample = readonly [seconds: number, histogram: JsonHistogram];

export interface JsonVectorSeries {
  readonly metric: Labels;
  readonly value?: JsonSample;
  readonly histogram?: JsonHistogramSample;
}

export interface JsonMatrixSeries {
  readonly metric: Labels;
  readonly values?: readonly JsonSample[];
  readonly histograms?: readonly JsonHistogramSample[];
}

/** `data` of /api/v1/query. */
export type InstantResult =
  | { readonly resultType: 'vector'; readonly result: readonly JsonVectorSeries[] }
  | { readonly resultType: 'matrix'; readonly result: readonly JsonMatrixSeries[] }
  | { readonly resultType: 'scalar' | 'string'; readonly result: JsonSample };

export interface Point {
  readonly timeMs: number;
  /** As the server wrote it; of a histogram its count. */
  readonly text: string;
  readonly histogram: JsonHistogram | undefined;
}

export interface ResultRow {
  /** The place in the answer: the order that the query asked for. */
  readonly index: number;
  readonly labels: Labels;
  readonly name: string;
  /** By time; one for a vector. */
  readonly points: readonly Point[];
}

export function rowsOf(result: InstantResult): readonly ResultRow[] {
  switch (result.resultType) {
    case 'vector':
      return result.result.map(({ metric, value, histogram }, index) =>
        rowOf(index, metric, pointsOf(value && [value], histogram && [histogram])),
      );
    case 'matrix':
      return result.result.map(({ metric, values, histograms }, index) =>
        rowOf(index, metric, pointsOf(values, histograms)),
      );
    default:
      return [rowOf(0, {}, pointsOf([result.result], undefined))];
  }
}

function rowOf(index: number, labels: Labels, points: readonly Point[]): ResultRow {
  return { index, labels, name: seriesName(labels), points };
}

function pointsOf(
  values: readonly JsonSample[] = [],
  histograms: readonly JsonHistogramSample[] = [],
): readonly Point[] {
  const points: Point[] = values.map(([seconds, text]) => ({
    timeMs: Math.round(seconds * 1000),
    text,
    histogram: undefined,
  }));
  for (const [seconds, histogram] of histograms) {
    points.push({ timeMs: Math.round(seconds * 1000), text: histogram.count, histogram });
  }
  return histograms.length > 0 ? points.sort((a, b) => a.timeMs - b.timeMs) : points;
}

/** All label names, that of the metric first. */
export function labelNames(rows: readonly ResultRow[]): readonly string[] {
  const names = new Set<string>();
  for (const { labels } of rows) for (const name in labels) names.add(name);
  const sorted = [...names].sort(compareText);
  return names.has('__name__')
    ? ['__name__', ...sorted.filter((name) => name !== '__name__')]
    : sorted;
}

export const BY_NAME = 'name';
export const BY_VALUE = 'value';

/** What rows are sorted by: their name, their last value, or one of their labels (`label:NAME`). */
export function columnsOf(names: readonly string[]): readonly ValueColumn<ResultRow>[] {
  return [
    { id: BY_NAME, value: ({ name }) => name },
    { id: BY_VALUE, value: ({ points }) => parseSampleValue(points.at(-1)?.text ?? 'NaN') },
    ...names.map((name) => ({
      id: columnOfLabel(name),
      value: ({ labels }: ResultRow) => labels[name],
    })),
  ];
}

export function columnOfLabel(name: string): string {
  return `label:${name}`;
}

/** Comma-separated (RFC 4180) or tab-separated text: labels, time, value, and for histograms count and sum. */
export function printRows(rows: readonly ResultRow[], form: 'csv' | 'tsv'): string {
  const names = labelNames(rows);
  const hasHistograms = rows.some(({ points }) => points.some(({ histogram }) => histogram));
  const head = [...names, 'timestamp', 'value', ...(hasHistograms ? ['count', 'sum'] : [])];
  const lines = rows.flatMap(({ labels, points }) =>
    points.map(({ timeMs, text, histogram }) => [
      ...names.map((name) => labels[name] ?? ''),
      new Date(timeMs).toISOString(),
      histogram === undefined ? text : '',
      ...(hasHistograms ? [histogram?.count ?? '', histogram?.sum ?? ''] : []),
    ]),
  );
  const print = form === 'csv' ? quoteCsv : cleanTsv;
  const comma = form === 'csv' ? ',' : '\t';
  return [head, ...lines].map((cells) => `${cells.map(print).join(comma)}\r\n`).join('');
}

function quoteCsv(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function cleanTsv(cell: string): string {
  return cell.replaceAll(/[\t\r\n]+/g, ' ');
}

/** What a virtual list shows one below the other: of a series with many samples first only some. */
export interface RowLine {
  readonly row: ResultRow;
  readonly kind: 'single' | 'head' | 'sample' | 'more';
  readonly point: number;
}

export const SAMPLES_AT_FIRST = 10;

export function linesOf(
  rows: readonly ResultRow[],
  opened: ReadonlySet<number>,
): readonly RowLine[] {
  const lines: RowLine[] = [];
  for (const row of rows) {
    const { length } = row.points;
    if (length <= 1) {
      lines.push({ row, kind: 'single', point: 0 });
      continue;
    }
    lines.push({ row, kind: 'head', point: 0 });
    const shown = opened.has(row.index) ? length : Math.min(length, SAMPLES_AT_FIRST);
    for (let point = 0; point < shown; point++) lines.push({ row, kind: 'sample', point });
    if (shown < length) lines.push({ row, kind: 'more', point: shown });
  }
  return lines;
}

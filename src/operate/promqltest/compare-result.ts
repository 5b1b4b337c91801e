/** Compares a query's result with what a script expects. */

import { compareLabels, labelsKey } from '../../model/labels.ts';
import { printLabels } from '../../model/labels-text.ts';
import { printGeneral } from '../../model/number-text.ts';
import { printHistogram } from '../../promql/function/histogram-text.ts';
import { almostEqual, almostEqualHistograms } from './almost-equal.ts';
import type { Expectations, Grid } from './expectations.ts';
import type { ScriptResult, ScriptSample, ScriptSeries, ScriptValue } from './script-result.ts';
import type { SequenceValue } from './series-notation.ts';

/** What is different, or undefined. The grid gives the times of a matrix' expected samples. */
export function compareResult(
  expected: Expectations,
  result: ScriptResult,
  grid: Grid,
): string | undefined {
  switch (result.kind) {
    case 'scalar':
      if (expected.scalar === undefined) return `got scalar ${result.value}`;
      return almostEqual(expected.scalar, result.value)
        ? undefined
        : `expected scalar ${expected.scalar}, got ${result.value}`;
    case 'string':
      return expected.string === result.value
        ? undefined
        : `expected string ${JSON.stringify(expected.string)}, got ${JSON.stringify(result.value)}`;
    case 'vector':
      return compareVector(expected, result.samples);
    case 'matrix':
      return compareMatrix(expected, result.series, grid);
  }
}

function compareVector(
  expected: Expectations,
  samples: readonly ScriptSample[],
): string | undefined {
  if (expected.scalar !== undefined) return `expected scalar ${expected.scalar}, got a vector`;
  const order = [...expected.series.keys()];
  const seen = new Set<string>();
  for (const [position, { labels, value }] of samples.entries()) {
    const key = labelsKey(labels);
    const wanted = expected.series.get(key)?.values[0];
    if (wanted === undefined) return `unexpected ${printLabels(labels)} ${valueText(value)}`;
    const place = expected.isOrdered ? order.indexOf(key) : position;
    if (place !== position) {
      return `expected ${printLabels(labels)} at position ${place + 1}, not ${position + 1}`;
    }
    if (!sameValue(wanted, value)) {
      return `expected ${printLabels(labels)} ${wantedText(wanted)}, got ${valueText(value)}`;
    }
    seen.add(key);
  }
  return missingSeries(expected, seen);
}

function missingSeries(expected: Expectations, seen: ReadonlySet<string>): string | undefined {
  for (const [key, { labels, values }] of expected.series) {
    if (!seen.has(key)) return `missing ${printLabels(labels)} ${values.map(wantedText).join(' ')}`;
  }
  return undefined;
}

function compareMatrix(
  expected: Expectations,
  all: readonly ScriptSeries[],
  grid: Grid,
): string | undefined {
  if (expected.isOrdered) return 'expected an ordered vector, got a matrix';
  if (expected.scalar !== undefined) return `expected scalar ${expected.scalar}, got a matrix`;
  const unsorted = findUnsorted(all);
  if (unsorted !== undefined) return unsorted;
  const seen = new Set<string>();
  for (const series of all) {
    const key = labelsKey(series.labels);
    const wanted = expected.series.get(key);
    if (wanted === undefined)
      return `unexpected ${printLabels(series.labels)} ${seriesText(series)}`;
    const difference = compareSeries(wanted.values, series, grid);
    if (difference !== undefined) {
      const got = `got ${seriesText(series)}`;
      return `${printLabels(series.labels)}: ${difference}; ${got}`;
    }
    seen.add(key);
  }
  return missingSeries(expected, seen);
}

/** A matrix is always sorted by labels. */
export function findUnsorted(all: readonly ScriptSeries[]): string | undefined {
  const at = all.findIndex(({ labels }, i) => compareLabels(all[i - 1]?.labels ?? [], labels) > 0);
  if (at < 0) return undefined;
  const labels = (all[at] as ScriptSeries).labels;
  return `the matrix is not sorted: ${printLabels(labels)} at ${at}`;
}

function compareSeries(
  values: readonly SequenceValue[],
  series: ScriptSeries,
  { startMs, endMs, stepMs }: Grid,
): string | undefined {
  const last = startMs + (values.length - 1) * stepMs;
  if (last > endMs) return `${values.length} samples expected, more than the range has`;
  const { samples } = series;
  const wanted = values.flatMap((value, i) =>
    value.kind === 'gap' ? [] : [{ time: startMs + i * stepMs, value }],
  );
  for (const { time, value } of wanted) {
    const got = samples.get(time);
    if (got === undefined) return `expected ${wantedText(value)} at ${time}`;
    if (!sameValue(value, got)) {
      return `expected ${wantedText(value)} at ${time}, got ${valueText(got)}`;
    }
  }
  return wanted.length === samples.size
    ? undefined
    : `${wanted.length} samples expected, got ${samples.size}`;
}

function sameValue(wanted: SequenceValue, got: ScriptValue): boolean {
  switch (wanted.kind) {
    case 'gap':
      // As the only value of an element it means 0.
      return got === 0;
    case 'stale':
      return false;
    case 'float':
      return typeof got === 'number' && almostEqual(wanted.value, got);
    case 'histogram':
      return (
        typeof got === 'object' && almostEqualHistograms(wanted.histogram, got, wanted.isHintGiven)
      );
  }
}

function wantedText(wanted: SequenceValue): string {
  switch (wanted.kind) {
    case 'gap':
      return '_';
    case 'stale':
      return 'stale';
    case 'float':
      return printGeneral(wanted.value);
    case 'histogram':
      return valueText(wanted.histogram);
  }
}

function valueText(value: ScriptValue): string {
  if (typeof value === 'number') return printGeneral(value);
  if ('kind' in value) return JSON.stringify(value);
  return `${printHistogram(value)} (schema ${value.schema}, hint ${value.counterResetHint})`;
}

function seriesText(series: ScriptSeries): string {
  return [...series.samples].map(([time, value]) => `${valueText(value)} @${time}`).join(' ');
}

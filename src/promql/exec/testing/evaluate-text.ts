/**
 * Queries over tiny data, as text. Data: a series a line, `name{label="v"} 1 2 _ stale 4`, a value a minute from
 * 0 on, `_` for none. Results: a line an element, `{labels} value`, or `{labels} value@seconds …` for ranges.
 */

import type { Kernel } from '../../../base/kernel.ts';
import { testKernel } from '../../../base/testing/kernel.ts';
import { type Labels, makeLabels } from '../../../model/labels.ts';
import { printLabels } from '../../../model/labels-text.ts';
import type { QueryResult } from '../../../model/result.ts';
import { MemoryStore } from '../../../storage/memory-store.ts';
import { printHistogram } from '../../function/histogram-text.ts';
import { parseExpr, parseMetricSelector } from '../../parse/parse-expr.ts';
import { FULL_SYNTAX } from '../../parse/syntax-options.ts';
import {
  DEFAULT_FEATURES,
  type PreparedQuery,
  prepareQuery,
  type QueryRequest,
  type RunOutcome,
} from '../query.ts';
import { ResultCollector } from '../result-collector.ts';

const MINUTE_MS = 60_000;

export function storeOf(data: string): MemoryStore {
  const store = new MemoryStore();
  for (const line of data.split('\n').map((text) => text.trim())) {
    const split = /^(.*?\}|\S+)\s+(.*)$/.exec(line);
    if (split === null) continue;
    const labels = parseLabels(split[1] as string);
    (split[2] as string).split(/\s+/).forEach((text, minute) => {
      if (text === '_') return;
      const value = text === 'stale' ? 'stale' : Number(text);
      store.append(labels, { time: minute * MINUTE_MS, value });
    });
  }
  return store;
}

function parseLabels(text: string): Labels {
  return makeLabels(parseMetricSelector(text).map(({ name, value }) => [name, value]));
}

export type RequestChanges = Partial<Omit<QueryRequest, 'expr' | 'query'>>;

export function requestOf(query: string, changes: RequestChanges = {}): QueryRequest {
  return {
    expr: parseExpr(query, FULL_SYNTAX),
    query,
    startMs: 10 * MINUTE_MS,
    endMs: 10 * MINUTE_MS,
    stepMs: 0,
    lookbackMs: 5 * MINUTE_MS,
    noStepSubqueryIntervalMs: MINUTE_MS,
    maxSamples: 1e6,
    features: DEFAULT_FEATURES,
    ...changes,
  };
}

export async function prepareText(
  store: MemoryStore,
  query: string,
  changes: RequestChanges = {},
): Promise<PreparedQuery> {
  const { signal } = new AbortController();
  return prepareQuery(requestOf(query, changes), store, { signal });
}

export interface TextOutcome {
  readonly lines: readonly string[];
  readonly outcome: RunOutcome;
}

/** Runs a query; what it took of the kernel's arena is checked to be given back. */
export async function runText(
  store: MemoryStore,
  query: string,
  changes: RequestChanges & { readonly kernel?: Kernel } = {},
): Promise<TextOutcome> {
  const { kernel = testKernel(), ...rest } = changes;
  using prepared = await prepareText(store, query, rest);
  const collector = new ResultCollector(kernel);
  const mark = kernel.arena.mark();
  const outcome = prepared.run(kernel, collector, { isCanceled: () => false });
  if (kernel.arena.mark() !== mark) throw new Error(`${query} kept memory of the arena`);
  return { lines: printResult(collector.result), outcome };
}

/** A range query over the given minutes. */
export function minutes(from: number, to: number, step = 1): RequestChanges {
  return { startMs: from * MINUTE_MS, endMs: to * MINUTE_MS, stepMs: step * MINUTE_MS };
}

export function printResult(result: QueryResult): string[] {
  switch (result.kind) {
    case 'scalar':
    case 'string':
      return [String(result.value)];
    case 'vector':
      return result.samples.map(({ labels, value }) => {
        const text = typeof value === 'number' ? String(value) : printHistogram(value);
        return `${printLabels(labels)} ${text}`;
      });
    case 'matrix':
      return result.series.map(({ labels, times, values, histograms }) => {
        const floats = Array.from(times, (time, i) => [time, String(values[i])] as const);
        const others = histograms.map(
          ({ time, histogram }) => [time, printHistogram(histogram)] as const,
        );
        const samples = [...floats, ...others].sort((a, b) => a[0] - b[0]);
        const texts = samples.map(([time, text]) => `${text}@${time / 1000}`);
        return `${printLabels(labels)} ${texts.join(' ')}`;
      });
  }
}

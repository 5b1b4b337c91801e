/**
 * Runs scripts against a server that speaks Prometheus' API: samples go in by remote write, queries through
 * `/api/v1/query` and `/api/v1/query_range`. A server forgets nothing: after `clear` the script goes on a year
 * later, and queries that depend on absolute time are refused there. Results with histograms are refused too:
 * the API does not tell their layout.
 */
import { OperationError } from '../../base/errors.ts';
import type { Kernel } from '../../base/kernel.ts';
import { makeLabels } from '../../model/labels.ts';
import { parseNumber } from '../../model/number-text.ts';
import type { MatrixSeries, QueryResult } from '../../model/result.ts';
import type { HistogramSample } from '../../model/sample.ts';
import { writeStale } from '../../model/stale.ts';
import type { AtModifier } from '../../promql/parse/ast.ts';
import { parseExpr } from '../../promql/parse/parse-expr.ts';
import { printExpr } from '../../promql/parse/print.ts';
import { FULL_SYNTAX } from '../../promql/parse/syntax-options.ts';
import type { HttpClient, HttpClientRequest } from '../../transport/http-client.ts';
import { encodeSnappyBlock } from '../../wire/snappy.ts';
import { encodeWriteRequest, type WriteSeries } from '../../wire/write-request.ts';
import { rewriteAt } from './at-modifier.ts';
import type { SeriesSamples } from './load.ts';
import type { QueryOutcome, QueryTarget, TargetQuery } from './query-target.ts';

const YEAR_MS = 365 * 86_400_000;
const DEPENDS_ON_TIME =
  /(?<!@ *)\b(time|timestamp|start_timestamp|ts_of_\w+|predict_linear|start|end|minute|hour|month|year|days?_\w+)\s*\(/;

export class HttpTarget implements QueryTarget {
  readonly #client: HttpClient;
  readonly #url: string;
  readonly #kernel: Kernel;
  readonly #signal: AbortSignal;
  /** What script time 0 is at the server. */
  #originMs = 0;
  #isEmpty = true;

  constructor(options: {
    readonly client: HttpClient;
    /** Without a slash at its end. */
    readonly url: string;
    /** For compression. */
    readonly kernel: Kernel;
    readonly signal: AbortSignal;
  }) {
    this.#client = options.client;
    this.#url = options.url.replace(/\/$/, '');
    this.#kernel = options.kernel;
    this.#signal = options.signal;
  }

  async load(all: readonly SeriesSamples[]): Promise<void> {
    this.#isEmpty = false;
    const message = encodeWriteRequest(all.map((series) => toColumns(series, this.#originMs)));
    const { status, text } = await this.#request({
      method: 'POST',
      url: `${this.#url}/api/v1/write`,
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      },
      body: encodeSnappyBlock(this.#kernel, message),
    });
    if (status < 300) return;
    throw new OperationError(
      'unavailable',
      `cannot load ${all.length} series into ${this.#url}: status ${status}: ${text.trim()}; ` +
        'it needs the remote write receiver and an out-of-order window',
    );
  }

  async clear(): Promise<void> {
    if (!this.#isEmpty) this.#originMs += YEAR_MS;
    this.#isEmpty = true;
  }

  async query({ query, startMs, endMs, stepMs }: TargetQuery): Promise<QueryOutcome> {
    if (this.#originMs > 0 && DEPENDS_ON_TIME.test(query)) {
      throw new OperationError('not-acceptable', 'absolute times have moved since the clear above');
    }
    const shifted = this.#originMs === 0 ? query : shiftAt(query, this.#originMs);
    const seconds = (ms: number): string => String((ms + this.#originMs) / 1000);
    const times: Record<string, string> =
      stepMs === 0
        ? { time: seconds(startMs) }
        : { start: seconds(startMs), end: seconds(endMs), step: String(stepMs / 1000) };
    const path = stepMs === 0 ? 'query' : 'query_range';
    const { text } = await this.#request({
      method: 'POST',
      url: `${this.#url}/api/v1/${path}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ query: shifted, ...times }).toString(),
    });
    const { data, error, warnings = [], infos = [] } = parseEnvelope(text);
    if (error !== undefined) throw new OperationError('execution', error);
    return { result: parseResult(data, this.#originMs), warnings, infos };
  }

  async #request(
    request: Omit<HttpClientRequest, 'signal'>,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await this.#client.request({ ...request, signal: this.#signal });
    return { status: answer.status, text: await answer.text() };
  }
}

/** Moves the times behind `@`. */
function shiftAt(query: string, byMs: number): string {
  const expr = parseExpr(query, FULL_SYNTAX);
  const shift = (at: AtModifier | undefined): AtModifier | undefined =>
    at?.kind === 'time' ? { kind: 'time', timeMs: at.timeMs + byMs } : at;
  return query.includes('@') ? printExpr(rewriteAt(expr, shift, true)) : query;
}

function toColumns({ labels, samples }: SeriesSamples, originMs: number): WriteSeries {
  const floats = samples.filter(({ value }) => typeof value !== 'object');
  const times = Float64Array.from(floats, ({ time }) => time + originMs);
  const values = new Float64Array(floats.length);
  const words = new Uint32Array(values.buffer);
  for (const [i, { value }] of floats.entries()) {
    if (value === 'stale') writeStale(words, i);
    else if (typeof value === 'number') values[i] = value;
  }
  const histograms = samples.flatMap(({ time, value, startTime = 0 }): HistogramSample[] =>
    typeof value === 'object' ? [{ time: time + originMs, startTime, histogram: value }] : [],
  );
  return { labels, times, values, histograms };
}

interface Envelope {
  readonly data?: ApiResult;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

type ApiPoint = readonly [time: number, value: string];

type ApiResult =
  | { readonly resultType: 'scalar' | 'string'; readonly result: ApiPoint }
  | { readonly resultType: 'vector' | 'matrix'; readonly result: readonly ApiSeries[] };

interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: ApiPoint;
  readonly values?: readonly ApiPoint[];
  readonly histogram?: unknown;
  readonly histograms?: unknown;
}

function parseEnvelope(text: string): Envelope {
  try {
    return JSON.parse(text) as Envelope;
  } catch (cause) {
    const start = JSON.stringify(text.slice(0, 80));
    throw new OperationError('unavailable', `the answer is not JSON: ${start}`, { cause });
  }
}

function parseResult(data: ApiResult | undefined, originMs: number): QueryResult {
  const timeOf = ([seconds]: ApiPoint): number => Math.round(seconds * 1000) - originMs;
  switch (data?.resultType) {
    case 'scalar': {
      const { result } = data;
      return { kind: 'scalar', time: timeOf(result), value: parseNumber(result[1]) };
    }
    case 'string':
      return { kind: 'string', time: timeOf(data.result), value: data.result[1] };
    case 'vector':
      return {
        kind: 'vector',
        samples: data.result.map((series) => {
          const [point] = pointsOf(series);
          if (point === undefined) throw new OperationError('corrupt', 'a sample without a value');
          const labels = makeLabels(Object.entries(series.metric));
          return { labels, time: timeOf(point), value: parseNumber(point[1]) };
        }),
      };
    case 'matrix':
      return {
        kind: 'matrix',
        series: data.result.map((series): MatrixSeries => {
          const points = pointsOf(series);
          return {
            labels: makeLabels(Object.entries(series.metric)),
            times: Float64Array.from(points, timeOf),
            values: Float64Array.from(points, ([, value]) => parseNumber(value)),
            histograms: [],
          };
        }),
      };
    default:
      throw new OperationError('corrupt', 'the answer has neither a result nor an error');
  }
}

function pointsOf({ value, values, histogram, histograms }: ApiSeries): readonly ApiPoint[] {
  if (histogram !== undefined || histograms !== undefined) {
    throw new OperationError('not-acceptable', 'the API does not tell the layout of histograms');
  }
  return value === undefined ? (values ?? []) : [value];
}

/**
 * Runs scripts against a server that speaks Prometheus' API: samples go in by remote write, queries through
 * `/api/v1/query` and `/api/v1/query_range`. A server forgets nothing: after `clear` the script goes on a year
 * later, and queries that depend on absolute time are refused there. So is everything once a load has start
 * timestamps, which remote write 1 does not carry. Of histograms only count, sum and populated buckets are
 * compared: the API tells no more.
 */
import { OperationError } from '../../base/errors.ts';
import type { Kernel } from '../../base/kernel.ts';
import { makeLabels } from '../../model/labels.ts';
import { parseNumber } from '../../model/number-text.ts';
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
import type {
  ListedHistogram,
  ScriptResult,
  ScriptSample,
  ScriptSeries,
  ScriptValue,
} from './script-result.ts';

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
  /** Why the data at the server is not what the script has loaded. */
  #lacks = '';

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
    if (all.some(({ samples }) => samples.some(({ startTime = 0 }) => startTime !== 0))) {
      this.#lacks = 'remote write 1 carries no start timestamps';
      return;
    }
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
    this.#lacks = '';
  }

  async query({ query, startMs, endMs, stepMs }: TargetQuery): Promise<QueryOutcome> {
    if (this.#lacks !== '') throw new OperationError('not-acceptable', this.#lacks);
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
type ApiHistogramPoint = readonly [time: number, histogram: ApiHistogram];

interface ApiHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [
    bounds: number,
    lower: string,
    upper: string,
    count: string,
  ])[];
}

type ApiResult =
  | { readonly resultType: 'scalar' | 'string'; readonly result: ApiPoint }
  | { readonly resultType: 'vector' | 'matrix'; readonly result: readonly ApiSeries[] };

interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: ApiPoint;
  readonly values?: readonly ApiPoint[];
  readonly histogram?: ApiHistogramPoint;
  readonly histograms?: readonly ApiHistogramPoint[];
}

function parseEnvelope(text: string): Envelope {
  try {
    return JSON.parse(text) as Envelope;
  } catch (cause) {
    const start = JSON.stringify(text.slice(0, 80));
    throw new OperationError('unavailable', `the answer is not JSON: ${start}`, { cause });
  }
}

function parseResult(data: ApiResult | undefined, originMs: number): ScriptResult {
  switch (data?.resultType) {
    case 'scalar':
      return { kind: 'scalar', value: parseNumber(data.result[1]) };
    case 'string':
      return { kind: 'string', value: data.result[1] };
    case 'vector':
      return {
        kind: 'vector',
        samples: data.result.map((one): ScriptSample => {
          const { labels, samples } = parseSeries(one, originMs);
          const [value] = samples.values();
          if (value === undefined) throw new OperationError('corrupt', 'a sample without a value');
          return { labels, value };
        }),
      };
    case 'matrix':
      return { kind: 'matrix', series: data.result.map((one) => parseSeries(one, originMs)) };
    default:
      throw new OperationError('corrupt', 'the answer has neither a result nor an error');
  }
}

function parseSeries(series: ApiSeries, originMs: number): ScriptSeries {
  const { metric, value, values = [], histogram, histograms = [] } = series;
  const samples = new Map<number, ScriptValue>();
  const timeOf = (seconds: number): number => Math.round(seconds * 1000) - originMs;
  for (const [time, text] of value === undefined ? values : [value]) {
    samples.set(timeOf(time), parseNumber(text));
  }
  for (const [time, listed] of histogram === undefined ? histograms : [histogram]) {
    samples.set(timeOf(time), parseHistogram(listed));
  }
  return { labels: makeLabels(Object.entries(metric)), samples };
}

function parseHistogram({ count, sum, buckets = [] }: ApiHistogram): ListedHistogram {
  return {
    kind: 'listed',
    count: parseNumber(count),
    sum: parseNumber(sum),
    buckets: buckets.map(([, lower, upper, inside]) => ({
      lower: parseNumber(lower),
      upper: parseNumber(upper),
      count: parseNumber(inside),
    })),
  };
}

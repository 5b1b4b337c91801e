/**
 * StoreAPI from a running Prometheus: series by remote read, labels by its HTTP API, external labels added to
 * both. Source: Thanos' sidecar (docs/components/sidecar.md), StoreAPI's rules on order and external labels.
 */
import { create } from '@bufbuild/protobuf';
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { compareText, dropLabels, labelPairs, labelsOf, labelValue } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { isRecord, type PrometheusApi } from '../remote/http-api.ts';
import { encodeReadRequest, READ_HEADERS, type ReadQuery } from '../remote/read-request.ts';
import type { Histogram } from '../telemetry/metrics.ts';
import type { StreamedPost } from '../transport/body-sink.ts';
import { type InfoResponse, InfoResponseSchema } from '../wire/gen/thanos/info_pb.ts';
import type {
  LabelNamesRequest,
  LabelValuesRequest,
  SeriesRequest,
} from '../wire/gen/thanos/store_pb.ts';
import { SeriesResponseEncoder } from '../wire/series-response.ts';
import { type LabelRewrite, labelRewrite, rewriteLabels } from './prometheus-labels.ts';
import { sampledSeries } from './prometheus-samples.ts';
import { ReadStream } from './prometheus-stream.ts';
import { type PrometheusWatch, TIME_MAX } from './prometheus-watch.ts';
import { SendSlabs } from './send-slabs.ts';
import type { LabelAnswer, StoreSource } from './source.ts';
import { SeriesBatch } from './source-batch.ts';
import { matchExternal, printSelector, readMatchers } from './source-matchers.ts';
import { type Hash64, type ShardFilter, shardFilter } from './source-shard.ts';
import { SeriesSort } from './source-sort.ts';

export interface PrometheusSourceOptions {
  readonly api: PrometheusApi;
  readonly post: StreamedPost;
  /** Headers of each remote read, such as the authorization. */
  readHeaders(): Readonly<Record<string, string>>;
  readonly watch: PrometheusWatch;
  readonly kernel: Kernel;
  readonly hash: Hash64;
  /** Bytes that one request may hold in memory to sort what has lost its order. */
  readonly sortBudgetBytes: number;
  /** Most series, and samples, of one request; 0 is any number. */
  readonly seriesMax: number;
  readonly samplesMax: number;
  /** Observes the number of frames of each streamed answer. */
  readonly frames: Pick<Histogram, 'observe'>;
}

/** Times that Prometheus' HTTP API can read: it refuses years above 9999 or below 0. */
const API_TIME_MIN = -62135596800;
const API_TIME_MAX = 253402300799;

export class PrometheusSource implements StoreSource {
  readonly #options: PrometheusSourceOptions;
  readonly #slabs = new SendSlabs();

  constructor(options: PrometheusSourceOptions) {
    this.#options = options;
  }

  sent(message: Uint8Array): void {
    this.#slabs.sent(message);
  }

  async info(): Promise<InfoResponse> {
    const { watch } = this.#options;
    const { fault, minTime } = watch.state;
    if (fault !== undefined) {
      throw new OperationError('unavailable', 'Prometheus is not ready', { cause: fault });
    }
    const labels = labelPairs(watch.externalLabels).map(([name, value]) => ({ name, value }));
    const range = { minTime, maxTime: TIME_MAX };
    return create(InfoResponseSchema, {
      componentType: 'sidecar',
      labelSets: [{ labels }],
      store: {
        ...range,
        supportsSharding: true,
        supportsWithoutReplicaLabels: true,
        supportsProjections: false,
        tsdbInfos: [{ labels: { labels }, ...range }],
      },
    });
  }

  async *series(request: SeriesRequest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { watch, hash } = this.#options;
    const external = watch.externalLabels;
    const matchers = matchExternal(readMatchers(request.matchers), external);
    if (matchers === undefined) return;
    if (matchers.length === 0) {
      throw new OperationError('bad-data', 'no matchers specified (excluding external labels)');
    }
    const { minTime } = watch.state;
    const range = { minTime: maxOf(request.minTime, minTime), maxTime: request.maxTime };
    if (range.maxTime < range.minTime) return;
    const plan: SeriesPlan = {
      request,
      matchers,
      range,
      rewrite: labelRewrite(external, new Set(request.withoutReplicaLabels)),
      shard: shardFilter(request.shardInfo, hash),
    };
    if (request.skipChunks) yield* await this.#labelsOnly(plan, signal);
    else yield* this.#read(plan, signal);
  }

  async labelNames(request: LabelNamesRequest, signal: AbortSignal): Promise<LabelAnswer> {
    const external = this.#options.watch.externalLabels;
    const matchers = matchExternal(readMatchers(request.matchers), external);
    if (matchers === undefined) return NOTHING;
    const answer = await this.#texts('/api/v1/labels', { ...request, matchers }, signal);
    if (answer.values.length === 0) return answer;
    const without = new Set(request.withoutReplicaLabels);
    const own = answer.values.filter((name) => !without.has(name));
    const added = dropLabels(external, without).filter((_, i) => i % 2 === 0);
    return limited({ ...answer, values: [...new Set([...own, ...added])] }, request.limit);
  }

  async labelValues(request: LabelValuesRequest, signal: AbortSignal): Promise<LabelAnswer> {
    const { label, limit, withoutReplicaLabels } = request;
    if (label === '') throw new OperationError('bad-data', 'label name parameter cannot be empty');
    if (withoutReplicaLabels.includes(label)) return NOTHING;
    const external = this.#options.watch.externalLabels;
    const matchers = matchExternal(readMatchers(request.matchers), external);
    if (matchers === undefined) return NOTHING;
    const own = labelValue(external, label);
    if (own !== '') return this.#externalValue(own, { ...request, matchers }, signal);
    const path = `/api/v1/label/${encodeURIComponent(label)}/values`;
    return limited(await this.#texts(path, { ...request, matchers }, signal), limit);
  }

  /** An external label has its one value if any series matches the rest. */
  async #externalValue(
    value: string,
    scope: LabelScope,
    signal: AbortSignal,
  ): Promise<LabelAnswer> {
    if (scope.matchers.length === 0) return { values: [value], warnings: [] };
    const parameters = [...scopeParameters(scope), ['limit', '1'] as const];
    const { data, warnings } = await this.#options.api.post('/api/v1/series', parameters, signal);
    return { values: Array.isArray(data) && data.length > 0 ? [value] : [], warnings };
  }

  async #texts(path: string, scope: LabelScope, signal: AbortSignal): Promise<LabelAnswer> {
    const { api } = this.#options;
    const { data, warnings } = await api.get(path, scopeParameters(scope), signal);
    if (!Array.isArray(data) || !data.every((item) => typeof item === 'string')) {
      throw new OperationError(
        'corrupt',
        `cannot read ${api.url}${path}: it gives no list of texts`,
      );
    }
    return { values: data, warnings };
  }

  async #labelsOnly(plan: SeriesPlan, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const { api, sortBudgetBytes, seriesMax } = this.#options;
    const { request, matchers, range, rewrite, shard } = plan;
    const scope = { matchers, start: range.minTime, end: range.maxTime, limit: request.limit };
    const { data } = await api.post('/api/v1/series', scopeParameters(scope), signal);
    if (!Array.isArray(data) || !data.every(isLabelRecord)) {
      throw new OperationError(
        'corrupt',
        `cannot read ${api.url}/api/v1/series: it gives no label sets`,
      );
    }
    const sort = new SeriesSort(sortBudgetBytes);
    const encoder = new SeriesResponseEncoder();
    let count = 0;
    for (const record of data) {
      const labels = rewriteLabels(labelsOf(record), rewrite);
      if (shard?.(labels) === false) continue;
      if (seriesMax > 0 && ++count > seriesMax) throw tooManySeries(seriesMax);
      sort.add(labels, encoder.series([{ labels, chunks: [] }]));
    }
    const batch = new SeriesBatch(Number(request.responseBatchSize), this.#slabs);
    sort.moveTo(batch, Number(request.limit));
    return batch.take();
  }

  async *#read(plan: SeriesPlan, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    signal.throwIfAborted();
    const { api, post, kernel, readHeaders, frames } = this.#options;
    const url = new URL(`${api.url}/api/v1/read`);
    const queries = readQueries(plan);
    const stream = this.#stream(plan, url.href, queries.length - 1);
    const body = encodeReadRequest(kernel, queries);
    const headers = { ...READ_HEADERS, ...readHeaders() };
    const flow = post({ url, headers, body }, stream);
    const stop = (): void => stream.fail(callerGone(url.href, signal.reason));
    signal.addEventListener('abort', stop, { once: true });
    try {
      for (;;) {
        const isDone = stream.isDone;
        yield* stream.take();
        if (isDone) return;
        flow.resume();
        await stream.changed();
      }
    } finally {
      signal.removeEventListener('abort', stop);
      flow.cancel();
      if (stream.frames > 0) frames.observe(stream.frames);
    }
  }

  #stream({ request, rewrite, shard }: SeriesPlan, url: string, lastQuery: number): ReadStream {
    const { kernel, sortBudgetBytes, seriesMax, samplesMax } = this.#options;
    return new ReadStream({
      url,
      rewrite,
      lastQuery,
      limit: Number(request.limit),
      batchSize: Number(request.responseBatchSize),
      slabs: this.#slabs,
      shard,
      budgetBytes: sortBudgetBytes,
      seriesMax,
      samplesMax,
      samples: (body) => sampledSeries(kernel, body, rewrite, sortBudgetBytes),
    });
  }
}

interface SeriesPlan {
  readonly request: SeriesRequest;
  readonly matchers: readonly Matcher[];
  readonly range: { readonly minTime: bigint; readonly maxTime: bigint };
  readonly rewrite: LabelRewrite;
  readonly shard: ShardFilter | undefined;
}

/**
 * Disjoint queries that give every series once: for each rewritten label the series that have it already (and
 * none of those before it), last the series that have none of them.
 */
function readQueries({ matchers, range, rewrite }: SeriesPlan): ReadQuery[] {
  const { affected } = rewrite;
  const absent = affected.map((name): Matcher => ({ type: '=', name, value: '' }));
  const present = affected.map((name, i): ReadQuery => {
    const own: Matcher = { type: '!=', name, value: '' };
    return { ...range, matchers: [own, ...absent.slice(0, i), ...matchers] };
  });
  return [...present, { ...range, matchers: [...matchers, ...absent] }];
}

interface LabelScope {
  readonly matchers: readonly Matcher[];
  readonly start: bigint;
  readonly end: bigint;
  readonly limit: bigint;
}

const NOTHING: LabelAnswer = { values: [], warnings: [] };

function scopeParameters({ matchers, start, end, limit }: LabelScope): [string, string][] {
  const parameters: [string, string][] = [
    ['start', apiTime(start)],
    ['end', apiTime(end)],
  ];
  if (matchers.length > 0) parameters.push(['match[]', printSelector(matchers)]);
  if (limit > 0n) parameters.push(['limit', String(limit)]);
  return parameters;
}

function apiTime(timeMs: bigint): string {
  return String(Math.min(API_TIME_MAX, Math.max(API_TIME_MIN, Number(timeMs) / 1000)));
}

function limited({ values, warnings }: LabelAnswer, limit: bigint): LabelAnswer {
  const sorted = values.toSorted(compareText);
  return { values: limit > 0n ? sorted.slice(0, Number(limit)) : sorted, warnings };
}

function isLabelRecord(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}

function tooManySeries(seriesMax: number): OperationError {
  return new OperationError('limit', `the request selects more than ${seriesMax} series`);
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function callerGone(url: string, reason: unknown): OperationError {
  if (reason instanceof OperationError) return reason;
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  const kind = isTimeout ? 'timeout' : 'canceled';
  return new OperationError(kind, `cannot read from ${url}`, { cause: reason });
}

/** A querier as a store for the queriers above it: the stores beneath, merged, under its selector labels. */
import { create } from '@bufbuild/protobuf';
import { OperationError } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import { labelPairs, labelsKey, makeLabels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { QueryView } from '../storage/query-view.ts';
import type { LabelsRequest } from '../storage/queryable.ts';
import type { InfoResponse } from '../wire/gen/thanos/info_pb.ts';
import { InfoResponseSchema } from '../wire/gen/thanos/info_pb.ts';
import { PartialResponseStrategy as Strategy } from '../wire/gen/thanos/label_pb.ts';
import type {
  LabelNamesRequest,
  LabelValuesRequest,
  SeriesRequest,
} from '../wire/gen/thanos/store_pb.ts';
import { SeriesRequestSchema } from '../wire/gen/thanos/store_pb.ts';
import { encodeMessage } from '../wire/message.ts';
import { SeriesResponseEncoder } from '../wire/series-response.ts';
import type { WireSeries } from '../wire/wire-series.ts';
import { FrameSeriesSet } from './frame-series-set.ts';
import { int64, wireMatchers } from './series-request.ts';
import type { LabelAnswer, StoreSource } from './source.ts';
import { matchExternal, readMatchers } from './source-matchers.ts';
import type { Hash64 } from './source-shard.ts';
import { shardFilter } from './source-shard.ts';
import type { StoreProxy } from './store-proxy.ts';

export interface ProxySourceOptions {
  readonly proxy: StoreProxy;
  /** Under which this querier stands for all that is beneath it. */
  readonly selectorLabels: Labels;
  readonly hash: Hash64;
}

const NOTHING: LabelAnswer = { values: [], warnings: [] };
const BATCH_BYTES = 256 << 10;

export class ProxySource implements StoreSource {
  readonly #options: ProxySourceOptions;

  constructor(options: ProxySourceOptions) {
    this.#options = options;
  }

  async info(): Promise<InfoResponse> {
    const { stores } = this.#options.proxy;
    const minTime = Math.min(2 ** 63, ...stores.map((store) => store.minTime));
    const maxTime = Math.max(-(2 ** 63), ...stores.map((store) => store.maxTime));
    const range =
      stores.length === 0
        ? { minTime: int64(-(2 ** 63)), maxTime: int64(2 ** 63) }
        : { minTime: int64(minTime), maxTime: int64(maxTime) };
    const databases = stores.flatMap((store) => store.databases);
    return create(InfoResponseSchema, {
      componentType: 'query',
      labelSets: this.#labelSets(databases.map(({ labels }) => labels)),
      store: {
        ...range,
        supportsSharding: true,
        supportsWithoutReplicaLabels: true,
        tsdbInfos: databases.map((database) => ({
          labels: wireLabels(this.#selected(database.labels)),
          minTime: int64(database.minTime),
          maxTime: int64(database.maxTime),
        })),
      },
    });
  }

  async *series(request: SeriesRequest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const matchers = this.#ownMatchers(request.matchers);
    if (matchers === undefined) return;
    if (matchers.length === 0) {
      throw new OperationError('bad-data', 'no matchers specified (excluding selector labels)');
    }
    const encoded = encodeMessage(SeriesRequestSchema, {
      ...request,
      matchers: wireMatchers(matchers),
    });
    const view = viewOf(request);
    const selection = {
      minTime: Number(request.minTime),
      maxTime: Number(request.maxTime),
      matchers,
    };
    const answer = await this.#options.proxy.encodedSeries(selection, encoded, { view, signal });
    using set = new FrameSeriesSet({
      answer,
      minTime: selection.minTime,
      maxTime: selection.maxTime,
      replicaLabels: view.replicaLabels,
      aggregate: 'average',
      deduplicate: undefined,
      partialResponse: view.partialResponse,
      limit: 0,
      shard: undefined,
      account: undefined,
    });
    yield* this.#encode(set, request);
  }

  async labelNames(request: LabelNamesRequest, signal: AbortSignal): Promise<LabelAnswer> {
    const asked = this.#labelsRequest(request);
    if (asked === undefined) return NOTHING;
    return await this.#options.proxy.labelNames(asked, { view: viewOf(request), signal });
  }

  async labelValues(request: LabelValuesRequest, signal: AbortSignal): Promise<LabelAnswer> {
    const { label } = request;
    if (label === '') throw new OperationError('bad-data', 'label name parameter cannot be empty');
    const asked = this.#labelsRequest(request);
    if (asked === undefined) return NOTHING;
    return await this.#options.proxy.labelValues(label, asked, { view: viewOf(request), signal });
  }

  /** Warnings that are known come first, those found on the way at the end. */
  *#encode(set: FrameSeriesSet, request: SeriesRequest): Generator<Uint8Array> {
    const encoder = new SeriesResponseEncoder();
    const isInShard = shardFilter(request.shardInfo, this.#options.hash);
    const batchMax = Math.max(1, Number(request.responseBatchSize));
    const limit = Number(request.limit);
    const known = [...set.warnings];
    for (const warning of known) yield encoder.warning(warning);
    let batch: WireSeries[] = [];
    let batchBytes = 0;
    for (let count = 0; (limit <= 0 || count < limit) && set.next(); ) {
      const { series } = set;
      if (isInShard?.(series.labels) === false) continue;
      count++;
      batch.push(series);
      batchBytes += series.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      if (batch.length < batchMax && batchBytes < BATCH_BYTES) continue;
      yield encoder.series(batch);
      batch = [];
      batchBytes = 0;
    }
    if (batch.length > 0) yield encoder.series(batch);
    for (const warning of set.warnings.slice(known.length)) yield encoder.warning(warning);
  }

  #labelsRequest(request: {
    readonly matchers: SeriesRequest['matchers'];
    readonly start: bigint;
    readonly end: bigint;
    readonly limit: bigint;
  }): LabelsRequest | undefined {
    const matchers = this.#ownMatchers(request.matchers);
    if (matchers === undefined) return undefined;
    const { start, end, limit } = request;
    return { matchers, minTime: Number(start), maxTime: Number(end), limit: Number(limit) };
  }

  /** What is left when the selector labels are fulfilled; undefined when they are not. */
  #ownMatchers(matchers: SeriesRequest['matchers']): Matcher[] | undefined {
    return matchExternal(readMatchers(matchers), this.#options.selectorLabels);
  }

  /** Each different one once; without databases, the selector labels alone. */
  #labelSets(sets: readonly Labels[]): ReturnType<typeof wireLabels>[] {
    const { selectorLabels } = this.#options;
    const all = (sets.length === 0 ? [selectorLabels] : sets).map((set) => this.#selected(set));
    const unique = new Map(all.map((set) => [labelsKey(set), set]));
    return [...unique.values()].filter((set) => set.length > 0).map(wireLabels);
  }

  #selected(labels: Labels): Labels {
    return makeLabels([...labelPairs(labels), ...labelPairs(this.#options.selectorLabels)]);
  }
}

function wireLabels(labels: Labels): { labels: { name: string; value: string }[] } {
  return { labels: labelPairs(labels).map(([name, value]) => ({ name, value })) };
}

function viewOf(request: {
  readonly withoutReplicaLabels: readonly string[];
  readonly partialResponseDisabled: boolean;
  readonly partialResponseStrategy: Strategy;
}): QueryView {
  const { withoutReplicaLabels, partialResponseDisabled, partialResponseStrategy } = request;
  return {
    deduplicate: withoutReplicaLabels.length > 0,
    replicaLabels: withoutReplicaLabels,
    partialResponse: !partialResponseDisabled && partialResponseStrategy !== Strategy.ABORT,
    storeMatchers: [],
    maxSourceResolutionMs: 0,
  };
}

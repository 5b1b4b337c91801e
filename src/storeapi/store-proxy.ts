/**
 * One storage out of many stores: which of them a request concerns, what they answer, and what becomes of failures.
 * Lives on the main thread; sets of series can be read where their frames were moved to.
 */
import type { Clock } from '../base/clock.ts';
import { errorText, OperationError } from '../base/errors.ts';
import type { Matcher } from '../model/matcher.ts';
import { ascendingTexts, mergeTexts } from '../model/merge-texts.ts';
import type { QueryView } from '../storage/query-view.ts';
import type { LabelsRequest, LabelsResult, SelectRequest } from '../storage/queryable.ts';
import type { GrpcCallOptions } from '../transport/grpc.ts';
import {
  LabelNamesResponseSchema,
  LabelValuesResponseSchema,
  Store,
} from '../wire/gen/thanos/store_pb.ts';
import { methodPath } from '../wire/message.ts';
import { decodeTextList } from '../wire/text-list.ts';
import type { FanOutAnswer, FanOutLimits } from './fan-out.ts';
import { fanOutSeries } from './fan-out.ts';
import { SlabPool } from './frame-batches.ts';
import type { ProxiedStore } from './proxied-store.ts';
import { selectStores, storeText } from './proxied-store.ts';
import {
  encodeLabelNamesRequest,
  encodeLabelValuesRequest,
  encodeSeriesRequest,
  removedLabels,
} from './series-request.ts';

export interface StoreProxyOptions {
  /** The stores as they are at this moment. */
  readonly stores: () => readonly ProxiedStore[];
  readonly clock: Clock;
  readonly limits: FanOutLimits;
}

/** What a request is made under, besides what it asks for. */
export interface RequestScope {
  readonly view: QueryView;
  readonly signal: AbortSignal;
}

export interface TimedSelection {
  readonly minTime: number;
  readonly maxTime: number;
  readonly matchers: readonly Matcher[];
}

const LABEL_NAMES = methodPath(Store.method.labelNames);
const LABEL_VALUES = methodPath(Store.method.labelValues);

export class StoreProxy {
  readonly #options: StoreProxyOptions;
  /** Memory of answers; whoever has read one may give its buffers back. */
  readonly slabs: SlabPool = new SlabPool();

  constructor(options: StoreProxyOptions) {
    this.#options = options;
  }

  /** Those beneath it at this moment. */
  get stores(): readonly ProxiedStore[] {
    return this.#options.stores();
  }

  /** Frames of all stores concerned; errors as of fanOutSeries. No store concerned is an empty answer. */
  series(request: SelectRequest, scope: RequestScope): Promise<FanOutAnswer> {
    return this.encodedSeries(request, encodeSeriesRequest(request, scope.view), scope);
  }

  /** The same for a request that is encoded already; the selection says which stores it concerns. */
  async encodedSeries(
    selection: TimedSelection,
    request: Uint8Array,
    { view, signal }: RequestScope,
  ): Promise<FanOutAnswer> {
    return await fanOutSeries({
      stores: this.#select(selection, view),
      request,
      asksWithoutReplicaLabels: removedLabels(view).length > 0,
      partialResponse: view.partialResponse,
      limits: this.#options.limits,
      slabs: this.slabs,
      clock: this.#options.clock,
      signal,
    });
  }

  /** Of all stores concerned, each once, sorted. */
  labelNames(request: LabelsRequest, scope: RequestScope): Promise<LabelsResult> {
    const encoded = encodeLabelNamesRequest(request, scope.view);
    return this.#labels('names', request, scope, async (store, call) => {
      const answer = await store.client.unary(LABEL_NAMES, encoded, call);
      return decodeTextList(LabelNamesResponseSchema.typeName, answer);
    });
  }

  labelValues(name: string, request: LabelsRequest, scope: RequestScope): Promise<LabelsResult> {
    const encoded = encodeLabelValuesRequest(name, request, scope.view);
    return this.#labels('values', request, scope, async (store, call) => {
      const answer = await store.client.unary(LABEL_VALUES, encoded, call);
      return decodeTextList(LabelValuesResponseSchema.typeName, answer);
    });
  }

  async #labels(
    what: 'names' | 'values',
    request: LabelsRequest,
    { view, signal }: RequestScope,
    ask: (store: ProxiedStore, call: GrpcCallOptions) => Promise<LabelsResult>,
  ): Promise<LabelsResult> {
    const { responseTimeoutMs } = this.#options.limits;
    const call = responseTimeoutMs > 0 ? { signal, timeoutMs: responseTimeoutMs } : { signal };
    const answers = await Promise.all(
      this.#select(request, view).map(async (store) => {
        try {
          return await ask(store, call);
        } catch (error) {
          signal.throwIfAborted();
          const text = `fetch label ${what} from store ${storeText(store)}: ${errorText(error)}`;
          if (!view.partialResponse) throw new OperationError('execution', text, { cause: error });
          return { values: [], warnings: [text] };
        }
      }),
    );
    const values = mergeTexts(answers.map((answer) => ascendingTexts(answer.values)));
    const warnings = [...new Set(answers.flatMap((answer) => answer.warnings))];
    return { values: request.limit > 0 ? values.slice(0, request.limit) : values, warnings };
  }

  #select(
    request: TimedSelection,
    { storeMatchers, partialResponse }: QueryView,
  ): readonly ProxiedStore[] {
    const stores = this.#options.stores();
    if (stores.length === 0 && !partialResponse) {
      const message = 'no stores are available, and the answer must be complete';
      throw new OperationError('execution', message);
    }
    const { minTime, maxTime, matchers } = request;
    return selectStores(stores, { minTime, maxTime, matchers, storeMatchers });
  }
}

/**
 * A StoreProxy as the storage of one request: on the main thread, which has the proxy, and in a worker, which asks
 * the main thread and gets the frames moved to it.
 */
import { must } from '../base/assert.ts';
import { correctsResets, isCounterFunction } from '../storage/deduplicate.ts';
import type { OpenView, QueryView } from '../storage/query-view.ts';
import type {
  LabelsRequest,
  LabelsResult,
  Queryable,
  SelectRequest,
  SeriesSet,
} from '../storage/queryable.ts';
import type { ReadAccount } from '../storage/read-account.ts';
import { aggregateChoice } from './aggregate-columns.ts';
import type { FanOutAnswer } from './fan-out.ts';
import { FrameSeriesSet } from './frame-series-set.ts';
import { removedLabels } from './series-request.ts';
import type { RequestScope, StoreProxy } from './store-proxy.ts';

export type DeduplicationFunction = 'penalty' | 'chain';

/** For the main thread. */
export function openProxy(proxy: StoreProxy, func: DeduplicationFunction): OpenView {
  return (view) => ({
    async select(request, { signal, account }) {
      const answer = await proxy.series(request, { view, signal });
      return seriesSet(answer, request, { view, func, account });
    },
    labelNames: (request, { signal }) => proxy.labelNames(request, { view, signal }),
    labelValues: (name, request, { signal }) => proxy.labelValues(name, request, { view, signal }),
  });
}

/** What a worker asks the main thread for. */
export type ProxyCall =
  | { readonly kind: 'series'; readonly request: SelectRequest }
  | { readonly kind: 'labelNames'; readonly request: LabelsRequest }
  | { readonly kind: 'labelValues'; readonly name: string; readonly request: LabelsRequest };

/** For a worker: `call` carries a ProxyCall to answerProxyCall on the main thread. */
export function workerQueryable(
  view: QueryView,
  func: DeduplicationFunction,
  call: (payload: unknown, signal: AbortSignal) => Promise<unknown>,
): Queryable {
  const ask = (payload: ProxyCall, signal: AbortSignal): Promise<unknown> => call(payload, signal);
  return {
    async select(request, { signal, account }) {
      const answer = (await ask({ kind: 'series', request }, signal)) as FanOutAnswer;
      return seriesSet(answer, request, { view, func, account });
    },
    async labelNames(request, { signal }) {
      return (await ask({ kind: 'labelNames', request }, signal)) as LabelsResult;
    },
    async labelValues(name, request, { signal }) {
      return (await ask({ kind: 'labelValues', name, request }, signal)) as LabelsResult;
    },
  };
}

/** What the main thread answers; buffers in `transfer` move to the worker, and may come back to `proxy.slabs`. */
export async function answerProxyCall(
  proxy: StoreProxy,
  payload: unknown,
  scope: RequestScope,
): Promise<{ readonly value: unknown; readonly transfer: readonly ArrayBuffer[] }> {
  const asked = must(payload as ProxyCall | undefined, 'a worker asks for something');
  if (asked.kind === 'labelNames') {
    return { value: await proxy.labelNames(asked.request, scope), transfer: [] };
  }
  if (asked.kind === 'labelValues') {
    return { value: await proxy.labelValues(asked.name, asked.request, scope), transfer: [] };
  }
  const value = await proxy.series(asked.request, scope);
  const transfer = value.answers.flatMap(({ batches }) => batches.map(({ bytes }) => bytes));
  return { value, transfer };
}

interface Seen {
  readonly view: QueryView;
  readonly func: DeduplicationFunction;
  readonly account: ReadAccount | undefined;
}

function seriesSet(
  answer: FanOutAnswer,
  request: SelectRequest,
  { view, func, account }: Seen,
): SeriesSet {
  const { hints, whole = request } = request;
  const replicaLabels = removedLabels(view);
  return new FrameSeriesSet({
    answer,
    minTime: whole.minTime,
    maxTime: whole.maxTime,
    replicaLabels,
    aggregate: aggregateChoice(hints.func),
    deduplicate:
      replicaLabels.length > 0
        ? {
            func,
            isCounter: isCounterFunction(hints.func),
            correctsResets: correctsResets(hints.func),
          }
        : undefined,
    partialResponse: view.partialResponse,
    limit: hints.limit,
    shard: hints.shard,
    account,
  });
}

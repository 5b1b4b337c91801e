/** The real proxy, deduplication and engine over both sidecars, in this thread, as a worker has them. */
import type { Clock } from '../../src/base/clock.ts';
import type { Kernel } from '../../src/base/kernel.ts';
import { type Labels, labelValue } from '../../src/model/labels.ts';
import type { MatrixSeries } from '../../src/model/result.ts';
import {
  DEFAULT_FEATURES,
  parseExpr,
  prepareQuery,
  ResultCollector,
  STABLE_SYNTAX,
} from '../../src/promql/public.ts';
import type { QueryView } from '../../src/storage/query-view.ts';
import type { ProxiedStore } from '../../src/storeapi/proxied-store.ts';
import { answerProxyCall, workerQueryable } from '../../src/storeapi/proxy-queryable.ts';
import { StoreProxy } from '../../src/storeapi/store-proxy.ts';
import { METRIC } from './target.ts';

export interface QuerierOptions {
  readonly stores: readonly ProxiedStore[];
  readonly clock: Clock;
  readonly kernel: Kernel;
}

export interface RangeRequest {
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 makes it an instant query at the end. */
  readonly stepMs: number;
  readonly deduplicate: boolean;
}

export interface RangeAnswer {
  readonly series: readonly MatrixSeries[];
  readonly warnings: readonly string[];
}

export type Ask = (request: RangeRequest) => Promise<RangeAnswer>;

export function createQuerier({ stores, clock, kernel }: QuerierOptions): Ask {
  const proxy = new StoreProxy({
    stores: () => stores,
    clock,
    limits: { responseTimeoutMs: 0, answerMaxBytes: 1 << 26 },
  });
  return async ({ query, startMs, endMs, stepMs, deduplicate }) => {
    const view: QueryView = {
      deduplicate,
      replicaLabels: ['replica'],
      partialResponse: true,
      storeMatchers: [],
      maxSourceResolutionMs: 0,
    };
    const { signal } = new AbortController();
    const lent: ArrayBuffer[] = [];
    const call = async (payload: unknown): Promise<unknown> => {
      const { value, transfer } = await answerProxyCall(proxy, payload, { view, signal });
      lent.push(...transfer);
      return value;
    };
    using prepared = await prepareQuery(
      {
        expr: parseExpr(query, STABLE_SYNTAX),
        query,
        startMs: stepMs === 0 ? endMs : startMs,
        endMs,
        stepMs,
        lookbackMs: 300_000,
        noStepSubqueryIntervalMs: 60_000,
        maxSamples: 1e7,
        features: DEFAULT_FEATURES,
      },
      workerQueryable(view, 'penalty', call),
      { signal },
    );
    const collector = new ResultCollector(kernel);
    const { storageWarnings } = prepared.run(kernel, collector, { isCanceled: () => false });
    proxy.slabs.giveBack(lent);
    const { result } = collector;
    return { series: result.kind === 'matrix' ? result.series : [], warnings: storageWarnings };
  };
}

/** As the model calls the series. */
export function seriesName(labels: Labels): string {
  const instance = labelValue(labels, 'instance');
  const metric = labelValue(labels, '__name__');
  return metric === METRIC
    ? `${metric} ${instance} ${labelValue(labels, 'part')}`
    : `up ${instance}`;
}

/** The contract of whoever runs PromQL queries: a pool of workers, or this thread. */
import type { AnalysedPart } from '../model/query-analysis.ts';
import type { QueryStatistics } from '../model/result.ts';
import type { QueryView } from '../storage/query-view.ts';

export interface EngineRequest {
  /** PromQL text. */
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 makes it an instant query at startMs. */
  readonly stepMs: number;
  readonly lookbackMs: number;
  readonly timeoutMs: number;
  /** Most series in the result; more are cut off with a warning. 0 is all. */
  readonly limit: number;
  readonly view: QueryView;
  /** Count samples as Prometheus' statistics do, which takes time: for those who ask for statistics. */
  readonly countsWindows?: boolean;
  /** Count samples for each step, too; needs countsWindows. */
  readonly countsSteps?: boolean;
  /** Tell what each part of the query costs. */
  readonly isAnalysed?: boolean;
}

export interface EngineAnswer {
  /** `"resultType":"…","result":…` as UTF-8 JSON without the braces around it, in slices. */
  readonly resultSlices: readonly Uint8Array[];
  /** PromQL warnings, then those of the storage, told apart by `storageWarningCount`. */
  readonly warnings: readonly string[];
  readonly storageWarningCount: number;
  readonly infos: readonly string[];
  readonly statistics: EngineStatistics;
  /** Where the request wants it. */
  readonly analysis?: AnalysedPart;
}

export interface EngineStatistics extends QueryStatistics {
  readonly queueMs: number;
  readonly prepareMs: number;
  readonly evaluateMs: number;
}

export interface Engine {
  /**
   * Rejects with OperationError 'bad-data' (the text does not parse), 'execution', 'limit', 'timeout',
   * 'canceled' (the signal), 'unavailable' (the worker died under the query).
   */
  query(request: EngineRequest, options: { readonly signal: AbortSignal }): Promise<EngineAnswer>;
  close(): Promise<void>;
}

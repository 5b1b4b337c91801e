import type { SeriesSamples } from './load.ts';
import type { ScriptResult } from './script-result.ts';

/** What scripts run against: an engine in this process, or a server. */
export interface QueryTarget {
  /** Adds samples. Throws OperationError. */
  load(series: readonly SeriesSamples[]): Promise<void>;
  /** Forgets all samples. */
  clear(): Promise<void>;
  /**
   * Throws OperationError for a query that fails, with the message that scripts expect, and 'not-acceptable' for
   * one that this target cannot compare: that one is skipped.
   */
  query(request: TargetQuery): Promise<QueryOutcome>;
}

export interface TargetQuery {
  readonly query: string;
  /** Equal to endMs in an instant query. */
  readonly startMs: number;
  readonly endMs: number;
  /** 0 in an instant query. */
  readonly stepMs: number;
}

export interface QueryOutcome {
  readonly result: ScriptResult;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

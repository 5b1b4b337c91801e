/**
 * How one request wants to see the storage beneath a querier: Thanos' request parameters beside Prometheus'.
 * A storage without replicas or stores ignores what does not apply to it.
 */
import type { Matcher } from '../model/matcher.ts';
import type { Queryable } from './queryable.ts';

export interface QueryView {
  /** Fold the series of replicas into one. */
  readonly deduplicate: boolean;
  /** Labels that tell replicas apart. */
  readonly replicaLabels: readonly string[];
  /** A store that fails becomes a warning (true) or fails the request (false). */
  readonly partialResponse: boolean;
  /** Ask only stores whose pseudo labels (`__address__`) satisfy one of these matcher lists; empty is all. */
  readonly storeMatchers: readonly (readonly Matcher[])[];
  /** Coarsest resolution of downsampled data to read, in milliseconds; 0 is raw data only. */
  readonly maxSourceResolutionMs: number;
}

/** Gives a storage as one request wants to see it. */
export type OpenView = (view: QueryView) => Queryable;

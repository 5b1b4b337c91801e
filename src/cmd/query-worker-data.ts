/** What the main thread of `query` hands to each of its workers at the start. */
import type { EngineSettings } from '../engine/evaluate.ts';
import type { DeduplicationFunction } from '../storeapi/proxy-queryable.ts';

export interface QueryWorkerData {
  readonly settings: EngineSettings;
  readonly memoryBytes: number;
  readonly storage: QueryWorkerStorage;
}

export type QueryWorkerStorage =
  | { readonly kind: 'blocks'; readonly directory: string; readonly cacheBytes: number }
  /** A server's own storage: the main thread passes on what is asked of the head. */
  | { readonly kind: 'tsdb'; readonly directory: string; readonly cacheBytes: number }
  /** The main thread asks the stores and moves what they send here. */
  | { readonly kind: 'stores'; readonly deduplication: DeduplicationFunction };

/**
 * The contract between a StoreAPI server and what it serves from: a Prometheus, a bucket, a database. Requests
 * are those of the wire; series come as encoded SeriesResponse messages, in StoreAPI's order (ascending labels
 * after external labels were added and `without_replica_labels` removed).
 */
import type { InfoResponse } from '../wire/gen/thanos/info_pb.ts';
import type {
  LabelNamesRequest,
  LabelValuesRequest,
  SeriesRequest,
} from '../wire/gen/thanos/store_pb.ts';

export interface StoreSource {
  /** Throws OperationError 'unavailable' while the source is not ready. */
  info(signal: AbortSignal): Promise<InfoResponse>;
  /** Breaking off the iteration frees what the request holds. */
  series(request: SeriesRequest, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Told of each message of `series` that has been sent: its memory may be used again. */
  sent?(message: Uint8Array): void;
  labelNames(request: LabelNamesRequest, signal: AbortSignal): Promise<LabelAnswer>;
  labelValues(request: LabelValuesRequest, signal: AbortSignal): Promise<LabelAnswer>;
}

/** Ascending, each once. */
export interface LabelAnswer {
  readonly values: readonly string[];
  readonly warnings: readonly string[];
}

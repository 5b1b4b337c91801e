/**
 * Bytes by key that may be forgotten at any time. A cache never fails its caller: what cannot be fetched is a miss,
 * what cannot be stored is left out; both show in metrics.
 */
export interface Cache extends AsyncDisposable {
  /** The hits among these keys. The bytes are shared with the cache: neither change nor transfer them. */
  fetch(keys: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Does not wait. The bytes become the cache's: neither change nor transfer them any more. */
  store(key: string, bytes: Uint8Array, ttlMs: number): void;
}

/** What caches on servers have in common: batches, bounds, a queue of values to store, metrics. */
import type { Clock } from '../base/clock.ts';
import { Gate } from '../base/gate.ts';
import type { Cache } from './cache.ts';
import type { SetQueueConfig } from './cache-config.ts';
import type { FailureReason, RemoteMetrics, SkipReason } from './cache-metrics.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

/** One kind of server. Failures are RemoteFailure. */
export interface RemoteBackend extends AsyncDisposable {
  get(keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  set(key: string, bytes: Uint8Array, ttlMs: number): Promise<void>;
}

export class RemoteFailure extends Error {
  readonly reason: FailureReason;
  /** What other servers had, of a `get` that failed on some. */
  readonly hits: ReadonlyMap<string, Uint8Array>;

  constructor(
    reason: FailureReason,
    message: string,
    options: { readonly cause?: unknown; readonly hits?: ReadonlyMap<string, Uint8Array> } = {},
  ) {
    super(message, options);
    this.name = 'RemoteFailure';
    this.reason = reason;
    this.hits = options.hits ?? new Map();
  }
}

export interface RemoteCacheParts {
  /** In metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly metrics: RemoteMetrics;
  /** Told of the first failure after a success, so that logs do not fill. */
  readonly onTrouble: (message: string, error: unknown) => void;
}

export interface RemoteCacheConfig {
  /** Keys of one request; 0 for any number. */
  readonly getBatch: number;
  /** Requests at once; 0 for any number. */
  readonly getConcurrency: number;
  /** Larger values are not stored; 0 for any. */
  readonly itemBytesMax: number;
  readonly sets: SetQueueConfig;
}

interface Waiting {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly ttlMs: number;
}

const GATE_MAX = 1_000_000;

export class RemoteCache implements Cache {
  readonly #backend: RemoteBackend;
  readonly #config: RemoteCacheConfig;
  readonly #parts: RemoteCacheParts;
  readonly #gate: Gate;
  readonly #breaker: CircuitBreaker | undefined;
  readonly #waiting: Waiting[] = [];
  #storing = 0;
  #isTroubled = false;
  #isClosed = false;

  constructor(backend: RemoteBackend, config: RemoteCacheConfig, parts: RemoteCacheParts) {
    const { breaker } = config.sets;
    this.#backend = backend;
    this.#config = config;
    this.#parts = parts;
    this.#gate = new Gate(config.getConcurrency || GATE_MAX);
    this.#breaker = breaker === undefined ? undefined : new CircuitBreaker(breaker, parts.clock);
    parts.metrics.requests.inc({ name: parts.name }, 0);
    parts.metrics.hits.inc({ name: parts.name }, 0);
  }

  async fetch(
    keys: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const { metrics, name } = this.#parts;
    metrics.requests.inc({ name }, keys.length);
    const size = this.#config.getBatch || keys.length;
    const batches: (readonly string[])[] = [];
    for (let at = 0; at < keys.length; at += size) batches.push(keys.slice(at, at + size));
    const found = await Promise.all(batches.map((batch) => this.#get(batch, signal)));
    const [first] = found;
    const hits =
      found.length === 1 && first !== undefined
        ? first
        : new Map(found.flatMap((part) => [...part]));
    metrics.hits.inc({ name }, hits.size);
    return hits;
  }

  store(key: string, bytes: Uint8Array, ttlMs: number): void {
    const { itemBytesMax, sets } = this.#config;
    if (itemBytesMax !== 0 && bytes.length > itemBytesMax) this.#skip('max-item-size');
    else if (this.#storing < sets.concurrency) void this.#storeAll({ key, bytes, ttlMs });
    else if (this.#waiting.length >= sets.waitingMax) this.#skip('buffer-full');
    else this.#waiting.push({ key, bytes, ttlMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#waiting.length = 0;
    await this.#backend[Symbol.asyncDispose]();
  }

  async #get(
    keys: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    try {
      const leave = await this.#gate.enter(signal);
      try {
        return await this.#measured('getmulti', () => this.#backend.get(keys));
      } finally {
        leave();
      }
    } catch (error) {
      // Counted, and told if it is the first.
      return error instanceof RemoteFailure ? error.hits : new Map();
    }
  }

  /** Takes what waits until nothing does. */
  async #storeAll(first: Waiting): Promise<void> {
    this.#storing++;
    for (let item: Waiting | undefined = first; item !== undefined; item = this.#waiting.shift()) {
      if (this.#isClosed) break;
      await this.#storeOne(item);
    }
    this.#storing--;
  }

  async #storeOne({ key, bytes, ttlMs }: Waiting): Promise<void> {
    if (this.#breaker?.admits() === false) return this.#skip('circuit-breaker');
    try {
      await this.#measured('set', () => this.#backend.set(key, bytes, ttlMs));
      this.#breaker?.succeeded();
    } catch {
      this.#breaker?.failed();
    }
  }

  async #measured<T>(operation: 'getmulti' | 'set', run: () => Promise<T>): Promise<T> {
    const { metrics, name, clock } = this.#parts;
    const labels = { name, operation };
    const sinceMs = clock.monotonicMs();
    metrics.operations.inc(labels);
    try {
      const result = await run();
      metrics.durations.observe(labels, (clock.monotonicMs() - sinceMs) / 1000);
      this.#isTroubled = false;
      return result;
    } catch (error) {
      const reason = error instanceof RemoteFailure ? error.reason : 'other';
      if (!this.#isClosed) this.#tell({ ...labels, reason }, error);
      throw error;
    }
  }

  #tell(
    labels: { readonly name: string; readonly operation: string; readonly reason: string },
    error: unknown,
  ): void {
    this.#parts.metrics.failures.inc(labels);
    if (!this.#isTroubled) {
      this.#parts.onTrouble('cache does not answer; it is done without', error);
    }
    this.#isTroubled = true;
  }

  #skip(reason: SkipReason): void {
    const { metrics, name } = this.#parts;
    metrics.skipped.inc({ name, operation: 'set', reason });
  }
}

/** A cache in this process' memory, bounded by bytes: what was used longest ago goes first. */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';
import type { Cache } from './cache.ts';
import type { MemoryCacheConfig } from './cache-config.ts';
import type { CacheMetrics } from './cache-metrics.ts';

export interface MemoryCacheParts {
  /** In metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly metrics: CacheMetrics['memory'];
}

interface Item {
  readonly bytes: Uint8Array;
  readonly expiresMs: number;
}

/** What an item costs beside its bytes and its key's. */
const ITEM_BYTES = 200;

export class MemoryCache implements Cache {
  readonly #config: MemoryCacheConfig;
  readonly #parts: MemoryCacheParts;
  readonly #items: LRUCache<string, Item>;
  readonly #labels: { readonly name: string };
  #itemsBytes = 0;

  constructor(config: MemoryCacheConfig, parts: MemoryCacheParts) {
    this.#config = config;
    this.#parts = parts;
    this.#labels = { name: parts.name };
    const { metrics } = parts;
    this.#items = new LRUCache({
      maxSize: Math.max(1, config.sizeBytesMax),
      sizeCalculation: ({ bytes }, key) => bytes.length + 2 * key.length + ITEM_BYTES,
      dispose: ({ bytes }, _, reason) => {
        this.#itemsBytes -= bytes.length;
        if (reason === 'evict') metrics.evicted.inc(this.#labels);
      },
    });
    metrics.bytesMax.set(this.#labels, config.sizeBytesMax);
    metrics.itemBytesMax.set(this.#labels, config.itemBytesMax);
    for (const one of ['requests', 'hits', 'expired', 'added', 'evicted', 'overflowed'] as const) {
      metrics[one].inc(this.#labels, 0);
    }
    this.#show();
  }

  async fetch(keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const { clock, metrics } = this.#parts;
    const hits = new Map<string, Uint8Array>();
    const nowMs = clock.monotonicMs();
    for (const key of keys) {
      const item = this.#items.get(key);
      if (item === undefined) continue;
      if (item.expiresMs > nowMs) hits.set(key, item.bytes);
      else {
        this.#items.delete(key);
        metrics.expired.inc(this.#labels);
      }
    }
    metrics.requests.inc(this.#labels, keys.length);
    metrics.hits.inc(this.#labels, hits.size);
    return hits;
  }

  store(key: string, bytes: Uint8Array, ttlMs: number): void {
    const { clock, metrics } = this.#parts;
    if (bytes.length > this.#config.itemBytesMax) {
      metrics.overflowed.inc(this.#labels);
      return;
    }
    // A small view would keep the whole of what it is a part of.
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    this.#items.set(key, { bytes: own, expiresMs: clock.monotonicMs() + ttlMs });
    if (this.#items.peek(key)?.bytes !== own) {
      metrics.overflowed.inc(this.#labels);
      return;
    }
    this.#itemsBytes += own.length;
    metrics.added.inc(this.#labels);
    this.#show();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#items.clear();
  }

  #show(): void {
    const { metrics } = this.#parts;
    metrics.items.set(this.#labels, this.#items.size);
    metrics.itemsBytes.set(this.#labels, this.#itemsBytes);
    metrics.totalBytes.set(this.#labels, this.#items.calculatedSize);
  }
}

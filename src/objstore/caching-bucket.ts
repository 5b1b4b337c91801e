/**
 * A bucket that keeps what a store gateway asks for again and again: pieces of chunk files and their attributes,
 * meta.json and deletion marks, the list of blocks. Keys and values are Thanos' own, so that stores of both kinds can
 * share servers: `exists:NAME` true|false, `content:NAME`, `iter:DIR:HASH` a list in JSON, `attrs:NAME` JSON,
 * `subrange:NAME:START:END`. Source: Thanos pkg/store/cache.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Cache } from '../cache/cache.ts';
import type {
  Bucket,
  ByteRange,
  CallOptions,
  ListOptions,
  ObjectAttributes,
  ObjectEntry,
  UploadSource,
} from './bucket.ts';
import { bucketError } from './bucket-error.ts';
import type { CachingConfig } from './caching-config.ts';
import { BLOCKS, type CachingMetrics, CHUNKS, METAS } from './caching-metrics.ts';
import { joinSubranges, type Subrange, subrangesOf } from './subranges.ts';

export interface CachingParts {
  readonly cache: Cache;
  readonly clock: Clock;
  readonly metrics: CachingMetrics;
  /** Of the configuration's identity. */
  readonly hash: string;
}

const CHUNK_FILE = /\/chunks\/\d+$/;
const META_FILE = /\/(?:meta|deletion-mark)\.json$/;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Closes the cache with the bucket. */
export function cachingBucket(bucket: Bucket, config: CachingConfig, parts: CachingParts): Bucket {
  return new CachingBucket(bucket, config, parts);
}

class CachingBucket implements Bucket {
  readonly name: string;
  readonly #bucket: Bucket;
  readonly #config: CachingConfig;
  readonly #parts: CachingParts;

  constructor(bucket: Bucket, config: CachingConfig, parts: CachingParts) {
    this.name = bucket.name;
    this.#bucket = bucket;
    this.#config = config;
    this.#parts = parts;
  }

  async *list(directory: string, options: ListOptions = {}): AsyncIterable<ObjectEntry> {
    if (directory !== '') {
      yield* this.#bucket.list(directory, options);
      return;
    }
    const count = this.#count('iter', BLOCKS);
    const verb = options.recursive === true ? 'iter-recursive' : 'iter';
    const key = `${verb}:${directory}:${this.#parts.hash}`;
    const known = parseNames(await this.#fetch(key, options.signal));
    if (known !== undefined) {
      count.hit();
      for (const name of known) yield { name };
      return;
    }
    const sinceMs = this.#nowMs();
    const names: string[] = [];
    for await (const entry of this.#bucket.list(directory, options)) {
      names.push(entry.name);
      yield entry;
    }
    this.#keep(key, JSON.stringify(names), this.#config.ttlMs.blocksList, sinceMs);
  }

  async *read(name: string, options: CallOptions = {}): AsyncIterable<Uint8Array> {
    if (!META_FILE.test(name)) {
      yield* this.#bucket.read(name, options);
      return;
    }
    const count = this.#count('get', METAS);
    const [contentKey, existsKey] = [`content:${name}`, `exists:${name}`];
    const hits = await this.#parts.cache.fetch([contentKey, existsKey], options.signal);
    const content = hits.get(contentKey);
    const exists = hits.get(existsKey);
    if (content !== undefined) {
      count.hit();
      yield content.slice();
    } else if (exists !== undefined && decoder.decode(exists) === 'false') {
      count.hit();
      const call = { operation: 'get', name } as const;
      throw bucketError({ kind: 'not-found', bucket: this.name, call });
    } else yield* this.#readAndKeep(name, options);
  }

  async readRange(name: string, range: ByteRange, options: CallOptions = {}): Promise<Uint8Array> {
    if (!CHUNK_FILE.test(name) || range.length === 0) {
      return this.#bucket.readRange(name, range, options);
    }
    const { metrics, cache } = this.#parts;
    const { subrangeBytes } = this.#config;
    metrics.requests.inc({ operation: 'get_range', config: CHUNKS });
    metrics.requestedBytes.inc({ config: CHUNKS }, range.length);
    const { sizeBytes } = await this.attributes(name, options);
    const pieces = subrangesOf(range, sizeBytes, subrangeBytes);
    if (pieces.length === 0) return new Uint8Array();
    const keyOf = ({ start, end }: Subrange): string => `subrange:${name}:${start}:${end}`;
    const hits = await cache.fetch(pieces.map(keyOf), options.signal);
    const { offset } = range;
    const target = new Uint8Array(Math.min(range.length, sizeBytes - offset));
    const missing: Subrange[] = [];
    let cachedBytes = 0;
    for (const piece of pieces) {
      const bytes = hits.get(keyOf(piece));
      if (bytes?.length !== piece.end - piece.start) missing.push(piece);
      else {
        copyInto(target, offset, { bytes, start: piece.start });
        cachedBytes += bytes.length;
      }
    }
    metrics.fetchedBytes.inc({ origin: 'cache', config: CHUNKS }, cachedBytes);
    const share = (pieces.length - missing.length) / pieces.length;
    metrics.hits.inc({ operation: 'get_range', config: CHUNKS }, share);
    await this.#fetchMissing(name, missing, options, (fetched) =>
      copyInto(target, offset, fetched),
    );
    return target;
  }

  async attributes(name: string, options: CallOptions = {}): Promise<ObjectAttributes> {
    if (!CHUNK_FILE.test(name)) return this.#bucket.attributes(name, options);
    const count = this.#count('attributes', CHUNKS);
    const key = `attrs:${name}`;
    const known = parseAttributes(await this.#fetch(key, options.signal));
    if (known !== undefined) {
      count.hit();
      return known;
    }
    const sinceMs = this.#nowMs();
    const { sizeBytes, modifiedMs } = await this.#bucket.attributes(name, options);
    const text = { size: sizeBytes, last_modified: new Date(modifiedMs).toISOString() };
    this.#keep(key, JSON.stringify(text), this.#config.ttlMs.attributes, sinceMs);
    return { sizeBytes, modifiedMs };
  }

  async exists(name: string, options: CallOptions = {}): Promise<boolean> {
    if (!META_FILE.test(name)) return this.#bucket.exists(name, options);
    const count = this.#count('exists', METAS);
    const known = await this.#fetch(`exists:${name}`, options.signal);
    const text = known === undefined ? '' : decoder.decode(known);
    if (text === 'true' || text === 'false') {
      count.hit();
      return text === 'true';
    }
    const sinceMs = this.#nowMs();
    const exists = await this.#bucket.exists(name, options);
    this.#keepExists(name, exists, sinceMs);
    return exists;
  }

  upload(name: string, content: Uint8Array | UploadSource, options?: CallOptions): Promise<void> {
    return this.#bucket.upload(name, content, options);
  }

  delete(name: string, options?: CallOptions): Promise<void> {
    return this.#bucket.delete(name, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.cache[Symbol.asyncDispose]();
    await this.#bucket[Symbol.asyncDispose]();
  }

  async *#readAndKeep(name: string, options: CallOptions): AsyncIterable<Uint8Array> {
    const sinceMs = this.#nowMs();
    const pieces: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const piece of this.#bucket.read(name, options)) {
        length += piece.length;
        if (length <= this.#config.metaBytesMax) pieces.push(piece.slice());
        yield piece;
      }
    } catch (error) {
      const isMissing = error instanceof OperationError && error.kind === 'not-found';
      if (isMissing) this.#keepExists(name, false, sinceMs);
      throw error;
    }
    this.#keepExists(name, true, sinceMs);
    if (length > this.#config.metaBytesMax) return;
    const bytes = new Uint8Array(Buffer.concat(pieces));
    this.#keep(`content:${name}`, bytes, this.#config.ttlMs.metaContent, sinceMs);
  }

  async #fetchMissing(
    name: string,
    missing: readonly Subrange[],
    options: CallOptions,
    take: (fetched: Fetched) => void,
  ): Promise<void> {
    const { metrics, cache } = this.#parts;
    const { subrangeBytes, rangeRequestsMax, ttlMs } = this.#config;
    const wanted = new Set(missing.map(({ start }) => start));
    const ranges = joinSubranges(missing, subrangeBytes, rangeRequestsMax);
    const fetchOne = async ({ start, end }: Subrange): Promise<void> => {
      const range = { offset: start, length: end - start };
      const bytes = await this.#bucket.readRange(name, range, options);
      if (bytes.length !== range.length) {
        const call = { operation: 'get_range', name } as const;
        const reason = `it ends after ${start + bytes.length} bytes; it had ${end} before`;
        throw bucketError({ kind: 'unavailable', bucket: this.name, call, reason });
      }
      take({ bytes, start });
      for (let at = start; at < end; at += subrangeBytes) {
        const stop = Math.min(at + subrangeBytes, end);
        const origin = wanted.has(at) ? 'bucket' : 'cache';
        const counter = wanted.has(at) ? metrics.fetchedBytes : metrics.refetchedBytes;
        counter.inc({ origin, config: CHUNKS }, stop - at);
        if (!wanted.has(at)) continue;
        const piece = bytes.slice(at - start, stop - start);
        cache.store(`subrange:${name}:${at}:${stop}`, piece, ttlMs.subrange);
      }
    };
    await Promise.all(ranges.map(fetchOne));
  }

  #count(operation: string, config: string): { hit(): void } {
    const { metrics } = this.#parts;
    metrics.requests.inc({ operation, config });
    return { hit: () => metrics.hits.inc({ operation, config }) };
  }

  async #fetch(key: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    return (await this.#parts.cache.fetch([key], signal)).get(key);
  }

  #keepExists(name: string, exists: boolean, sinceMs: number): void {
    const { metaExists, metaAbsent } = this.#config.ttlMs;
    this.#keep(`exists:${name}`, String(exists), exists ? metaExists : metaAbsent, sinceMs);
  }

  /** For the time from when it was asked for. */
  #keep(key: string, value: string | Uint8Array, ttlMs: number, sinceMs: number): void {
    const leftMs = ttlMs - (this.#nowMs() - sinceMs);
    const bytes = typeof value === 'string' ? encoder.encode(value) : value;
    if (leftMs > 0) this.#parts.cache.store(key, bytes, leftMs);
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }
}

interface Fetched {
  readonly bytes: Uint8Array;
  /** In the object. */
  readonly start: number;
}

/** What of the bytes lies in the target, which begins at `offset` of the object. */
function copyInto(target: Uint8Array, offset: number, { bytes, start }: Fetched): void {
  const from = Math.max(0, offset - start);
  const to = Math.min(bytes.length, offset + target.length - start);
  if (from < to) target.set(bytes.subarray(from, to), start + from - offset);
}

function parseNames(bytes: Uint8Array | undefined): readonly string[] | undefined {
  const value = parseJson(bytes);
  const isNames = Array.isArray(value) && value.every((name) => typeof name === 'string');
  return isNames ? value : undefined;
}

function parseAttributes(bytes: Uint8Array | undefined): ObjectAttributes | undefined {
  const value = parseJson(bytes) as Record<string, unknown> | undefined;
  const sizeBytes = value?.size;
  const modifiedMs = Date.parse(String(value?.last_modified));
  if (typeof sizeBytes !== 'number' || Number.isNaN(modifiedMs)) return undefined;
  return { sizeBytes, modifiedMs };
}

/** Undefined for what somebody else has put there. */
function parseJson(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Caches on memcached servers: each key has its server, which few connections reach. */
import { connect } from 'node:net';
import type { XXHashAPI } from 'xxhash-wasm';
import type { Clock } from '../base/clock.ts';
import type { MemcachedConfig } from './cache-config.ts';
import { serverOf, sortServers } from './choose-server.ts';
import { MemcachedConnection } from './memcached-connection.ts';
import { type RemoteBackend, RemoteFailure } from './remote-cache.ts';

export interface MemcachedParts {
  readonly clock: Clock;
  readonly xxhash: XXHashAPI;
  /** host:port of all servers now; the names were given before. Keeps what it had when a look-up fails. */
  readonly resolve: () => Promise<readonly string[]>;
}

/** Requests do not wait for one another, so that a few carry many. */
const CONNECTIONS_MAX = 4;
/** More waiting requests than that open another connection. */
const LOAD_MAX = 8;
const NO_HITS: ReadonlyMap<string, Uint8Array> = new Map();
const KEY_BYTES_MAX = 250;
/** Longer times are taken for dates. */
const TTL_SECONDS_MAX = 30 * 24 * 3600;

export class Memcached implements RemoteBackend {
  readonly #config: MemcachedConfig;
  readonly #parts: MemcachedParts;
  readonly #connections = new Map<string, MemcachedConnection[]>();
  #servers: readonly string[] = [];
  #resolving: Promise<void> | undefined;
  #resolvedMs = Number.NEGATIVE_INFINITY;

  constructor(config: MemcachedConfig, parts: MemcachedParts) {
    this.#config = config;
    this.#parts = parts;
  }

  async get(keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    await this.#resolve();
    const byServer = new Map<string, string[]>();
    for (const key of keys.filter(isKey)) {
      const server = this.#serverOf(key);
      const known = byServer.get(server);
      if (known === undefined) byServer.set(server, [key]);
      else known.push(key);
    }
    const answers = await Promise.allSettled(
      [...byServer].map(([server, own]) => this.#connection(server).get(own)),
    );
    const found = answers.map((one) => (one.status === 'fulfilled' ? one.value : NO_HITS));
    const hits = found.length === 1 ? found[0] : new Map(found.flatMap((part) => [...part]));
    const failed = answers.find((one) => one.status === 'rejected');
    if (failed === undefined) return hits;
    const { reason, message } = failed.reason as RemoteFailure;
    throw new RemoteFailure(reason, message, { hits });
  }

  async set(key: string, bytes: Uint8Array, ttlMs: number): Promise<void> {
    if (!isKey(key)) {
      throw new RemoteFailure('malformed-key', `memcached cannot hold the key ${key}`);
    }
    await this.#resolve();
    const seconds = Math.max(1, Math.round(ttlMs / 1000));
    const dated = Math.floor(this.#parts.clock.nowMs() / 1000) + seconds;
    const expires = seconds > TTL_SECONDS_MAX ? dated : seconds;
    await this.#connection(this.#serverOf(key)).set(key, bytes, expires);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const all of this.#connections.values()) for (const one of all) one.close();
    this.#connections.clear();
  }

  /** Waits for the first look-up only; later ones run beside the requests. */
  async #resolve(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#resolvedMs >= this.#config.resolveEveryMs) {
      this.#resolvedMs = nowMs;
      this.#resolving = this.#lookUp();
      if (this.#servers.length > 0) this.#resolving.catch(() => undefined);
    }
    if (this.#servers.length === 0) await this.#resolving;
    if (this.#servers.length === 0) {
      throw new RemoteFailure('network-error', 'there is no server behind the addresses');
    }
  }

  async #lookUp(): Promise<void> {
    this.#servers = sortServers(await this.#parts.resolve());
    for (const [server, all] of this.#connections) {
      if (this.#servers.includes(server)) continue;
      this.#connections.delete(server);
      for (const one of all) one.close();
    }
  }

  #serverOf(key: string): string {
    return serverOf(key, this.#servers, this.#parts.xxhash);
  }

  #connection(server: string): MemcachedConnection {
    const open = (this.#connections.get(server) ?? []).filter(({ isOpen }) => isOpen);
    const idlest = open.reduce<MemcachedConnection | undefined>(
      (best, one) => (best === undefined || one.load < best.load ? one : best),
      undefined,
    );
    const isEnough = idlest !== undefined && idlest.load < LOAD_MAX;
    if (idlest !== undefined && (isEnough || open.length === CONNECTIONS_MAX)) return idlest;
    const { hostname, port } = new URL(`tcp://${server}`);
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: Number(port) });
    const made = new MemcachedConnection(socket, this.#parts.clock, this.#config.timeoutMs);
    this.#connections.set(server, [...open, made]);
    return made;
  }
}

/** No white space, no control characters, at most 250 bytes. */
function isKey(key: string): boolean {
  return Buffer.byteLength(key) <= KEY_BYTES_MAX && /^[\x21-\x7e]+$/.test(key);
}

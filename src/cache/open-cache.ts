/** Opens the cache that a configuration describes. What a server needs is loaded only if one is configured. */
import { unreachable } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Cache } from './cache.ts';
import type { CacheConfig, RedisConfig } from './cache-config.ts';
import type { CacheMetrics, RemoteKind } from './cache-metrics.ts';
import { MemoryCache } from './memory-cache.ts';
import { RemoteCache, type RemoteCacheParts } from './remote-cache.ts';

export interface CacheParts {
  /** In metrics and logs: `index-cache`, `caching-bucket`. */
  readonly name: string;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of declareCacheMetrics. */
  readonly metrics: CacheMetrics;
  /** Addresses with DNS prefixes to host:port; what failed keeps what it had. */
  readonly resolve: (addresses: readonly string[]) => () => Promise<readonly string[]>;
}

/** Throws OperationError when it cannot be made; servers that are away show in metrics and logs. */
export async function openCache(config: CacheConfig, parts: CacheParts): Promise<Cache> {
  const { name, clock, metrics } = parts;
  switch (config.kind) {
    case 'IN-MEMORY':
      return new MemoryCache(config, { name, clock, metrics: metrics.memory });
    case 'MEMCACHED': {
      const { Memcached } = await import('./memcached.ts');
      const { default: loadXxhash } = await import('xxhash-wasm');
      const xxhash = await loadXxhash();
      const resolve = parts.resolve(config.addresses);
      const backend = new Memcached(config, { clock, xxhash, resolve });
      return new RemoteCache(backend, config, remoteParts(parts, 'memcached'));
    }
    case 'REDIS': {
      const { openRedis } = await import('./redis.ts');
      const backend = openRedis(config, parts.files);
      const remote = new RemoteCache(
        backend,
        { ...config, itemBytesMax: 0 },
        remoteParts(parts, 'redis'),
      );
      return config.localBytesMax === 0 ? remote : withLocal(remote, config, parts);
    }
    default:
      return unreachable(config);
  }
}

function remoteParts(parts: CacheParts, kind: RemoteKind): RemoteCacheParts {
  const { name, clock, logger, metrics } = parts;
  return {
    name,
    clock,
    metrics: metrics.remote[kind],
    onTrouble: (message, error) => logger.warn(message, { name, kind, err: errorText(error) }),
  };
}

/** What others change on the server is seen after this time. */
const LOCAL_TTL_MS = 60_000;

/** `cache_size`: what was fetched or stored lately is kept in this process too. */
function withLocal(remote: Cache, { localBytesMax }: RedisConfig, parts: CacheParts): Cache {
  const { name, clock, metrics } = parts;
  const local = new MemoryCache(
    { kind: 'IN-MEMORY', sizeBytesMax: localBytesMax, itemBytesMax: localBytesMax },
    { name: `${name}-local`, clock, metrics: metrics.memory },
  );
  return {
    async fetch(keys, signal) {
      const near = await local.fetch(keys);
      if (near.size === keys.length) return near;
      const missing = keys.filter((key) => !near.has(key));
      const far = await remote.fetch(missing, signal);
      for (const [key, bytes] of far) local.store(key, bytes, LOCAL_TTL_MS);
      return new Map([...near, ...far]);
    },
    store(key, bytes, ttlMs) {
      local.store(key, bytes, Math.min(ttlMs, LOCAL_TTL_MS));
      remote.store(key, bytes, ttlMs);
    },
    async [Symbol.asyncDispose]() {
      await remote[Symbol.asyncDispose]();
      await local[Symbol.asyncDispose]();
    },
  };
}

/** Caches on a Redis, a cluster of them, or one behind sentinels. Loaded, with its library, only when configured. */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { FileSystem } from '../base/file-system.ts';
import type { RedisConfig, RedisTls } from './cache-config.ts';
import { type RemoteBackend, RemoteFailure } from './remote-cache.ts';

type Client = Redis | Cluster;

export function openRedis(config: RedisConfig, files: FileSystem): RemoteBackend {
  const client = connectTo(config, files);
  // Each failed command tells what is wrong; without a listener the library would print it.
  client.on('error', () => undefined);
  const name = (key: string): string => config.prefix + key;
  return {
    async get(keys) {
      const values = await guard(() => getAll(client, keys.map(name)));
      const hits = new Map<string, Uint8Array>();
      for (let i = 0; i < keys.length; i++) {
        const value = values[i];
        if (value !== null && value !== undefined) hits.set(keys[i], value);
      }
      return hits;
    },
    async set(key, bytes, ttlMs) {
      const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const ttl = Math.max(1, Math.round(ttlMs));
      await guard(() => client.set(name(key), value, 'PX', ttl));
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
}

function connectTo(config: RedisConfig, files: FileSystem): Client {
  const hosts = config.addresses.map(hostOf);
  const options: Omit<RedisOptions, 'replyMapping'> = {
    db: config.database,
    connectTimeout: config.dialTimeoutMs,
    commandTimeout: config.readTimeoutMs,
    maxRetriesPerRequest: 1,
    ...(config.username === '' ? {} : { username: config.username }),
    ...(config.password === '' ? {} : { password: config.password }),
    ...(config.tls === undefined ? {} : { tls: tlsOptions(config.tls, files) }),
  };
  if (config.masterName !== '') {
    const sentinelTls = config.tls === undefined ? {} : { enableTLSForSentinelMode: true };
    return new Redis({ ...options, ...sentinelTls, sentinels: hosts, name: config.masterName });
  }
  if (hosts.length === 1) return new Redis({ ...options, ...hosts[0] });
  return new Cluster(hosts, { redisOptions: options, enableAutoPipelining: true });
}

function hostOf(address: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`tcp://${address.trim()}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
}

function tlsOptions(tls: RedisTls, files: FileSystem): NonNullable<RedisOptions['tls']> {
  const read = (path: string): string => new TextDecoder().decode(files.readFile(path));
  return {
    rejectUnauthorized: !tls.skipVerify,
    ...(tls.caFile === '' ? {} : { ca: read(tls.caFile) }),
    ...(tls.certFile === '' ? {} : { cert: read(tls.certFile), key: read(tls.keyFile) }),
    ...(tls.serverName === '' ? {} : { servername: tls.serverName }),
    ...(tls.minVersion === undefined ? {} : { minVersion: tls.minVersion }),
  };
}

/** In a cluster the keys lie on several servers, to which the library sends them in batches of its own. */
function getAll(client: Client, keys: readonly string[]): Promise<readonly (Uint8Array | null)[]> {
  if (client instanceof Redis) return client.mgetBuffer([...keys]);
  return Promise.all(keys.map((key) => client.getBuffer(key)));
}

async function guard<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const isReply = cause instanceof Error && cause.name === 'ReplyError';
    const away = message === 'Command timed out' ? 'timeout' : 'network-error';
    throw new RemoteFailure(isReply ? 'server-error' : away, message, { cause });
  }
}

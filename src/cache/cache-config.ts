/**
 * Thanos' configuration of a cache's backend: `type` and `config`. Source: Thanos pkg/cache, pkg/cacheutil, with its
 * defaults; unknown keys are errors.
 */
import type { YamlValue } from '../base/yaml.ts';
import {
  bytesOf,
  countOf,
  durationOf,
  flagOf,
  neededText,
  textOf,
  wordOf,
} from '../model/yaml-fields.ts';
import type { BreakerConfig } from './circuit-breaker.ts';

export type CacheConfig = MemoryCacheConfig | MemcachedConfig | RedisConfig;

export interface MemoryCacheConfig {
  readonly kind: 'IN-MEMORY';
  readonly sizeBytesMax: number;
  readonly itemBytesMax: number;
}

/** How many values wait to be stored, and how many are on their way. */
export interface SetQueueConfig {
  readonly concurrency: number;
  readonly waitingMax: number;
  /** Undefined: none. */
  readonly breaker: BreakerConfig | undefined;
}

export interface MemcachedConfig {
  readonly kind: 'MEMCACHED';
  /** `host:port` or with one of Thanos' DNS prefixes. */
  readonly addresses: readonly string[];
  readonly timeoutMs: number;
  /** Larger values are not stored; 0 for any. */
  readonly itemBytesMax: number;
  /** 0 for any number. */
  readonly getConcurrency: number;
  /** Keys of one request; 0 for any number. */
  readonly getBatch: number;
  readonly resolveEveryMs: number;
  readonly sets: SetQueueConfig;
  /** Of what is stored without a time of its own; undefined where nothing is said. */
  readonly expirationMs: number | undefined;
}

export interface RedisConfig {
  readonly kind: 'REDIS';
  /** Several: a cluster, or its sentinels. */
  readonly addresses: readonly string[];
  readonly prefix: string;
  readonly username: string;
  readonly password: string;
  readonly database: number;
  readonly dialTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly getConcurrency: number;
  readonly getBatch: number;
  readonly tls: RedisTls | undefined;
  /** Kept in this process too; 0 for nothing. */
  readonly localBytesMax: number;
  /** Of a sentinel's master; '' without sentinels. */
  readonly masterName: string;
  readonly sets: SetQueueConfig;
  readonly expirationMs: number | undefined;
}

export interface RedisTls {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly serverName: string;
  readonly skipVerify: boolean;
  readonly minVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
}

const MEMORY_BYTES = 250 * 1024 * 1024;
const MEMORY_ITEM_BYTES = 125 * 1024 * 1024;
const SUPPORTED = 'IN-MEMORY, MEMCACHED and REDIS';

/** `type` and `config` of a document; absent, the config has the backend's defaults. */
export function readCacheConfig(type: YamlValue, config: YamlValue | undefined): CacheConfig {
  const kind = type.text().toUpperCase();
  if (kind === 'IN-MEMORY') return readMemory(config);
  if (kind === 'MEMCACHED') return readMemcached(config ?? type);
  if (kind === 'REDIS') return readRedis(config ?? type);
  if (kind !== 'GROUPCACHE') throw type.fault(`is none of ${SUPPORTED}`);
  const instead = `use one of ${SUPPORTED}; a memcached shared by all stores does the same`;
  throw type.fault(`GROUPCACHE is a type of Thanos that is not supported here: ${instead}`);
}

function readMemory(value: YamlValue | undefined): MemoryCacheConfig {
  const given = value?.fields('max_size', 'max_item_size');
  const sizeBytesMax = bytesOf(given?.max_size, MEMORY_BYTES);
  const itemBytesMax = bytesOf(given?.max_item_size, Math.min(MEMORY_ITEM_BYTES, sizeBytesMax));
  if (itemBytesMax > sizeBytesMax) throw given?.max_item_size?.fault('is above max_size');
  return { kind: 'IN-MEMORY', sizeBytesMax, itemBytesMax };
}

function readMemcached(value: YamlValue): MemcachedConfig {
  const given = value.fields(
    'addresses',
    'timeout',
    'max_idle_connections',
    'max_async_concurrency',
    'max_async_buffer_size',
    'max_get_multi_concurrency',
    'max_item_size',
    'max_get_multi_batch_size',
    'dns_provider_update_interval',
    'auto_discovery',
    'set_async_circuit_breaker_config',
    'expiration',
  );
  const addresses = given.addresses?.list().map((one) => one.text()) ?? [];
  if (addresses.length === 0) throw (given.addresses ?? value).fault('has no addresses');
  if (flagOf(given.auto_discovery)) {
    const instead = 'name the servers by addresses, with dns+ or dnssrv+ where they change';
    throw given.auto_discovery?.fault(`is not supported: ${instead}`);
  }
  countOf(given.max_idle_connections);
  return {
    kind: 'MEMCACHED',
    addresses,
    timeoutMs: durationOf(given.timeout, 500),
    itemBytesMax: bytesOf(given.max_item_size, 1024 * 1024),
    getConcurrency: countOf(given.max_get_multi_concurrency, 100),
    getBatch: countOf(given.max_get_multi_batch_size),
    resolveEveryMs: positive(given.dns_provider_update_interval, 10_000),
    sets: readSets(
      given.max_async_concurrency,
      given.max_async_buffer_size,
      given.set_async_circuit_breaker_config,
    ),
    expirationMs: given.expiration === undefined ? undefined : durationOf(given.expiration),
  };
}

function readRedis(value: YamlValue): RedisConfig {
  const given = value.fields(
    'addr',
    'prefix',
    'username',
    'password',
    'db',
    'dial_timeout',
    'read_timeout',
    'write_timeout',
    'max_get_multi_concurrency',
    'get_multi_batch_size',
    'max_set_multi_concurrency',
    'set_multi_batch_size',
    'tls_enabled',
    'tls_config',
    'cache_size',
    'master_name',
    'max_async_buffer_size',
    'max_async_concurrency',
    'set_async_circuit_breaker_config',
    'expiration',
  );
  durationOf(given.write_timeout);
  countOf(given.max_set_multi_concurrency);
  countOf(given.set_multi_batch_size);
  const tls = readTls(given.tls_config);
  return {
    kind: 'REDIS',
    addresses: neededText(given.addr, value, 'has no addr, such as redis:6379').split(','),
    prefix: textOf(given.prefix),
    username: textOf(given.username),
    password: textOf(given.password),
    database: countOf(given.db),
    dialTimeoutMs: durationOf(given.dial_timeout, 5000),
    readTimeoutMs: durationOf(given.read_timeout, 3000),
    getConcurrency: countOf(given.max_get_multi_concurrency, 100),
    getBatch: countOf(given.get_multi_batch_size, 100),
    tls: flagOf(given.tls_enabled) ? tls : undefined,
    localBytesMax: bytesOf(given.cache_size),
    masterName: textOf(given.master_name),
    sets: readSets(
      given.max_async_concurrency,
      given.max_async_buffer_size,
      given.set_async_circuit_breaker_config,
    ),
    expirationMs: given.expiration === undefined ? undefined : durationOf(given.expiration),
  };
}

function readTls(value: YamlValue | undefined): RedisTls {
  const given = value?.fields(
    'ca_file',
    'cert_file',
    'key_file',
    'server_name',
    'insecure_skip_verify',
    'min_version',
  );
  const [certFile, keyFile] = [textOf(given?.cert_file), textOf(given?.key_file)];
  if ((certFile === '') !== (keyFile === '')) {
    throw value?.fault('needs both cert_file and key_file, or neither');
  }
  const version = wordOf(given?.min_version, ['', '1.0', '1.1', '1.2', '1.3']);
  return {
    caFile: textOf(given?.ca_file),
    certFile,
    keyFile,
    serverName: textOf(given?.server_name),
    skipVerify: flagOf(given?.insecure_skip_verify),
    minVersion: version === '' ? undefined : version === '1.0' ? 'TLSv1' : `TLSv${version}`,
  };
}

type Given = YamlValue | undefined;

function readSets(concurrency: Given, waiting: Given, breaker: Given): SetQueueConfig {
  return {
    concurrency: positiveCount(concurrency, 20),
    waitingMax: countOf(waiting, 10_000),
    breaker: readBreaker(breaker),
  };
}

function readBreaker(value: Given): BreakerConfig | undefined {
  const given = value?.fields(
    'enabled',
    'half_open_max_requests',
    'open_duration',
    'min_requests',
    'consecutive_failures',
    'failure_percent',
  );
  const failurePart = given?.failure_percent?.number() ?? 0.05;
  if (!(failurePart >= 0 && failurePart <= 1)) {
    throw given?.failure_percent?.fault('is not between 0 and 1');
  }
  if (!flagOf(given?.enabled)) return undefined;
  return {
    halfOpenMax: positiveCount(given?.half_open_max_requests, 10),
    openMs: positive(given?.open_duration, 5000),
    requestsMin: countOf(given?.min_requests, 50),
    failuresInRow: countOf(given?.consecutive_failures, 5),
    failurePart,
  };
}

function positiveCount(value: Given, absent: number): number {
  const given = countOf(value, absent);
  if (given === 0) throw value?.fault('is not above 0');
  return given;
}

function positive(value: Given, absentMs: number): number {
  const given = durationOf(value, absentMs);
  if (given <= 0) throw value?.fault('is not above 0');
  return given;
}

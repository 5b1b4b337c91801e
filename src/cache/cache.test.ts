import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import loadXxhash from 'xxhash-wasm';
import { OperationError } from '../base/errors.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { parseYaml } from '../base/yaml.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import type { Cache } from './cache.ts';
import { type CacheConfig, readCacheConfig } from './cache-config.ts';
import { declareCacheMetrics } from './cache-metrics.ts';
import { jumpHash, serverOf, sortServers } from './choose-server.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { openCache } from './open-cache.ts';
import { acceptCache } from './testing/acceptance.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(text: string): CacheConfig {
  const { type, config } = parseYaml(text, 'c.yml').fields('type', 'config');
  assert.ok(type !== undefined);
  return readCacheConfig(type, config);
}

interface Opened extends AsyncDisposable {
  readonly cache: Cache;
  readonly troubles: readonly string[];
  /** Lines of the metrics that are not 0. */
  metrics(): Promise<readonly string[]>;
}

async function open(config: CacheConfig, clock = realClock): Promise<Opened> {
  const registry = createMetricRegistry();
  const troubles: string[] = [];
  const cache = await openCache(config, {
    name: 'c',
    files: realFileSystem,
    clock,
    logger: { ...silentLogger, warn: (_, fields) => void troubles.push(String(fields?.err)) },
    metrics: declareCacheMetrics(registry),
    resolve: (addresses) => async () => addresses,
  });
  return {
    cache,
    troubles,
    async metrics() {
      const lines = (await registry.print('text')).body.split('\n');
      return lines.filter((line) => line.startsWith('thanos_') && !line.endsWith(' 0'));
    },
    [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
  };
}

acceptCache({
  name: 'memory',
  open: async () => ({ cache: (await open(parse('type: IN-MEMORY'))).cache, prefix: '' }),
});

test('configurations have the defaults of Thanos', () => {
  const sets = { concurrency: 20, waitingMax: 10_000, breaker: undefined };
  assert.deepEqual(parse('type: in-memory'), {
    kind: 'IN-MEMORY',
    sizeBytesMax: 262_144_000,
    itemBytesMax: 131_072_000,
  });
  assert.deepEqual(parse('type: MEMCACHED\nconfig: {addresses: ["a:1", "dnssrv+b"]}'), {
    kind: 'MEMCACHED',
    addresses: ['a:1', 'dnssrv+b'],
    timeoutMs: 500,
    itemBytesMax: 1_048_576,
    getConcurrency: 100,
    getBatch: 0,
    resolveEveryMs: 10_000,
    sets,
    expirationMs: undefined,
  });
  assert.deepEqual(parse('type: REDIS\nconfig: {addr: "a:1,b:2"}'), {
    kind: 'REDIS',
    addresses: ['a:1', 'b:2'],
    prefix: '',
    username: '',
    password: '',
    database: 0,
    dialTimeoutMs: 5000,
    readTimeoutMs: 3000,
    getConcurrency: 100,
    getBatch: 100,
    tls: undefined,
    localBytesMax: 0,
    masterName: '',
    sets,
    expirationMs: undefined,
  });
});

test('every key is taken, and what is wrong is named', () => {
  const memcached = parse(`type: MEMCACHED
config:
  addresses: [a:1]
  timeout: 1s
  max_idle_connections: 1
  max_async_concurrency: 2
  max_async_buffer_size: 3
  max_get_multi_concurrency: 4
  max_item_size: 5MiB
  max_get_multi_batch_size: 6
  dns_provider_update_interval: 7s
  auto_discovery: false
  set_async_circuit_breaker_config: {enabled: true, half_open_max_requests: 1, open_duration: 2s,
    min_requests: 3, consecutive_failures: 4, failure_percent: 0.5}
  expiration: 24h`);
  assert.deepEqual(memcached.kind === 'MEMCACHED' && memcached.sets, {
    concurrency: 2,
    waitingMax: 3,
    breaker: { halfOpenMax: 1, openMs: 2000, requestsMin: 3, failuresInRow: 4, failurePart: 0.5 },
  });
  const redis = parse(`type: REDIS
config: {addr: a, prefix: p, username: u, password: w, db: 1, dial_timeout: 1s, read_timeout: 1s,
  write_timeout: 1s, max_get_multi_concurrency: 1, get_multi_batch_size: 1, cache_size: 1MB,
  max_set_multi_concurrency: 1, set_multi_batch_size: 1, tls_enabled: true, master_name: m,
  tls_config: {ca_file: c, server_name: s, insecure_skip_verify: true, min_version: "1.2"},
  max_async_buffer_size: 1, max_async_concurrency: 1, expiration: 1h}`);
  assert.equal(redis.kind === 'REDIS' && redis.tls?.minVersion, 'TLSv1.2');
  const f = (text: string, want: RegExp) =>
    assert.throws(
      () => parse(text),
      (error: unknown) => error instanceof OperationError && want.test(error.message),
      text,
    );
  f('type: MEMCACHD', /^c\.yml:1:7: type: is none of IN-MEMORY, MEMCACHED and REDIS$/);
  f('type: GROUPCACHE\nconfig: {}', /GROUPCACHE is a type of Thanos that is not supported here/);
  f('type: MEMCACHED\nconfig: {adresses: [a]}', /adresses: unknown field/);
  f('type: MEMCACHED\nconfig: {addresses: []}', /addresses: has no addresses/);
  f(
    'type: MEMCACHED\nconfig: {addresses: [a], auto_discovery: true}',
    /auto_discovery: is not sup/,
  );
  f('type: MEMCACHED\nconfig: {addresses: [a], max_async_concurrency: 0}', /is not above 0/);
  f('type: IN-MEMORY\nconfig: {max_size: 1MB, max_item_size: 2MB}', /max_item_size: is above max_/);
  f('type: IN-MEMORY\nconfig: {max_size: much}', /max_size: is not a size such as 250MB/);
  f('type: REDIS\nconfig: {}', /config: has no addr/);
});

test('memory holds so many bytes, the last used ones, and no large item', async () => {
  const config = parse('type: IN-MEMORY\nconfig: {max_size: 10000, max_item_size: 3000}');
  await using opened = await open(config);
  const { cache, metrics } = opened;
  for (const key of ['a', 'b', 'c']) cache.store(key, new Uint8Array(2500), 1000);
  await cache.fetch(['a']);
  cache.store('d', new Uint8Array(2500), 1000);
  cache.store('e', new Uint8Array(3001), 1000);
  const hits = await cache.fetch(['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual([...hits.keys()], ['a', 'c', 'd']);
  const lines = await metrics();
  for (const line of [
    'items_evicted_total{name="c"} 1',
    'items_added_total{name="c"} 4',
    'items_overflowed_total{name="c"} 1',
    'items{name="c"} 3',
    'items_size_bytes{name="c"} 7500',
    'requests_total{name="c"} 6',
    'hits_total{name="c"} 4',
  ]) {
    assert.ok(lines.includes(`thanos_cache_inmemory_${line}`), `${line} of ${lines.join('\n')}`);
  }
});

test('the jump hash moves only the share of a server that joins', async () => {
  assert.equal(jumpHash(0n, 1), 0);
  const { h64 } = await loadXxhash();
  let moved = 0;
  for (let i = 0; i < 1000; i++) {
    const [before, after] = [jumpHash(h64(`key${i}`), 9), jumpHash(h64(`key${i}`), 10)];
    if (before === after) continue;
    assert.equal(after, 9);
    moved++;
  }
  assert.ok(moved > 60 && moved < 140, String(moved));
  const servers = sortServers(['c-10:1', 'c-9:1', 'c-1:1']);
  assert.deepEqual(servers, ['c-1:1', 'c-9:1', 'c-10:1']);
  assert.ok(servers.includes(serverOf('k', servers, await loadXxhash())));
});

test('a breaker opens after failures, tries a few later, and closes when they succeed', () => {
  const clock = new ManualClock();
  const config = { halfOpenMax: 2, openMs: 100, requestsMin: 4, failuresInRow: 3, failurePart: 1 };
  const breaker = new CircuitBreaker(config, clock);
  const script = (text: string): string =>
    text.replace(/[a-z.]/g, (step) => {
      if (step === '.') {
        clock.advance(50);
        return step;
      }
      if (!breaker.admits()) return '-';
      if (step === 'f') breaker.failed();
      else breaker.succeeded();
      return step;
    });
  assert.equal(script('fff'), 'fff');
  assert.equal(script('fs'), 'f-');
  assert.equal(script('.s.f'), '.-.f');
  assert.equal(script('s..sssff'), '-..sssff');
});

interface FakeServer extends AsyncDisposable {
  readonly address: string;
  readonly received: string[];
}

/** A server of memcached's port that answers what it is told. */
async function fakeServer(answer: (line: string, socket: Socket) => void): Promise<FakeServer> {
  const received: string[] = [];
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const line of chunk.toString('latin1').split('\r\n').filter(Boolean)) {
        received.push(line);
        answer(line, socket);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

function memcached(address: string, more = ''): CacheConfig {
  return parse(`type: MEMCACHED\nconfig: {addresses: ["${address}"], timeout: 100ms ${more}}`);
}

test('answers of memcached are read however they are cut', async () => {
  const text = 'VALUE a 0 5\r\nab\r\nc\r\nVALUE b 7 0 9\r\n\r\nEND\r\n';
  for (let cut = 1; cut < text.length; cut += 3) {
    await using server = await fakeServer(async (_, socket) => {
      socket.setNoDelay(true).write(text.slice(0, cut));
      await sleep(1);
      socket.write(text.slice(cut));
    });
    await using opened = await open(memcached(server.address));
    const hits = await opened.cache.fetch(['a', 'b', 'c', 'not a key']);
    assert.deepEqual(server.received, ['get a b c']);
    assert.deepEqual(
      [...hits].map(([key, value]) => [key, new TextDecoder().decode(value)]),
      [
        ['a', 'ab\r\nc'],
        ['b', ''],
      ],
    );
  }
});

test('a value that no memcached can hold, or of a key not asked for, is no answer', async () => {
  for (const line of ['VALUE a 0 99999999999999', 'VALUE a 0 4294967296', 'VALUE b 0 1\r\nx']) {
    await using server = await fakeServer((_, socket) => {
      socket.write(`${line}\r\nEND\r\n`);
    });
    await using opened = await open(memcached(server.address));
    assert.equal((await opened.cache.fetch(['a'])).size, 0);
    assert.match(opened.troubles[0] ?? '', /unexpected answer: VALUE/);
  }
});

test('a server that is away, late, rude or senseless is a miss, told once', async () => {
  const f = async (answer: (line: string, socket: Socket) => void, want: RegExp, told: RegExp) => {
    await using server = await fakeServer(answer);
    await using opened = await open(memcached(server.address));
    for (let i = 0; i < 3; i++) assert.equal((await opened.cache.fetch(['a'])).size, 0);
    const lines = await opened.metrics();
    assert.ok(
      lines.some((line) => want.test(line)),
      `${want} in ${lines.join('\n')}`,
    );
    assert.equal(opened.troubles.length, 1);
    assert.match(opened.troubles[0] ?? '', told);
  };
  const failures = (reason: string): RegExp =>
    new RegExp(`^thanos_memcached_operation_failures_total{.*reason="${reason}"} 3$`);
  await f(() => undefined, failures('timeout'), /no answer within 100 ms/);
  await f((_, socket) => socket.destroy(), failures('network-error'), /hung up|ECONNRESET/);
  await f((_, socket) => socket.write('HTTP/1.1 400\r\n'), failures('server-error'), /unexpected/);
  await f((_, socket) => socket.write('SERVER_ERROR busy\r\n'), failures('server-error'), /busy/);
});

test('values that cannot be queued are left out, and counted', async () => {
  await using server = await fakeServer(() => undefined);
  const more = ', max_async_concurrency: 1, max_async_buffer_size: 1, max_item_size: 10';
  await using opened = await open(memcached(server.address, more));
  opened.cache.store('a', new Uint8Array(11), 1000);
  for (const key of ['b', 'c', 'd']) opened.cache.store(key, bytes('x'), 1000);
  const lines = await opened.metrics();
  const skipped = 'thanos_memcached_operation_skipped_total{name="c",operation="set",reason=';
  assert.ok(lines.includes(`${skipped}"max-item-size"} 1`), lines.join('\n'));
  assert.ok(lines.includes(`${skipped}"buffer-full"} 1`), lines.join('\n'));
});

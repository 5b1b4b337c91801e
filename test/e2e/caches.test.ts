/** The acceptance suite of caches on real servers: two memcached, a Redis with a password. */
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseYaml } from '../../src/base/yaml.ts';
import type { Cache } from '../../src/cache/cache.ts';
import { readCacheConfig } from '../../src/cache/cache-config.ts';
import { declareCacheMetrics } from '../../src/cache/cache-metrics.ts';
import { openCache } from '../../src/cache/open-cache.ts';
import { acceptCache } from '../../src/cache/testing/acceptance.ts';
import { silentLogger } from '../../src/telemetry/logger.ts';
import { createMetricRegistry } from '../../src/telemetry/metrics.ts';
import { realClock } from '../../src/world/clock.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { skipWithout } from './peers/installed.ts';
import { freePort, type Program, startProgram } from './real-programs.ts';

let prefixes = 0;

async function open(yaml: string): Promise<{ readonly cache: Cache; readonly prefix: string }> {
  const { type, config } = parseYaml(yaml, 'cache.yml').fields('type', 'config');
  assert.ok(type !== undefined);
  const cache = await openCache(readCacheConfig(type, config), {
    name: 'test',
    files: realFileSystem,
    clock: realClock,
    logger: silentLogger,
    metrics: declareCacheMetrics(createMetricRegistry()),
    resolve: (addresses) => async () => addresses,
  });
  return { cache, prefix: `${++prefixes}:` };
}

/** Resolves when something listens on the port of loopback. */
async function listening(program: Program, port: number): Promise<Program> {
  for (;;) {
    assert.equal(program.child.exitCode, null, program.output());
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return program;
    await sleep(20);
  }
}

async function startMemcached(port: number): Promise<Program> {
  const args = ['-u', 'root', '-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '32'];
  return listening(startProgram('memcached', args, ''), port);
}

describe('memcached', { skip: skipWithout('memcached', 'memcached') }, () => {
  const servers: Program[] = [];
  let addresses = '';
  before(async () => {
    const ports = [await freePort(), await freePort()];
    for (const port of ports) servers.push(await startMemcached(port));
    addresses = ports.map((port) => `"127.0.0.1:${port}"`).join(', ');
  });
  after(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
  const yaml = (): string =>
    `type: MEMCACHED\nconfig: {addresses: [${addresses}], max_get_multi_batch_size: 64}`;
  acceptCache({ name: 'two memcached', open: () => open(yaml()) });

  test('a server that has died costs its keys alone, until it is back', async () => {
    const { cache, prefix } = await open(yaml());
    await using _ = cache;
    const keys = Array.from({ length: 40 }, (_, i) => `${prefix}${i}`);
    const storeAll = async (): Promise<void> => {
      for (const key of keys) cache.store(key, Uint8Array.of(1), 60_000);
      await sleep(100);
    };
    await storeAll();
    assert.equal((await cache.fetch(keys)).size, 40);
    const port = Number(/:(\d+)/.exec(addresses)?.[1]);
    await servers[0]?.[Symbol.asyncDispose]();
    const hits = (await cache.fetch(keys)).size;
    assert.ok(hits > 5 && hits < 35, `${hits} of 40 lie on the server that lives`);
    servers[0] = await startMemcached(port);
    await storeAll();
    assert.equal((await cache.fetch(keys)).size, 40);
  });
});

describe('Redis', { skip: skipWithout('redis-server', 'redis-server') }, () => {
  let server: Program;
  let port = 0;
  before(async () => {
    port = await freePort();
    const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', ''];
    server = await listening(
      startProgram('redis-server', [...args, '--requirepass', 'open'], ''),
      port,
    );
  });
  after(() => server[Symbol.asyncDispose]());
  const yaml = (more: string): string =>
    `type: REDIS\nconfig: {addr: "127.0.0.1:${port}", db: 1, prefix: "t:" ${more}}`;
  acceptCache({ name: 'Redis', open: () => open(yaml(', password: open')) });
  acceptCache({
    name: 'Redis with a local part',
    open: () => open(yaml(', password: open, cache_size: 1MB')),
  });

  test('a wrong password is a miss', async () => {
    const { cache } = await open(yaml(', password: wrong, read_timeout: 300ms'));
    await using _ = cache;
    assert.equal((await cache.fetch(['a'])).size, 0);
  });
});

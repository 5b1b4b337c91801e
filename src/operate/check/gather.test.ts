import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import type { HttpClient } from '../../transport/http-client.ts';
import { realClock } from '../../world/clock.ts';
import { gatherFacts } from './gather.ts';
import { readBucket } from './read-bucket.ts';
import { languageOf } from './report.ts';

const NOW_SECONDS = 1_800_000_000;

/** Answers by path and query; whoever is not among the hosts refuses. */
function fakeClient(
  hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): HttpClient {
  return {
    async request({ url }) {
      const { host, pathname, searchParams } = new URL(url);
      const data = hosts[host];
      if (data === undefined) throw new OperationError('unavailable', `cannot GET ${url}: refused`);
      const query = searchParams.get('query');
      const key = query === null ? pathname : `${query} ${searchParams.get('dedup')}`;
      const found = data[key];
      const empty = query === null ? undefined : { resultType: 'vector', result: [] };
      const envelope =
        (found ?? empty) === undefined
          ? { status: 'error', error: 'not found' }
          : { status: 'success', data: found ?? empty };
      const body = new TextEncoder().encode(JSON.stringify(envelope));
      return {
        status: envelope.status === 'success' ? 200 : 404,
        headers: { date: new Date(realClock.nowMs() + 60_000).toUTCString() },
        body: () => assert.fail(),
        bytes: async () => body,
        text: async () => assert.fail(),
      };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function vector(...samples: readonly (readonly [labels: object, value: number])[]): unknown {
  const result = samples.map(([metric, value]) => ({
    metric,
    value: [NOW_SECONDS, String(value)],
  }));
  return { resultType: 'vector', result };
}

const files = {
  stat: (path: string) =>
    path === '/data' ? { sizeBytes: 0, isDirectory: true, modifiedMs: 0 } : undefined,
  freeBytes: () => 1000,
} as unknown as FileSystem;

function gather(client: HttpClient, serverUrls: readonly string[] = []) {
  return gatherFacts({
    url: 'http://querier:10902',
    serverUrls,
    expected: new Map(),
    bucket: undefined,
    client,
    clock: realClock,
    files,
    timeoutMs: 1000,
    signal: new AbortController().signal,
  });
}

const A = { cluster: 'c', replica: 'A' };
const up = { __name__: 'up', ...A, job: 'x', instance: 'i' };
const querier = {
  '/api/v1/stores': {
    sidecar: [
      {
        name: 'a:10901',
        lastError: null,
        labelSets: [A],
        minTime: 1000,
        maxTime: 2 ** 63,
      },
      { name: 'b:10901', lastError: 'refused', labelSets: [], minTime: 0, maxTime: 0 },
    ],
  },
  '/api/v1/status/buildinfo': { version: '0.43.0' },
  '/api/v1/status/flags': { 'query.replica-label': 'replica,rule_replica' },
  'up false': vector([up, 1]),
  'up true': vector([{ __name__: 'up', cluster: 'c', job: 'x', instance: 'i' }, 1]),
  'timestamp(up) false': vector([{ ...A, job: 'x', instance: 'i' }, NOW_SECONDS - 7]),
  'count_over_time(up[30m]) false': vector([{ ...A, job: 'x', instance: 'i' }, 60]),
  'thanos_sidecar_prometheus_up true': vector([{ instance: 's1' }, 1], [{ instance: 's2' }, 0]),
  'prometheus_build_info true': vector(
    [{ instance: '127.0.0.1:9090', version: '3.14.0' }, 1],
    [{ instance: 'away:9090', version: '3.14.0' }, 1],
  ),
  'thanos_build_info true': vector([{ instance: 'q', version: '0.1.0', tags: 'tsanos' }, 1]),
  'sum by (instance) (rate(prometheus_tsdb_head_samples_appended_total[30m])) true': vector([
    { instance: '127.0.0.1:9090' },
    10,
  ]),
};
const server = {
  '/api/v1/status/config': {
    yaml: `
global:
  scrape_interval: 15s
  external_labels: {cluster: c, replica: A}
scrape_configs:
- job_name: x
`,
  },
  '/api/v1/status/flags': {
    'storage.tsdb.path': '/data',
    'storage.tsdb.min-block-duration': '2h',
    'storage.tsdb.max-block-duration': '0s',
  },
  '/api/v1/status/runtimeinfo': {
    storageRetention: '15d or 20GiB',
    reloadConfigSuccess: true,
    corruptionCount: 2,
  },
  '/api/v1/status/buildinfo': { version: '3.14.0' },
};

test('facts come from the querier and from the servers that its series tell of', async () => {
  const facts = await gather(fakeClient({ 'querier:10902': querier, '127.0.0.1:9090': server }));
  const { fault, version, replicaLabels, skewMs } = facts.querier;
  assert.deepEqual([fault, version, replicaLabels], ['', '0.43.0', ['replica', 'rule_replica']]);
  assert.ok(skewMs !== undefined && Math.abs(skewMs - 60_000) < 1500, String(skewMs));
  assert.deepEqual(
    facts.stores.map(({ type, address, fault: reason, maxTime }) => [
      type,
      address,
      reason,
      maxTime,
    ]),
    [
      ['sidecar', 'a:10901', '', Number.POSITIVE_INFINITY],
      ['sidecar', 'b:10901', 'refused', 0],
    ],
  );
  assert.deepEqual(facts.targets, [{ labels: up, isUp: true, ageMs: 7000, scrapes: 60 }]);
  assert.deepEqual(facts.merged?.length, 1);
  assert.deepEqual(facts.metrics.lonelySidecars, [{ instance: 's2' }]);
  assert.deepEqual(
    facts.metrics.builds.map(({ program }) => program),
    ['Prometheus', 'Prometheus', 'Tsanos'],
  );
  assert.deepEqual(
    facts.unreached.map(({ url }) => url),
    ['http://away:9090'],
  );
  const [{ skewMs: _, ...found }] = facts.servers;
  assert.deepEqual(found, {
    url: 'http://127.0.0.1:9090',
    externalLabels: A,
    version: '3.14.0',
    minBlockMs: 7_200_000,
    maxBlockMs: 0,
    delaysCompaction: false,
    retentionMs: 15 * 86_400_000,
    retentionBytes: 20 * 2 ** 30,
    scrapeIntervalMs: 15_000,
    jobs: ['x'],
    isConfigGood: true,
    corruptions: 2,
    storage: { freeBytes: 1000, usedBytes: 0, bytesPerDay: 10 * 2 * 86_400 },
  });
});

test('a server on another machine has the disk that a node_exporter there tells of', async () => {
  const disks = vector(
    [{ instance: 'far:9100', mountpoint: '/' }, 1],
    [{ instance: 'far:9100', mountpoint: '/data' }, 2],
    [{ instance: 'far:9100', mountpoint: '/dat' }, 3],
    [{ instance: 'other:9100', mountpoint: '/data' }, 4],
  );
  const hosts = {
    'querier:10902': { ...querier, 'node_filesystem_avail_bytes true': disks },
    'far:9090': server,
  };
  const facts = await gather(fakeClient(hosts), ['http://far:9090']);
  assert.equal(facts.servers[0].storage?.freeBytes, 2);
});

test('what does not answer is a fact', async () => {
  const away = await gather(fakeClient({}));
  assert.match(away.querier.fault, /refused/);
  const { '/api/v1/stores': stores } = querier;
  const poor = await gather(fakeClient({ 'querier:10902': { '/api/v1/stores': stores } }));
  assert.equal(poor.querier.replicaLabels, undefined);
  assert.deepEqual([poor.targets, poor.servers, poor.metrics.lonelySidecars], [[], [], undefined]);
  const prometheus = await gather(fakeClient({ 'querier:10902': server }));
  assert.match(prometheus.querier.fault, /api\/v1\/stores: it answers 404/);
});

test('an objstore.yml is read as far as a check needs it', () => {
  const yaml =
    'type: S3\nconfig:\n  bucket: thanos\n  endpoint: minio:9000\n  access_key: minio\n  insecure: true\n';
  const { fault, type, accessKey, secretKey, isInsecure } = readBucket('o.yml', () => yaml);
  assert.deepEqual([fault, type, accessKey, secretKey, isInsecure], ['', 'S3', 'minio', '', true]);
  assert.match(readBucket('o.yml', () => 'a: [').fault, /^o\.yml:1:/);
  assert.match(readBucket('o.yml', () => 'a: [').path, /o\.yml/);
});

test('the language is that of the locale', () => {
  const f = (locale: string | undefined, want: string) => assert.equal(languageOf(locale), want);
  f('ko_KR.UTF-8', 'ko');
  f('ko', 'ko');
  f('en_US.UTF-8', 'en');
  f('kok_IN', 'en');
  f(undefined, 'en');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { OperationError } from '../base/errors.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import type { TargetGroup } from '../discovery/target-group.ts';
import { labelsOf } from '../model/labels.ts';
import type { RelabelConfig } from '../model/relabel-config.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import type { HttpClient, HttpClientRequest } from '../transport/http-client.ts';
import type { IngestPort } from './ingest-port.ts';
import { PageBuffers } from './page-buffers.ts';
import type { ScrapeConfig } from './scrape-config.ts';
import { declareScrapeMetrics } from './scrape-metrics.ts';
import { ScrapePool } from './scrape-pool.ts';
import { scrapeConfig } from './testing/scrape-config.ts';

/** A pool over a clock moved by hand, a client that answers as told, and a port that writes down. */
function fixture(given: Partial<ScrapeConfig>) {
  const clock = new ManualClock(1_000_000);
  const { client, requests, answerWith } = fakeClient();
  const { port, log } = writingPort();
  const failures: string[] = [];
  const metrics = declareScrapeMetrics(createMetricRegistry());
  let key = 0;
  const pool = new ScrapePool(
    {
      port,
      clock,
      logger: silentLogger,
      metrics,
      createClient: () => client,
      buffers: new PageBuffers(),
      nextKey: () => ++key,
      userAgent: 'Prometheus/test',
      phaseSeed: 'seed',
      toleranceMs: 2,
      logFailure: (file, { target, error }) => failures.push(`${file} ${target} ${error}`),
    },
    scrapeConfig({ scrapeIntervalMs: 10_000, scrapeTimeoutMs: 5_000, ...given }),
  );
  return {
    pool,
    requests,
    failures,
    metrics,
    answerWith,
    taken: () => log.splice(0),
    /** Unpacking takes its time beside the clock. */
    async isTaken() {
      for (let i = 0; log.length === 0 && i < 10_000; i++) await setImmediate();
      await setImmediate();
    },
    async pass(ms: number) {
      for (let i = 0; i < ms; i += 100) {
        clock.advance(100);
        await setImmediate();
      }
    },
  };
}

type Answer =
  | {
      readonly status?: number;
      readonly body?: Uint8Array | string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | 'hang';

function fakeClient() {
  const requests: HttpClientRequest[] = [];
  let answer: Answer = { body: 'a 1\n' };
  const client: HttpClient = {
    async request(request) {
      requests.push(request);
      if (answer === 'hang') return hang(request.signal);
      const { status = 200, body = '', headers = { 'content-type': 'text/plain' } } = answer;
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      return {
        status,
        headers,
        body: async function* () {
          yield bytes.slice(0, 2);
          yield bytes.slice(2);
        },
        bytes: async () => bytes,
        text: async () => '',
      };
    },
    async [Symbol.asyncDispose]() {},
  };
  return { client, requests, answerWith: (next: Answer) => void (answer = next) };
}

function hang(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => {
    const reason: unknown = signal.reason;
    reject(reason instanceof OperationError ? reason : new OperationError('timeout', 'late'));
  });
  return promise;
}

function writingPort() {
  const log: string[] = [];
  const counts = {
    ...{ outOfOrder: 0, duplicate: 0, outOfBounds: 0, exemplarOutOfOrder: 0 },
    ...{ sampleLimit: 0, labelLimit: 0, bucketLimit: 0 },
  };
  const port: IngestPort = {
    openTarget: (key, { labels }) => void log.push(`open ${key} ${labels.join(' ')}`),
    async ingest({ target, timeMs, outcome }) {
      const isPage = outcome.kind === 'page';
      const what = isPage ? `${outcome.format} ${outcome.bytes.length}` : outcome.bodySizeBytes;
      log.push(`${timeMs} ${target} ${what}`);
      return {
        error: '',
        durationMs: 7,
        ...{ samplesScraped: 1, samplesPostRelabel: 1, seriesAdded: 0 },
        counts,
        ...{ metadataEntries: 2, metadataBytes: 30 },
      };
    },
    endTarget: async (key, timeMs) => void log.push(`end ${key} ${timeMs}`),
    metadata: async () => [],
  };
  return { port, log };
}

function group(...addresses: readonly string[]): TargetGroup {
  const targets = addresses.map((address) => labelsOf({ __address__: address }));
  return { source: 'g', labels: labelsOf({ zone: 'z' }), targets };
}

test('a target is scraped each interval at its phase, as Prometheus does it', async () => {
  const f = fixture({ params: [['x', ['1', '2']]], jobName: 'j' });
  await f.pool.sync([group('h:1')]);
  await f.pass(30_000);
  const [open, ...scrapes] = f.taken();
  assert.equal(open, 'open 1 instance h:1 job j zone z');
  const times = scrapes.map((line) => Number(line.split(' ')[0]));
  assert.equal(times.length, 3);
  assert.deepEqual([times[1] - times[0], times[2] - times[1]], [10_000, 10_000]);
  const [{ url, headers }] = f.requests;
  assert.equal(url, 'http://h:1/metrics?x=1&x=2');
  assert.equal(headers?.['x-prometheus-scrape-timeout-seconds'], '5');
  assert.equal(headers?.['accept-encoding'], 'gzip');
  const [target] = f.pool.targets();
  assert.deepEqual(
    [
      target.health,
      target.lastError,
      target.lastDurationMs,
      target.scrapeInterval,
      target.scrapeTimeout,
    ],
    ['up', '', 7, '10s', '5s'],
  );
  await f.pool.stop({ withStaleMarkers: false });
});

test('a target that is gone goes stale two intervals later, unless the server stops', async () => {
  const f = fixture({});
  await f.pool.sync([group('h:1', 'h:2')]);
  await f.pass(10_000);
  f.taken();
  await f.pool.sync([group('h:2')]);
  await f.pass(10_000);
  assert.deepEqual(
    f.taken().filter((line) => line.startsWith('end')),
    [],
  );
  await f.pass(11_100);
  const [ended] = f.taken().filter((line) => line.startsWith('end'));
  assert.match(ended, /^end 1 10[12]\d+$/);
  await f.pool.sync([]);
  await f.pass(1000);
  await f.pool.stop({ withStaleMarkers: false });
  await f.pass(40_000);
  assert.deepEqual(
    f.taken().filter((line) => line.startsWith('end')),
    [],
  );
});

test('what fails is told: status, type, size, time, limit of targets', async () => {
  const f = fixture({ bodySizeLimitBytes: 100, scrapeFailureLogFile: 'file' });
  await f.pool.sync([group('h:1')]);
  const after = async (answer: Answer, want: string, error: string) => {
    f.answerWith(answer);
    f.taken();
    await f.pass(10_000);
    await f.isTaken();
    const found = f.taken().map((line) => line.split(' ').slice(2).join(' '));
    assert.deepEqual([found, f.pool.targets()[0].lastError], [[want], error]);
  };
  const html = { 'content-type': 'text/html' };
  const packed = { 'content-type': 'text/plain', 'content-encoding': 'gzip' };
  await after({ status: 404 }, '0', 'server returned HTTP status 404 Not Found');
  const type =
    'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified' +
    ' for target';
  await after({ headers: html, body: 'a 1\n' }, '4', type);
  await after({ body: 'a'.repeat(100) }, '-1', 'body size limit exceeded');
  await after(
    { headers: packed, body: gzipSync('a'.repeat(100)) },
    '-1',
    'body size limit exceeded',
  );
  await after({ headers: packed, body: gzipSync('a 1\n'.repeat(24)) }, 'text 96', '');
  await after(
    { headers: packed, body: 'no gzip' },
    '0',
    'cannot unpack the gzip body: incorrect header check',
  );
  await after({ body: '' }, 'text 0', '');
  f.answerWith('hang');
  await f.pass(16_000);
  const late = 'Get "http://h:1/metrics": context deadline exceeded';
  assert.equal(f.pool.targets()[0].lastError, late);
  assert.ok(f.failures.includes(`file http://h:1/metrics ${late}`));
  await f.pool.stop({ withStaleMarkers: false });
});

test('more targets than the limit are all down', async () => {
  const f = fixture({ targetLimit: 1 });
  await f.pool.sync([group('h:1', 'h:2')]);
  await f.pass(10_000);
  assert.equal(f.requests.length, 0);
  const error = 'target_limit exceeded (number of targets: 2, limit: 1)';
  assert.deepEqual(
    f.pool.targets().map(({ lastError }) => lastError),
    [error, error],
  );
  await f.pool.sync([group('h:1')]);
  await f.pass(10_000);
  assert.equal(f.pool.targets()[0].health, 'up');
  await f.pool.stop({ withStaleMarkers: false });
});

test('a reload keeps series where it can, and what is equal alone', async () => {
  const f = fixture({});
  await f.pool.sync([group('h:1')]);
  await f.pass(10_000);
  f.taken();
  await f.pool.reload({ ...f.pool.config });
  assert.deepEqual(f.taken(), []);
  await f.pool.reload({ ...f.pool.config, sampleLimit: 5, scrapeIntervalMs: 20_000 });
  assert.deepEqual(f.taken(), ['open 1 instance h:1 job test zone z']);
  assert.equal(f.pool.targets()[0].health, 'up');
  await f.pool.reload({ ...f.pool.config, honorLabels: true });
  assert.deepEqual(
    f.taken().map((line) => line.slice(0, 6)),
    ['open 2'],
  );
  await f.pass(50_000);
  assert.equal(f.taken().filter((line) => line.startsWith('end 1')).length, 1);
  await f.pool.stop({ withStaleMarkers: false });
});

test('a reload tells once what is no target', async () => {
  const f = fixture({});
  await f.pool.sync([group('h:1', 'a/b')]);
  await f.pool.reload({ ...f.pool.config, sampleLimit: 5 });
  const { values } = await f.metrics.syncFailed.get();
  assert.deepEqual(
    values.map(({ value }) => value),
    [2],
  );
  await f.pool.stop({ withStaleMarkers: false });
});

test('relabeling makes addresses, paths, times and drops; what is no target is told', async () => {
  const replace = (given: Partial<RelabelConfig>): RelabelConfig => ({
    sourceLabels: ['__address__'],
    separator: ';',
    regex: '(.*)',
    modulus: 0,
    targetLabel: '',
    replacement: '$1',
    action: 'replace',
    ...given,
  });
  const f = fixture({
    keepDroppedTargets: 1,
    relabelConfigs: [
      replace({ regex: 'drop.*', action: 'drop' }),
      replace({ targetLabel: '__param_target' }),
      replace({ targetLabel: '__metrics_path__', replacement: 'probe x' }),
      replace({ targetLabel: '__scrape_interval__', replacement: '30s' }),
      replace({ regex: 'named', targetLabel: 'instance', replacement: 'name' }),
      replace({ regex: '(bad)', targetLabel: '__address__', replacement: 'a/b' }),
    ],
  });
  await f.pool.sync([group('h:1', 'drop1', 'drop2', 'named', 'bad')]);
  assert.deepEqual(
    f.pool
      .targets()
      .map(({ scrapeUrl, labels, scrapeInterval }) => [scrapeUrl, labels[1], scrapeInterval]),
    [
      ['http://h:1/probe%20x?target=h%3A1', 'h:1', '30s'],
      ['http://named/probe%20x?target=named', 'name', '30s'],
    ],
  );
  const { kept, count } = f.pool.dropped();
  assert.deepEqual([kept.length, count], [1, 2]);
  await f.pool.stop({ withStaleMarkers: false });
});

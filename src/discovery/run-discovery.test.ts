import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { DnsResolver } from '../base/dns-resolver.ts';
import { seededRandom } from '../base/random.ts';
import { FaultyFiles } from '../base/testing/faulty-files.ts';
import { ManualClock } from '../base/testing/manual-clock.ts';
import { printLabels } from '../model/labels-text.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { defaultClientSettings } from '../transport/client-settings.ts';
import type { HttpClient, HttpClientAnswer } from '../transport/http-client.ts';
import { declareDiscoveryMetrics } from './discovery-metrics.ts';
import { type RunningDiscoveryConfig, runDiscovery } from './run-discovery.ts';
import { resolverOf } from './testing/resolver.ts';

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly text: string;
}

/** One discovery over fakes; `found` is what there is, as a line a group. */
function start(config: RunningDiscoveryConfig) {
  const clock = new ManualClock(1_000_000);
  const files = new FaultyFiles(seededRandom(1));
  const state = { resolver: resolverOf(), answer: { text: '[]' } as Answer };
  const registry = createMetricRegistry();
  const asked: unknown[] = [];
  const groups = new Map<string, string>();
  const end = new AbortController();
  files.makeDirectory('/sd');
  const begin = (): Promise<void> =>
    runDiscovery(
      config,
      {
        files,
        clock,
        resolver: lateResolver(() => state.resolver),
        logger: silentLogger,
        metrics: declareDiscoveryMetrics(registry),
        createClient: () => clientOf(() => state.answer, asked),
      },
      {
        jobName: 'job',
        signal: end.signal,
        onGroups(changed) {
          for (const { source, labels, targets } of changed) {
            const line = `${targets.map(printLabels).join(' ')} ${printLabels(labels)}`;
            if (targets.length === 0) groups.delete(source);
            else groups.set(source, line);
          }
        },
      },
    );
  const found = (): string[] => [...groups].map(([source, line]) => `${source} ${line}`).sort();
  return {
    clock,
    files,
    state,
    asked,
    found,
    begin,
    end: () => end.abort(),
    write: (path: string, text: string) => files.writeFileAtomic(path, Buffer.from(text)),
    async advance(byMs: number): Promise<string[]> {
      clock.advance(byMs);
      for (let i = 0; i < 5; i++) await setImmediate();
      return found();
    },
    metrics: async () => Buffer.from((await registry.print('text')).body).toString(),
  };
}

function lateResolver(now: () => DnsResolver): DnsResolver {
  return {
    addresses: (...given) => now().addresses(...given),
    services: (name) => now().services(name),
    mailServers: (name) => now().mailServers(name),
    nameServers: (name) => now().nameServers(name),
  };
}

function clientOf(answer: () => Answer, asked: unknown[]): HttpClient {
  return {
    async request({ url, headers }) {
      asked.push([url, headers]);
      const { status = 200, type = 'application/json', text } = answer();
      const partial: Partial<HttpClientAnswer> = {
        status,
        headers: { 'content-type': type },
        text: async () => text,
      };
      return partial as HttpClientAnswer;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

test('files give their groups, again soon after they change, until they are gone', async () => {
  const files = ['/sd/*.json', '/sd/b.yml'];
  const run = start({ kind: 'file', files, refreshIntervalMs: 300_000 });
  run.write(
    '/sd/a.json',
    '[\t{"targets": ["a:1", "a:2"], "labels": {"x": "1"}}, {"targets": ["a:3"]}]',
  );
  run.write('/sd/b.yml', '- targets: [b:1]\n  labels: { __meta_filepath: mine }\n');
  const running = run.begin();
  const b = '/sd/b.yml:0 {__address__="b:1"} {__meta_filepath="/sd/b.yml"}';
  assert.deepEqual(await run.advance(0), [
    '/sd/a.json:0 {__address__="a:1"} {__address__="a:2"} {__meta_filepath="/sd/a.json", x="1"}',
    '/sd/a.json:1 {__address__="a:3"} {__meta_filepath="/sd/a.json"}',
    b,
  ]);
  run.write('/sd/a.json', '[{"targets": ["a:9"]}]');
  const a = '/sd/a.json:0 {__address__="a:9"} {__meta_filepath="/sd/a.json"}';
  assert.deepEqual(await run.advance(2000), [a, b]);
  run.write('/sd/a.json', '[{"targets": "a:9", }]');
  assert.deepEqual(await run.advance(2000), [a, b], 'a broken file keeps its groups');
  assert.match(await run.metrics(), /^prometheus_sd_file_read_errors_total 1$/m);
  run.files.remove('/sd/b.yml');
  assert.deepEqual(await run.advance(2000), [a]);
  run.end();
  await running;
});

test('an HTTP service is asked every interval; its failures change nothing', async () => {
  const url = 'http://sd.test/targets';
  const client = defaultClientSettings;
  const run = start({ kind: 'http', url, refreshIntervalMs: 60_000, client });
  run.state.answer = { text: '[{"targets":["a:1"]},{"targets":["b:1"],"labels":{"x":"1"}}]' };
  const running = run.begin();
  const first = `${url}:0 {__address__="a:1"} {__meta_url="${url}"}`;
  const second = `${url}:1 {__address__="b:1"} {__meta_url="${url}", x="1"}`;
  assert.deepEqual(await run.advance(0), [first, second]);
  const headers = { accept: 'application/json', 'x-prometheus-refresh-interval-seconds': '60' };
  assert.deepEqual(run.asked, [[url, headers]]);
  for (const answer of [
    { status: 500, text: '[]' },
    { type: 'text/html', text: '[]' },
    { text: '[{"targets": 1}]' },
    { text: '{}x' },
    { text: '[null]' },
    { text: '[{"target": []}]' },
  ]) {
    run.state.answer = answer;
    assert.deepEqual(await run.advance(60_000), [first, second], JSON.stringify(answer));
  }
  assert.match(await run.metrics(), /^prometheus_sd_http_failures_total 6$/m);
  assert.match(
    await run.metrics(),
    /^prometheus_sd_refresh_failures_total\{mechanism="http",config="job"\} 6$/m,
  );
  run.state.answer = { text: '[{"targets":["a:1"]}]' };
  assert.deepEqual(await run.advance(60_000), [first]);
  run.end();
  await running;
});

test('records of every type become targets with their meta labels', async () => {
  const f = async (
    type: Extract<RunningDiscoveryConfig, { readonly kind: 'dns' }>['type'],
    line: string,
    ...want: string[]
  ): Promise<void> => {
    const names = ['n.test'];
    const run = start({ kind: 'dns', names, type, port: 80, refreshIntervalMs: 30_000 });
    run.state.resolver = resolverOf(line);
    const running = run.begin();
    const lines = want.map((labels) => `n.test ${labels} {}`);
    assert.deepEqual(await run.advance(0), lines);
    run.state.resolver = resolverOf(`n.test ${line.split(' ')[1]} !`);
    assert.deepEqual(await run.advance(30_000), lines, 'a failure keeps what was found');
    assert.match(await run.metrics(), /^prometheus_sd_dns_lookup_failures_total 1$/m);
    run.state.resolver = resolverOf();
    assert.deepEqual(await run.advance(30_000), [], 'a name that is gone has no targets');
    run.end();
    await running;
  };
  const name = '__meta_dns_name="n.test"';
  await f('A', 'n.test 4 10.0.0.1', `{__address__="10.0.0.1:80", ${name}}`);
  await f('AAAA', 'n.test 6 fe80::1', `{__address__="[fe80::1]:80", ${name}}`);
  await f(
    'SRV',
    'n.test srv h.test:81',
    `{__address__="h.test:81", ${name}, __meta_dns_srv_record_port="81", __meta_dns_srv_record_target="h.test."}`,
  );
  await f(
    'MX',
    'n.test mx m.test',
    `{__address__="m.test:80", __meta_dns_mx_record_target="m.test.", ${name}}`,
  );
  await f(
    'NS',
    'n.test ns s.test',
    `{__address__="s.test:80", ${name}, __meta_dns_ns_record_target="s.test."}`,
  );
});

import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeLocalSystem, OWN_JOBS } from './local-system.ts';
import { printPrometheusConfig, readScrapeConfigs } from './prometheus-config.ts';

const theirs = `
global: {scrape_interval: 30s, external_labels: {a: b}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: app
    static_configs: [{targets: ['app:80']}]
    basic_auth: {username: u, password_file: secrets/p}
  - job_name: files
    scrape_interval: 1m
    file_sd_configs: [{files: [targets/*.yml, /abs/x.yml]}]
`;

test('scrape configs keep their meaning in another file', () => {
  assert.deepEqual(readScrapeConfigs(theirs, '/etc/p/prometheus.yml', OWN_JOBS), [
    {
      scrape_interval: '30s',
      job_name: 'app',
      static_configs: [{ targets: ['app:80'] }],
      basic_auth: { username: 'u', password_file: '/etc/p/secrets/p' },
    },
    {
      scrape_interval: '1m',
      job_name: 'files',
      file_sd_configs: [{ files: ['/etc/p/targets/*.yml', '/abs/x.yml'] }],
    },
  ]);
});

test('a job with the name of one of ours is refused with its place', () => {
  const text = 'scrape_configs:\n  - job_name: prometheus\n';
  assert.throws(() => readScrapeConfigs(text, 'p.yml', OWN_JOBS), {
    kind: 'bad-data',
    message: /^p\.yml:2:15: .*prometheus is a job of Tsanos itself: give yours another name$/,
  });
});

test('promtool accepts what is written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-config-'));
  const text = printPrometheusConfig({
    externalLabels: { cluster: 'c: "x"', region: 'r', replica: 'A' },
    scrapeIntervalSeconds: 5,
    jobs: [{ name: 'prometheus', targets: ['127.0.0.1:9090'] }],
    more: readScrapeConfigs(theirs.replace(/ {4}basic.*\n/, ''), `${folder}/p.yml`, OWN_JOBS),
  });
  const path = join(folder, 'a.yml');
  writeFileSync(path, text);
  const check = spawnSync('promtool', ['check', 'config', path], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.equal(check.error, undefined, 'promtool comes with the prometheus package');
  assert.equal(check.status, 0, check.stdout + check.stderr);
});

test('the local system has no port twice, shifts them all and knows its parts', () => {
  const system = describeLocalSystem({
    self: ['/node', '/main.ts'],
    prometheusBinary: '/usr/bin/prometheus',
    dataDirectory: '/data',
    portOffset: 100,
    listenAddress: ':9090',
    cluster: 'c',
    region: 'r',
    retention: { time: '15d', size: '20GB' },
    scrapeIntervalSeconds: 5,
    targets: ['host:1'],
    scrapeConfigs: [],
  });
  const specs = system.groups.flat();
  const ports = specs.flatMap(({ addresses }) => addresses.map(({ hostPort }) => hostPort));
  assert.equal(new Set(ports).size, 11);
  assert.equal(system.entryUrl, 'http://127.0.0.1:9190');
  assert.equal(
    specs.map(({ name }) => name).join(' '),
    'prometheus-a prometheus-b sidecar-a sidecar-b query-a query-b entry',
  );
  const query = specs[4];
  assert.deepEqual(query.args.slice(query.args.indexOf('query')), [
    'query',
    '--http-address=127.0.0.1:19292',
    '--grpc-address=127.0.0.1:19290',
    '--endpoint=127.0.0.1:19291',
    '--endpoint=127.0.0.1:19293',
    '--query.replica-label=replica',
  ]);
  assert.match(system.configFiles[1].text, /replica: B/);
  assert.match(system.configFiles[1].text, /- host:1/);
});

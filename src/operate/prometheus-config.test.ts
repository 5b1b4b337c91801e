import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { describeLocalSystem, OWN_JOBS } from './local-system.ts';
import { NO_USER_CONFIG, printPrometheusConfig, readUserConfig } from './prometheus-config.ts';

const theirs = `
global: {scrape_interval: 30s, external_labels: {a: b, replica: theirs, cluster: real}}
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: app
    static_configs: [{targets: ['app:80']}]
    basic_auth: {username: u, password_file: secrets/p}
  - job_name: files
    scrape_interval: 1m
    file_sd_configs: [{files: [targets/*.yml, /abs/x.yml]}]
`;

test('sections keep their meaning in another file', () => {
  const user = readUserConfig(theirs, '/etc/p/prometheus.yml', OWN_JOBS);
  assert.deepEqual(user, {
    global: { scrape_interval: '30s' },
    externalLabels: { a: 'b', replica: 'theirs', cluster: 'real' },
    rest: { rule_files: ['/etc/p/rules/*.yml'] },
    renamed: [],
    scrapeConfigs: [
      {
        job_name: 'app',
        static_configs: [{ targets: ['app:80'] }],
        basic_auth: { username: 'u', password_file: '/etc/p/secrets/p' },
      },
      {
        scrape_interval: '1m',
        job_name: 'files',
        file_sd_configs: [{ files: ['/etc/p/targets/*.yml', '/abs/x.yml'] }],
      },
    ],
  });
});

test('the file of a replica has our jobs, the user’s sections, and both sets of labels', () => {
  const text = printPrometheusConfig({
    externalLabels: { cluster: 'tsanos', region: 'local' },
    replica: 'B',
    scrapeIntervalSeconds: 5,
    jobs: [{ name: 'prometheus', targets: ['127.0.0.1:9090'] }],
    user: readUserConfig(theirs, '/etc/p/prometheus.yml', OWN_JOBS),
  });
  const { global, scrape_configs: jobs, rule_files: rules } = parse(text);
  assert.deepEqual(global, {
    scrape_interval: '30s',
    evaluation_interval: '5s',
    external_labels: { cluster: 'real', region: 'local', a: 'b', replica: 'B' },
  });
  assert.deepEqual(rules, ['/etc/p/rules/*.yml']);
  assert.deepEqual(
    jobs.map((job: { job_name: string; scrape_interval?: string }) => [
      job.job_name,
      job.scrape_interval,
    ]),
    [
      ['prometheus', '5s'],
      ['app', undefined],
      ['files', '1m'],
    ],
  );
});

test('a job with the name of one of ours runs under another; one without a name is refused', () => {
  const text =
    "scrape_configs:\n  - job_name: prometheus\n    static_configs: [{targets: ['x:1']}]\n";
  const { renamed, scrapeConfigs } = readUserConfig(text, 'p.yml', OWN_JOBS);
  assert.deepEqual(renamed, [{ from: 'prometheus', to: 'user-prometheus' }]);
  assert.equal(scrapeConfigs[0].job_name, 'user-prometheus');
  assert.throws(() => readUserConfig('scrape_configs: [{}]', 'p.yml', OWN_JOBS), {
    kind: 'bad-data',
    message: /^p\.yml:1:18: .*has no job_name$/,
  });
});

test('promtool accepts what is written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-config-'));
  const text = printPrometheusConfig({
    externalLabels: { cluster: 'c: "x"', region: 'r' },
    replica: 'A',
    scrapeIntervalSeconds: 5,
    jobs: [{ name: 'prometheus', targets: ['127.0.0.1:9090'] }],
    user: readUserConfig(theirs.replace(/ {4}basic.*\n/, ''), `${folder}/p.yml`, OWN_JOBS),
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
    userConfig: NO_USER_CONFIG,
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

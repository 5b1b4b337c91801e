import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import { labelsOf } from '../model/labels.ts';
import { realFileSystem } from '../world/file-system.ts';
import { type LoadedConfig, loadPrometheusConfig } from './prometheus-config.ts';
import { REASONS } from './testing/reasons.data.ts';

const CONFORMANCE = new URL('../../../shared/conformance/config/', import.meta.url).pathname;

function load(content: string, environment = {}): LoadedConfig {
  return loadPrometheusConfig(content, { path: '/etc/p.yml', files: realFileSystem, environment });
}

function loadFile(name: string): LoadedConfig {
  const path = join(CONFORMANCE, name);
  const isAgent = name.startsWith('agent_mode.');
  const options = { path, files: realFileSystem, environment: {}, isAgent };
  return loadPrometheusConfig(readFileSync(path, 'utf8'), options);
}

function fails(content: string, message: string): void {
  assert.throws(() => load(content), { name: 'OperationError', kind: 'bad-data', message });
}

test('configurations of others load or fail as Prometheus has it', (t) => {
  if (!existsSync(CONFORMANCE)) {
    t.skip('no ../shared/conformance here');
    return;
  }
  const wrong: string[] = [];
  const names = readdirSync(CONFORMANCE).filter((name) => name.endsWith('.yml'));
  for (const name of names) {
    const want = REASONS[name];
    const got = verdict(name);
    const isRight = want === undefined ? got === undefined : got?.includes(want) === true;
    if (!isRight) wrong.push(`${name}: ${got ?? 'loads'}; want: ${want ?? 'loads'}`);
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(
    Object.keys(REASONS).filter((name) => !names.includes(name)),
    [],
  );
});

function verdict(name: string): string | undefined {
  try {
    loadFile(name);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof OperationError, name);
    assert.match(error.message, /\.yml:\d+:\d+: /);
    return error.message;
  }
}

test('jobs inherit from the global section', () => {
  const { config, warnings } = load(`
global:
  scrape_interval: 15s
  sample_limit: 100
  external_labels: { cluster: eu, zone: "\${ZONE}-$$" }
scrape_configs:
  - job_name: a
    static_configs: [{ targets: ['h:1', 'h:2'], labels: { env: test } }]
  - job_name: b
    scrape_interval: 5s
    sample_limit: 7
    scrape_native_histograms: true
`);
  const [a, b] = config.jobs;
  assert.deepEqual(warnings, ['/etc/p.yml: global.external_labels: the environment has no ZONE']);
  assert.deepEqual(config.externalLabels, labelsOf({ cluster: 'eu', zone: '-$' }));
  assert.deepEqual(
    [a.config.scrapeIntervalMs, a.config.scrapeTimeoutMs, a.config.sampleLimit],
    [15_000, 10_000, 100],
  );
  assert.deepEqual(
    [b.config.scrapeIntervalMs, b.config.scrapeTimeoutMs, b.config.sampleLimit],
    [5000, 5000, 7],
  );
  assert.equal(b.config.scrapeProtocols[0], 'PrometheusProto');
  assert.deepEqual(a.discoveries, [
    {
      kind: 'static',
      groups: [
        {
          source: '0',
          labels: labelsOf({ env: 'test' }),
          targets: [labelsOf({ __address__: 'h:1' }), labelsOf({ __address__: 'h:2' })],
        },
      ],
    },
  ]);
});

test('the effective configuration shows defaults and hides secrets', () => {
  const { config } = load(`
scrape_configs:
  - job_name: a
    basic_auth: { username: u, password: hidden }
    params: { module: [x] }
`);
  assert.deepEqual(config.shown, {
    global: {
      scrape_interval: '1m',
      scrape_timeout: '10s',
      scrape_native_histograms: false,
      metric_name_validation_scheme: 'utf8',
      extra_scrape_metrics: false,
      evaluation_interval: '1m',
    },
    runtime: { gogc: 75 },
    scrape_configs: [
      {
        job_name: 'a',
        honor_timestamps: true,
        track_timestamps_staleness: false,
        params: { module: ['x'] },
        scrape_interval: '1m',
        scrape_timeout: '10s',
        scrape_protocols: [
          'OpenMetricsText1.0.0',
          'OpenMetricsText0.0.1',
          'PrometheusText1.0.0',
          'PrometheusText0.0.4',
        ],
        scrape_native_histograms: false,
        metric_name_validation_scheme: 'utf8',
        metric_name_escaping_scheme: 'allow-utf-8',
        extra_scrape_metrics: false,
        always_scrape_classic_histograms: false,
        convert_classic_histograms_to_nhcb: false,
        metrics_path: '/metrics',
        scheme: 'http',
        enable_compression: true,
        basic_auth: { username: 'u', password: '<secret>' },
        follow_redirects: true,
        enable_http2: true,
      },
    ],
    storage: { exemplars: { max_exemplars: 100_000 } },
    otlp: {
      translation_strategy: 'UnderscoreEscapingWithSuffixes',
      label_name_underscore_sanitization: true,
      label_name_preserve_multiple_underscores: true,
    },
  });
  assert.doesNotMatch(JSON.stringify(config.shown), /hidden/);
});

test('what has no effect yet is said once, with its place', () => {
  const { warnings } = load(`
rule_files: [a.yml]
scrape_configs:
  - job_name: a
    consul_sd_configs: [{ server: 'c:1' }]
`);
  assert.deepEqual(warnings, [
    '/etc/p.yml:2:13: rule_files has no effect yet',
    '/etc/p.yml:5:24: scrape_configs[0].consul_sd_configs has no effect yet',
  ]);
});

test('mistakes name file, line, column, key and what would be right', () => {
  fails(
    'scrape_configs:\n  - job_nam: a\n',
    '/etc/p.yml:2:14: scrape_configs[0].job_nam: unknown field job_nam (did you mean job_name?)',
  );
  fails(
    'global:\n  scrape_interval: 1x\n',
    '/etc/p.yml:2:20: global.scrape_interval: not a valid duration string: "1x"',
  );
  fails(
    'scrape_configs:\n- job_name: a\n  honor_labels: maybe\n',
    '/etc/p.yml:3:17: scrape_configs[0].honor_labels: is neither true nor false',
  );
  fails(
    'scrape_configs:\n- job_name: a\n  body_size_limit: 10XB\n',
    '/etc/p.yml:3:20: scrape_configs[0].body_size_limit: "10XB" is no size such as 10MB: the unit is unknown',
  );
  fails(
    'global: [',
    '/etc/p.yml:1:10: Flow sequence in block collection must be sufficiently indented and end with a ]',
  );
});

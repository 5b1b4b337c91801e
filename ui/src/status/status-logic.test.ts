import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { discoveredPools, labelChanges } from './discovery-list.ts';
import { filterFlags, listFlags } from './flag-list.ts';
import { countTypes, listMetrics, searchMetrics } from './metric-list.ts';
import { axisOf, barOf, isEmptyRange, parseTime, rangeOf } from './store-coverage.ts';
import { poolsOf, type Target, targetSelector } from './target-list.ts';
import { yamlTokens } from './yaml-tokens.ts';

test('ranges that are open are told apart from times', () => {
  assert.deepEqual(rangeOf(-62_167_219_200_000, 2 ** 63), {
    minMs: undefined,
    maxMs: undefined,
  });
  const minMs = Date.UTC(2026, 0);
  assert.deepEqual(rangeOf(minMs, minMs + 5), { minMs, maxMs: minMs + 5 });
  assert.ok(isEmptyRange({ minTime: 9, maxTime: -9 }));
  assert.equal(parseTime('0001-01-01T00:00:00Z'), undefined);
  assert.equal(parseTime('2026-01-01T00:00:00Z'), minMs);
});

test('bars of all stores share one axis', () => {
  const now = Date.UTC(2026, 0, 11);
  const day = 86_400_000;
  const old = { minMs: now - 10 * day, maxMs: now - 5 * day };
  const axis = axisOf([old, { minMs: undefined, maxMs: undefined }], now);
  assert.deepEqual(axis, { minMs: now - 10 * day, maxMs: now });
  assert.deepEqual(barOf(old, axis), { left: 0, width: 50 });
  assert.deepEqual(barOf({ minMs: now - 5 * day, maxMs: undefined }, axis), {
    left: 50,
    width: 50,
  });
  assert.deepEqual(axisOf([], now), { minMs: now - 3_600_000, maxMs: now });
});

const target = (scrapePool: string, instance: string, health: string, lastError = ''): Target => ({
  labels: { job: scrapePool, instance },
  discoveredLabels: {},
  scrapePool,
  scrapeUrl: `http://${instance}/metrics`,
  lastError,
  lastScrape: '',
  lastScrapeDuration: 0.1,
  health,
});

test('targets are found by health, pool and words, and their pools count all of theirs', () => {
  const targets = [
    target('node', 'b:1', 'down', 'Connection refused'),
    target('app', 'c:1', 'up'),
    target('node', 'a:1', 'up'),
  ];
  const f = (words: string, health: string, pool: string, want: string): void => {
    const found = poolsOf(targets, { words, health, pool });
    const text = found.map(({ name, up, all, targets: list }) => {
      const shown = list.map(({ labels }) => labels.instance).join('+');
      return `${name} ${up}/${all} ${shown}`;
    });
    assert.equal(text.join(', '), want);
  };
  f('', '', '', 'app 1/1 c:1, node 1/2 b:1+a:1');
  f('refused', '', '', 'node 1/2 b:1');
  f('job="node" a:1', '', '', 'node 1/2 a:1');
  f('', 'up', 'node', 'node 1/2 a:1');
  f('nothing', '', '', '');
  assert.equal(targetSelector(targets[0] as Target), 'up{job="node",instance="b:1"}');
});

const METADATA = {
  http_requests: [{ type: 'counter', help: 'Requests by code.', unit: '' }],
  latency_seconds: [{ type: 'histogram', help: 'Time of http requests.', unit: 'seconds' }],
};

test('metrics of a family have its metadata', () => {
  const names = ['http_requests_total', 'latency_seconds_bucket', 'odd'];
  const list = listMetrics(names, METADATA, [{ name: 'odd', value: 3 }]);
  assert.deepEqual(
    list.metrics.map(({ type, series }) => [type, series]),
    [
      ['counter', undefined],
      ['histogram', undefined],
      ['', 3],
    ],
  );
  assert.deepEqual(countTypes(list), [
    ['counter', 1],
    ['histogram', 1],
    ['unknown', 1],
  ]);
});

test('names that begin with what is typed come first, those that only explain with it last', () => {
  const names = ['latency_seconds_bucket', 'my_http_requests', 'http_requests_total', 'odd'];
  const list = listMetrics(names, METADATA, [{ name: 'my_http_requests', value: 9 }]);
  const f = (words: string, type: string, want: string): void =>
    assert.equal(
      searchMetrics(list, { words, type })
        .map(({ name }) => name)
        .join(' '),
      want,
    );
  f('http', '', 'http_requests_total my_http_requests latency_seconds_bucket');
  f('http TIME', '', 'latency_seconds_bucket');
  f('', 'unknown', 'my_http_requests odd');
  f('absent', '', '');
});

test('flags that somebody changed are marked', () => {
  const help = {
    port: { default: '1', help: 'Where it listens.', section: '' },
    path: { default: null, help: '', section: '' },
  };
  const rows = listFlags({ port: '2', path: '', other: 'x' }, help);
  assert.deepEqual(
    rows.map(({ name, isChanged }) => [name, isChanged]),
    [
      ['other', false],
      ['path', false],
      ['port', true],
    ],
  );
  const f = (words: string, onlyChanged: boolean, want: string): void =>
    assert.equal(
      filterFlags(rows, { words, onlyChanged })
        .map(({ name }) => name)
        .join(' '),
      want,
    );
  f('', true, 'port');
  f('listens', false, 'port');
  f('--p', false, 'path port');
});

test('a line of YAML falls into parts that together are the line', () => {
  const f = (line: string, want: string): void => {
    const tokens = yamlTokens(line);
    assert.equal(tokens.map(({ text }) => text).join(''), line);
    assert.equal(tokens.map(({ kind, text }) => `${kind}:${text.trim()}`).join('|'), want);
  };
  f('global:', 'key:global|plain::');
  f('  scrape_interval: 15s', 'plain:|key:scrape_interval|plain::|number:15s');
  f('- job_name: a b # why', 'plain:-|key:job_name|plain::|text:a b|comment:# why');
  f('  - 127.0.0.1:9090', 'plain:-|text:127.0.0.1:9090');
  f('password: <secret>', 'key:password|plain::|hidden:<secret>');
  f('# all', 'comment:# all');
  f('', '');
});

test('discovered targets stand in their pools, with those that were dropped', () => {
  const one = target('node', 'a:1', 'up');
  const discovery = {
    activeTargets: [{ ...one, discoveredLabels: { __address__: 'a:1' } }],
    droppedTargets: [
      { discoveredLabels: { __address__: 'b:1' }, scrapePool: 'node' },
      { discoveredLabels: { __address__: 'c:1' } },
    ],
    droppedTargetCounts: { node: 5 },
  };
  const f = (words: string, state: string, want: string): void => {
    const pools = discoveredPools(discovery, { words, state });
    const text = pools.map(({ name, targets, active, droppedCount, droppedKnown }) => {
      const shown = targets.map(({ discoveredLabels }) => discoveredLabels.__address__).join('+');
      return `${name}:${shown}:${active}/${droppedKnown}/${droppedCount}`;
    });
    assert.equal(text.join(' '), want);
  };
  f('', '', 'node:a:1+b:1:1/1/5 :c:1:0/1/1');
  f('', 'active', 'node:a:1:1/1/5');
  f('c:1', '', ':c:1:0/1/1');
});

test('a step of relabelling shows what it changed', () => {
  assert.deepEqual(labelChanges({ a: '1', b: '2' }, { b: '3', c: '4' }), [
    { name: 'a', before: '1', after: undefined },
    { name: 'b', before: '2', after: '3' },
    { name: 'c', before: undefined, after: '4' },
  ]);
});

import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { NEW_PANEL } from './panel.ts';
import {
  curlCommand,
  exemplarRequest,
  instantRequest,
  rangeRequest,
  selectorOfName,
} from './query-request.ts';

const panel = { ...NEW_PANEL, expr: 'up' };
const grid = { startMs: 1000, endMs: 61_500, stepMs: 250 };

test('an instant query carries what Thanos knows', () => {
  const request = instantRequest(
    { ...panel, stores: ['a:1', 'b:2'], isAnalyzed: true, engine: 'thanos' },
    1_700_000_000_123,
    { isThanos: true },
  );
  assert.equal(request.path, '/api/v1/query');
  assert.deepEqual(request.parameters, {
    query: 'up',
    time: '1700000000.123',
    dedup: true,
    partial_response: true,
    max_source_resolution: '0s',
    'storeMatch[]': ['{__address__="a:1"}', '{__address__="b:2"}'],
    engine: 'thanos',
    analyze: true,
    stats: 'true',
  });
});

test('a plain Prometheus is asked only what it knows', () => {
  const { parameters } = rangeRequest(panel, grid, { isThanos: false });
  assert.deepEqual(parameters, {
    query: 'up',
    start: '1',
    end: '61.5',
    step: '0.25',
    analyze: undefined,
    stats: 'true',
  });
  const exemplars = exemplarRequest(panel, grid, { isThanos: false });
  assert.deepEqual(exemplars.parameters, { query: 'up', start: '1', end: '61.5' });
});

test('a copied command gives the shell exactly the parameters', () => {
  const expr = `a{b="it's $HOME \`x\` \\"}`;
  const request = instantRequest({ ...panel, expr }, 0, { isThanos: true });
  const command = curlCommand('http://localhost:9090/x', request, "o'neil");
  const script = `curl() { for word in "$@"; do printf '%s\\n' "$word"; done; }; ${command}`;
  const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n');
  assert.ok(words.includes(`query=${expr}`), command);
  assert.ok(words.includes("THANOS-TENANT: o'neil"), command);
  assert.equal(words.at(-1), 'http://localhost:9090/x/api/v1/query');
});

test('a name that is no plain one becomes a selector in braces', () => {
  assert.equal(selectorOfName('job:up:sum'), 'job:up:sum');
  assert.equal(selectorOfName('a.b "c"'), '{"a.b \\"c\\""}');
});

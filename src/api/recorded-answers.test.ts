import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { localEngine } from '../engine/testing/local-engine.ts';
import { STABLE_SYNTAX } from '../promql/parse/syntax-options.ts';
import { openBlocks } from '../tsdb/blocks.ts';
import { memoryFiles } from '../tsdb/testing/memory-files.ts';
import { expressionRoutes } from './expression-routes.ts';
import { queryRoutes } from './query-routes.ts';
import { seriesRoutes } from './series-routes.ts';
import { callRoute } from './testing/request.ts';

/** What Prometheus 3.14 answered over the first of the golden blocks. */
interface Recorded {
  readonly url: string;
  readonly status: number;
  readonly body: unknown;
}

function golden(name: string): unknown {
  const path = new URL(`../../test/golden/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

const [block] = golden('blocks') as readonly { readonly files: Readonly<Record<string, string>> }[];
const files = Object.entries(block?.files ?? {}).map(
  ([path, text]) => [`data/${path}`, Buffer.from(text, 'base64')] as const,
);
const blocks = openBlocks(memoryFiles(new Map(files)), 'data');
const clock: Clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  after: () => () => undefined,
  sleep: async () => undefined,
};
const view = {
  deduplicate: true,
  replicaLabels: [],
  partialResponse: true,
  storeMatchers: [],
  maxSourceResolutionMs: 0,
  autoDownsampling: false,
};
const settings = { maxSamples: 1e6, noStepSubqueryIntervalMs: 60_000, syntax: STABLE_SYNTAX };
const engine = localEngine({ queryable: blocks, kernel: testKernel(), clock, settings });
const routes = [
  ...queryRoutes({
    engine,
    clock,
    defaults: { view, lookbackMs: 300_000, timeoutMs: 120_000, stepMs: 1000, countsSteps: true },
  }),
  ...seriesRoutes({ open: () => blocks, clock, view, defaultRangeMs: 0 }),
  ...expressionRoutes(STABLE_SYNTAX),
];

/**
 * Thanos adds `analysis`; the order of an instant vector is nobody's promise unless it was sorted; numbers agree to
 * twelve digits.
 */
function comparable(url: string, body: unknown): unknown {
  const copy = rounded(body) as {
    data?: { analysis?: unknown; resultType?: string; result?: { metric: unknown }[] };
  };
  const { data } = copy;
  if (data === undefined || typeof data !== 'object') return copy;
  delete data.analysis;
  if (data.resultType === 'vector' && !/query=(sort|topk|bottomk)/.test(url)) {
    const key = (sample: { metric: unknown }): string =>
      JSON.stringify(Object.entries(sample.metric as object).sort());
    data.result?.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }
  return copy;
}

function rounded(value: unknown): unknown {
  if (typeof value === 'string') {
    const isLong = /^-?\d+\.\d{10,}(e[+-]\d+)?$/.test(value);
    return isLong ? Number(value).toPrecision(12) : value;
  }
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rounded(member)]));
}

const byPath = Map.groupBy(golden('api') as readonly Recorded[], ({ url }) =>
  url.replace(/\?.*/, '').replace(/label\/.*\/values/, 'label/<name>/values'),
);
for (const [path, recorded] of byPath) {
  test(`${path} answers as Prometheus does: ${recorded.length} requests`, async () => {
    for (const { url, status, body } of recorded) {
      const ours = await callRoute(routes, url);
      const want = comparable(url, body);
      assert.deepEqual(comparable(url, ours.body), want, decodeURIComponent(url));
      assert.equal(ours.status, status, url);
    }
  });
}

interface Told {
  readonly data: { readonly stats: { readonly samples: Readonly<Record<string, unknown>> } };
  readonly warnings?: readonly string[];
}

/** Queries, and what Prometheus 3.14 told of them with promql-per-step-stats; results and times are left out. */
test('statistics are those of Prometheus', async () => {
  for (const { url, body } of golden('statistics') as readonly Recorded[]) {
    const want = body as Told;
    const ours = (await callRoute(routes, url)).body as Told;
    assert.deepEqual(ours.data.stats.samples, want.data.stats.samples, decodeURIComponent(url));
    assert.deepEqual(ours.warnings, want.warnings, decodeURIComponent(url));
  }
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { labelsOf, withLabel } from '../model/labels.ts';
import { globalUrl } from './global-url.ts';
import { type PoolView, type TargetApi, type TargetView, targetRoutes } from './target-routes.ts';
import { callRoute } from './testing/request.ts';

const target = (key: number, port: number, more: Partial<TargetView> = {}): TargetView => ({
  key,
  discoveredLabels: labelsOf({ __address__: `127.0.0.1:${port}`, job: 'self' }),
  labels: labelsOf({ instance: `127.0.0.1:${port}`, job: 'self' }),
  scrapeUrl: `http://127.0.0.1:${port}/metrics`,
  lastError: '',
  lastScrapeMs: Date.UTC(2026, 10, 24, 11, 27, 41, 181),
  lastDurationMs: 12.5,
  health: 'up',
  scrapeInterval: '15s',
  scrapeTimeout: '10s',
  ...more,
});

const pools: readonly PoolView[] = [
  {
    name: 'self',
    configYaml: 'job_name: self\n',
    relabelRules: [
      { json: { action: 'first' }, apply: (labels) => withLabel(labels, 'a', '1') },
      { json: { action: 'drop' }, apply: (labels) => (labels.includes('x') ? undefined : labels) },
      { json: { action: 'last' }, apply: (labels) => labels },
    ],
    targets: [
      target(1, 9090),
      target(2, 9100, { health: 'unknown', lastScrapeMs: undefined, lastDurationMs: 0 }),
    ],
    dropped: [],
    droppedCount: 0,
  },
  {
    name: 'dropper',
    configYaml: '',
    relabelRules: [],
    targets: [],
    dropped: [labelsOf({ __address__: 'x:1', job: 'dropper' })],
    droppedCount: 7,
  },
];

const up = { metric: 'requests_total', type: 'counter', help: 'Requests.', unit: '' };
const heat = { metric: 'heat', type: 'gauge', help: 'Heat.', unit: 'celsius' };

const api: TargetApi = {
  pools: () => pools,
  metadata: async (keys, metric) =>
    keys.map((key) =>
      [up, key === 1 ? heat : { ...up, help: 'Others.' }].filter(
        (one) => metric === '' || one.metric === metric,
      ),
    ),
  own: { listenAddress: '0.0.0.0:9090', externalUrl: 'https://example.org/prometheus' },
};

async function ask(url: string): Promise<unknown> {
  const { status, body } = await callRoute(targetRoutes(api), `/api/v1/${url}`);
  const { data, error } = body as { readonly data?: unknown; readonly error?: string };
  return status === 200 ? data : `${status} ${error}`;
}

test('targets are shown as Prometheus shows them', async () => {
  const data = (await ask('targets')) as Record<string, unknown[]>;
  assert.deepEqual(data.activeTargets?.[0], {
    discoveredLabels: { __address__: '127.0.0.1:9090', job: 'self' },
    labels: { instance: '127.0.0.1:9090', job: 'self' },
    scrapePool: 'self',
    scrapeUrl: 'http://127.0.0.1:9090/metrics',
    globalUrl: 'https://example.org/metrics',
    lastError: '',
    lastScrape: '2026-11-24T11:27:41.181Z',
    lastScrapeDuration: 0.0125,
    health: 'up',
    scrapeInterval: '15s',
    scrapeTimeout: '10s',
  });
  const never = data.activeTargets?.[1] as { readonly lastScrape: string };
  assert.equal(never.lastScrape, '0001-01-01T00:00:00Z');
  assert.deepEqual(data.droppedTargets, [
    { discoveredLabels: { __address__: 'x:1', job: 'dropper' }, scrapePool: 'dropper' },
  ]);
  assert.deepEqual(data.droppedTargetCounts, { dropper: 7, self: 0 });
});

test('targets are chosen by state and by pool', async () => {
  const f = async (query: string, active: number, dropped: number, counts: unknown) => {
    const data = (await ask(`targets?${query}`)) as Record<string, unknown[]>;
    assert.equal(data.activeTargets?.length, active, query);
    assert.equal(data.droppedTargets?.length, dropped, query);
    assert.deepEqual(data.droppedTargetCounts, counts, query);
  };
  const counts = { dropper: 7, self: 0 };
  await f('state=active', 2, 0, null);
  await f('state=DROPPED', 0, 1, counts);
  await f('state=any&scrapePool=self', 2, 0, counts);
  await f('scrapePool=none', 0, 0, counts);
  await f('state=nonsense', 0, 0, null);
});

test('pools are listed with their configuration', async () => {
  assert.deepEqual(await ask('scrape_pools'), { scrapePools: ['dropper', 'self'] });
  assert.deepEqual(await ask('scrape_pools/config?scrapePool=self'), { yaml: 'job_name: self\n' });
  const f = async (query: string, want: string): Promise<void> =>
    assert.equal(await ask(`scrape_pools/config${query}`), want);
  await f('', '400 no scrapePool parameter provided');
  await f('?scrapePool=zz', '400 error retrieving scrape config: scrape pool "zz" not found');
});

test('each step of relabeling shows the labels after it, none after a drop', async () => {
  const f = async (labels: string, want: unknown): Promise<void> =>
    assert.deepEqual(
      await ask(`targets/relabel_steps?scrapePool=self&labels=${encodeURIComponent(labels)}`),
      want,
    );
  await f('{"b":"2"}', {
    steps: ['first', 'drop', 'last'].map((action) => ({
      rule: { action },
      output: { a: '1', b: '2' },
      keep: true,
    })),
  });
  await f('{"x":"2"}', {
    steps: [
      { rule: { action: 'first' }, output: { a: '1', x: '2' }, keep: true },
      { rule: { action: 'drop' }, output: {}, keep: false },
      { rule: { action: 'last' }, output: {}, keep: false },
    ],
  });
  await f('{"x":2}', '400 error parsing labels: x is no text');
  await f('', '400 no labels parameter provided');
});

test('metadata is told by target and by metric, each different text once', async () => {
  const { metric: _, ...ofUp } = up;
  assert.deepEqual(await ask('metadata?metric=requests_total'), {
    requests_total: [ofUp, { ...ofUp, help: 'Others.' }],
  });
  assert.deepEqual(await ask('metadata?limit_per_metric=1&limit=1'), {
    heat: [{ type: 'gauge', help: 'Heat.', unit: 'celsius' }],
  });
  assert.deepEqual(
    await ask('targets/metadata?match_target={instance="127.0.0.1:9090"}&metric=heat'),
    [
      {
        target: { instance: '127.0.0.1:9090', job: 'self' },
        type: 'gauge',
        help: 'Heat.',
        unit: 'celsius',
      },
    ],
  );
  const all = (await ask('targets/metadata')) as readonly { readonly metric: string }[];
  const names = ['requests_total', 'heat', 'requests_total', 'requests_total'];
  assert.deepEqual(
    all.map(({ metric }) => metric),
    names,
  );
  assert.equal(await ask('metadata?limit=x'), '400 limit must be a number');
  assert.equal(
    await ask('targets/metadata?match_target=x%7B'),
    '400 invalid parameter "match_target": 1:3: parse error: unexpected end of input inside braces',
  );
});

test('targets on this machine get an address that others can reach', () => {
  const own = { listenAddress: '127.0.0.1:9090', externalUrl: 'https://example.org:444/x' };
  const f = (scrapeUrl: string, want: string): void =>
    assert.equal(globalUrl(scrapeUrl, own), want);
  f('http://127.0.0.1:9090/metrics', 'https://example.org:444/metrics');
  f('http://localhost:9100/metrics?a=b', 'http://example.org:9100/metrics?a=b');
  f('http://[::1]:9100/metrics', 'http://example.org:9100/metrics');
  f('http://localhost/metrics', 'http://example.org/metrics');
  f('http://other:9090/metrics', 'http://other:9090/metrics');
});

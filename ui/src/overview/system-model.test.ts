import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseExpr } from '../../../src/promql/parse/parse-expr.ts';
import { FIGURES_QUERY, labelNames, lagQuery, readFigures } from './figures.ts';
import {
  assembleSystem,
  labelsText,
  placeOf,
  type StoreStatus,
  type SystemComponent,
  type SystemModel,
  type SystemSources,
} from './system-model.ts';

const component = (
  name: string,
  kind: string,
  port: number,
  reads: readonly string[],
  more: Partial<SystemComponent> = {},
): SystemComponent => ({
  name,
  kind,
  state: 'ready',
  since: '2026-11-24T09:00:00Z',
  restarts: 0,
  pid: 1,
  addresses: [
    { protocol: 'HTTP', address: `h:${port}` },
    { protocol: 'gRPC', address: `h:${port + 1}` },
  ],
  reads,
  lastError: null,
  lastErrorTime: null,
  ...more,
});

const store = (name: string, replica: string, lastError: string | null = null): StoreStatus => ({
  name,
  lastCheck: '2026-11-24T09:00:00Z',
  lastError,
  labelSets: [{ cluster: 'c', replica }],
  minTime: 0,
  maxTime: 1,
});

const SOURCES: SystemSources = {
  component: 'up',
  ownAddress: 'h:9090',
  components: undefined,
  stores: undefined,
  targets: undefined,
  figures: new Map(),
  lagMs: new Map(),
  attempts: new Map(),
};

const PAIR: readonly SystemComponent[] = [
  component('prometheus-a', 'prometheus', 10, []),
  component('prometheus-b', 'prometheus', 20, [], {
    state: 'restarting',
    lastError: 'ended by SIGKILL',
  }),
  component('sidecar-a', 'sidecar', 30, ['prometheus-a']),
  component('sidecar-b', 'sidecar', 40, ['prometheus-b']),
  component('query-a', 'query', 50, ['sidecar-a', 'sidecar-b']),
  component('entry', 'entry', 60, ['query-a']),
];

function arrows({ edges }: SystemModel): readonly string[] {
  return edges.map(({ from, to, isAlive }) => `${from} ${isAlive ? '→' : '×'} ${to}`);
}

test('under a supervisor the picture has every component, from the targets to the browser', () => {
  const model = assembleSystem({
    ...SOURCES,
    components: PAIR,
    stores: { sidecar: [store('h:31', 'A'), store('h:41', 'B')] },
    targets: [
      { scrapeUrl: 'http://x/metrics', health: 'up', lastError: '' },
      { scrapeUrl: 'http://y/metrics', health: 'down', lastError: 'refused' },
    ],
    figures: new Map([['h:10', { series: 7, samples: 3 }]]),
    lagMs: new Map([[labelsText({ replica: 'A', cluster: 'c' }), 1500]]),
    attempts: new Map([['http://h:50', 2]]),
  });
  assert.deepEqual(arrows(model), [
    'targets → prometheus-a',
    'targets × prometheus-b',
    'prometheus-a → sidecar-a',
    'prometheus-b × sidecar-b',
    'sidecar-a → query-a',
    'sidecar-b → query-a',
    'query-a → entry',
    'entry → client',
  ]);
  const node = (id: string) => model.nodes.find((one) => one.id === id);
  assert.deepEqual(node('targets')?.targets, { up: 1, all: 2 });
  assert.equal(node('targets')?.error, 'http://y/metrics: refused');
  assert.deepEqual(node('prometheus-a')?.figures, { series: 7, samples: 3, lagMs: 1500 });
  assert.deepEqual([node('prometheus-a')?.mark, node('entry')?.mark], ['A', '']);
  const { state, error } = node('prometheus-b') ?? {};
  assert.deepEqual([state, error], ['restarting', 'ended by SIGKILL']);
  assert.equal(model.edges.find(({ to }) => to === 'entry')?.rate, 2);
  assert.equal(model.edges[0]?.rate, 3);
});

test('a querier alone shows its stores, and the Prometheus that each sidecar stands for', () => {
  const model = assembleSystem({
    ...SOURCES,
    component: 'query',
    stores: {
      sidecar: [store('a:1', 'A'), store('b:1', 'B', 'refused')],
      store: [store('s:1', '')],
    },
    lagMs: new Map([[labelsText({ cluster: 'c', replica: 'A' }), 900]]),
  });
  assert.deepEqual(
    model.nodes.map(({ kind, mark, state }) => `${kind} ${mark} ${state}`.replace('  ', ' ')),
    [
      'prometheus A ready',
      'sidecar a:1 ready',
      'prometheus B unknown',
      'sidecar b:1 down',
      'store s:1 ready',
      'query ready',
      'client none',
    ],
  );
  assert.deepEqual(arrows(model), [
    'prometheus:a:1 → sidecar:a:1',
    'sidecar:a:1 → own-query',
    'prometheus:b:1 × sidecar:b:1',
    'sidecar:b:1 × own-query',
    'store:s:1 → own-query',
    'own-query → client',
  ]);
});

test('a single Prometheus stands between its targets and the browser', () => {
  const model = assembleSystem({
    ...SOURCES,
    component: 'prometheus',
    targets: [],
    lagMs: new Map([['', 10]]),
  });
  assert.deepEqual(arrows(model), ['targets → own-prometheus', 'own-prometheus → client']);
  assert.equal(model.nodes[1]?.figures.lagMs, 10);
});

test('long-term storage has its place even in kinds that come later', () => {
  const model = assembleSystem({
    ...SOURCES,
    components: [component('bucket', 'bucket', 1, []), component('x', 'something', 2, ['bucket'])],
  });
  const places = model.nodes.map((node) => [node.kind, placeOf(node)]);
  assert.deepEqual(places, [
    ['bucket', { rank: 1, lane: 1 }],
    ['unknown', { rank: 2, lane: 0 }],
    ['client', { rank: 6, lane: 0 }],
  ]);
  assert.equal(model.edges[0]?.flow, 'blocks');
});

test('one query asks for all figures, and its answer is sorted by component', () => {
  parseExpr(FIGURES_QUERY);
  parseExpr(lagQuery(labelNames([{ b: '1' }, { a: '2', b: '3' }])));
  assert.match(lagQuery(labelNames([{ b: '1' }, { a: '2', b: '3' }])), /by \(a, b\)/);
  const sample = (metric: Record<string, string>, value: string) => ({
    metric,
    value: [0, value] as const,
  });
  const { byInstance, attempts } = readFigures([
    sample({ figure: 'memory', instance: 'x' }, '100'),
    sample({ figure: 'httpErrors', instance: 'x' }, '2'),
    sample({ figure: 'grpcErrors', instance: 'x' }, '1'),
    sample({ figure: 'version', instance: 'x', version: '0.1' }, '1'),
    sample({ figure: 'attempts', querier: 'http://q' }, '4'),
  ]);
  assert.deepEqual(byInstance.get('x'), { errors: 3, memoryBytes: 100, version: '0.1' });
  assert.deepEqual([...attempts], [['http://q', 4]]);
});

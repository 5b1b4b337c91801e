/** Answers of a pair of replicas, in place of a server's: what the pages about the system make of them is judged. */
import type { Page } from 'playwright-core';

const NOW_MS = Date.now();

export const STORES: Readonly<Record<string, readonly unknown[]>> = {
  sidecar: [store('127.0.0.1:19191', 'A', null), store('127.0.0.1:19193', 'B', 'refused')],
  store: [
    {
      ...store('127.0.0.1:19091', 'A', null),
      maxTime: NOW_MS - 7_200_000,
      minTime: 1_700_000_000_000,
    },
  ],
};

function store(name: string, replica: string, lastError: string | null) {
  return {
    name,
    lastCheck: new Date(NOW_MS - 3000).toISOString(),
    lastError,
    labelSets: [{ cluster: 'c', replica }],
    minTime: -62_167_219_200_000,
    maxTime: 2 ** 63,
  };
}

export const TARGETS: Readonly<Record<string, readonly unknown[]>> = {
  activeTargets: [
    target('node', '127.0.0.1:9100', 'up', ''),
    target('node', '127.0.0.1:9101', 'down', 'connection refused'),
    target('app', '127.0.0.1:8080', 'unknown', ''),
  ],
  droppedTargets: [{ discoveredLabels: { __address__: '127.0.0.1:1', job: 'node' } }],
};

function target(job: string, instance: string, health: string, lastError: string) {
  return {
    discoveredLabels: { __address__: instance, __scheme__: 'http', job },
    labels: { instance, job },
    scrapePool: job,
    scrapeUrl: `http://${instance}/metrics`,
    lastError,
    lastScrape: new Date(NOW_MS - 2000).toISOString(),
    lastScrapeDuration: 0.0125,
    health,
  };
}

export interface ComponentLine {
  readonly name: string;
  readonly kind: string;
  readonly port: number;
  readonly reads: readonly string[];
  readonly state?: string;
}

/** What the supervisor writes for the entry. */
export function systemState(lines: readonly ComponentLine[]): string {
  const components = lines.map(({ name, kind, port, reads, state = 'ready' }) => ({
    name,
    kind,
    state,
    since: new Date(NOW_MS).toISOString(),
    restarts: state === 'ready' ? 0 : 2,
    pid: 4711,
    addresses: [
      { protocol: 'HTTP', address: `127.0.0.1:${port}` },
      { protocol: 'gRPC', address: `127.0.0.1:${port + 10}` },
    ],
    reads,
    lastError: state === 'ready' ? null : 'ended by SIGKILL',
    lastErrorTime: null,
  }));
  return JSON.stringify({ components });
}

export const PAIR: readonly ComponentLine[] = [
  { name: 'prometheus-a', kind: 'prometheus', port: 19_090, reads: [] },
  { name: 'prometheus-b', kind: 'prometheus', port: 19_290, reads: [] },
  { name: 'sidecar-a', kind: 'sidecar', port: 19_181, reads: ['prometheus-a'] },
  { name: 'sidecar-b', kind: 'sidecar', port: 19_183, reads: ['prometheus-b'] },
  { name: 'query-a', kind: 'query', port: 19_192, reads: ['sidecar-a', 'sidecar-b'] },
  { name: 'entry', kind: 'entry', port: 9090, reads: ['query-a'] },
];

const figure = (name: string, value: string) => ({
  metric: { figure: name, instance: '127.0.0.1:19090' },
  value: [NOW_MS / 1000, value],
});

/** Of the picture's one query for all figures. */
export const FIGURES: unknown = {
  resultType: 'vector',
  result: [figure('series', '12345'), figure('samples', '678'), figure('memory', '104857600')],
};

const STEP_S = 10;
const SAMPLES = 60;

/** Two replicas of a series that ends at `endS`: A has lost its samples from the 20th to the 34th. */
export function replicaMatrix(endS: number, isFolded: boolean): unknown {
  const startS = endS - STEP_S * SAMPLES;
  const at = (i: number, offset: number): [number, string] => [
    startS + i * STEP_S + offset,
    String(i),
  ];
  const all = Array.from({ length: SAMPLES }, (_, i) => i);
  const isLost = (i: number): boolean => i >= 20 && i < 35;
  const a = all.filter((i) => !isLost(i)).map((i) => at(i, 1));
  const b = all.map((i) => at(i, 3));
  const folded = [...all.slice(0, 20).map((i) => at(i, 1)), ...all.slice(21).map((i) => at(i, 3))];
  const metric = { __name__: 'up', job: 'node' };
  const result = isFolded
    ? [{ metric, values: folded }]
    : [
        { metric: { ...metric, replica: 'A' }, values: a },
        { metric: { ...metric, replica: 'B' }, values: b },
      ];
  return { resultType: 'matrix', result };
}

/** Path of the API (without `/api/v1/`) → its data; a function gets the parameters. */
export type Answers = Readonly<Record<string, unknown | ((query: URLSearchParams) => unknown)>>;

/** All other questions go to the server. */
export async function answer(page: Page, answers: Answers): Promise<void> {
  await page.route('**/api/v1/**', (route) => {
    const { pathname, searchParams } = new URL(route.request().url());
    const given = answers[decodeURIComponent(pathname.replace(/^.*\/api\/v1\//, ''))];
    if (given === undefined) return route.fallback();
    const data: unknown = typeof given === 'function' ? given(searchParams) : given;
    return route.fulfill({ json: { status: 'success', data } });
  });
}

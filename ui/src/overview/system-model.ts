/**
 * What the live picture shows: boxes and edges out of whatever the server knows. Under `tsanos up` the supervisor names
 * the components; elsewhere they follow from the stores that a querier has, each sidecar standing before its Prometheus.
 */
import type { Figures } from './figures.ts';

/** As /api/v1/system tells. */
export interface SystemComponent {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly since: string;
  readonly restarts: number;
  readonly pid: number | null;
  readonly addresses: readonly { readonly protocol: string; readonly address: string }[];
  readonly reads: readonly string[];
  readonly lastError: string | null;
  readonly lastErrorTime: string | null;
}

/** As /api/v1/stores tells. */
export interface StoreStatus {
  readonly name: string;
  readonly lastCheck: string;
  readonly lastError: string | null;
  readonly labelSets: readonly Readonly<Record<string, string>>[];
  readonly minTime: number;
  readonly maxTime: number;
}

/** As /api/v1/targets tells, as far as it matters here. */
export interface ActiveTarget {
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
}

export type NodeKind =
  | 'targets'
  | 'prometheus'
  | 'sidecar'
  | 'receive'
  | 'rule'
  | 'bucket'
  | 'store'
  | 'compact'
  | 'query'
  | 'query-frontend'
  | 'entry'
  | 'client'
  | 'unknown';

export type NodeState =
  | 'ready'
  | 'starting'
  | 'not ready'
  | 'restarting'
  | 'down'
  | 'unknown'
  /** Not ours to judge: the browser. */
  | 'none';

export interface SystemNode {
  readonly id: string;
  readonly kind: NodeKind;
  /** What tells it from others of its kind: `A`, an address; empty for the only one. */
  readonly mark: string;
  readonly state: NodeState;
  readonly address: string;
  readonly restarts: number;
  /** Milliseconds since the epoch; undefined where nobody knows. */
  readonly sinceMs: number | undefined;
  /** Why it is not ready, or how its last life ended. */
  readonly error: string;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly figures: Figures;
  readonly targets?: { readonly up: number; readonly all: number };
}

export interface SystemEdge {
  readonly from: string;
  readonly to: string;
  readonly flow: 'scrape' | 'remote read' | 'StoreAPI' | 'HTTP' | 'blocks';
  /** Per second, of samples (scrape) or requests; undefined where nobody counts. */
  readonly rate: number | undefined;
  /** Both ends can be reached. */
  readonly isAlive: boolean;
}

export interface SystemModel {
  readonly nodes: readonly SystemNode[];
  readonly edges: readonly SystemEdge[];
}

export interface SystemSources {
  /** Which component serves the page. */
  readonly component: string;
  /** Where the page came from, such as 127.0.0.1:9090. */
  readonly ownAddress: string;
  readonly components: readonly SystemComponent[] | undefined;
  readonly stores: Readonly<Record<string, readonly StoreStatus[]>> | undefined;
  readonly targets: readonly ActiveTarget[] | undefined;
  /** By `instance`. */
  readonly figures: ReadonlyMap<string, Figures>;
  /** Age of the newest sample by the external labels of a replica (`labelsText`). */
  readonly lagMs: ReadonlyMap<string, number>;
  /** Requests per second that the entry put to each querier, by its URL. */
  readonly attempts: ReadonlyMap<string, number>;
}

const NO_FIGURES: Figures = {};

export function assembleSystem(sources: SystemSources): SystemModel {
  const { components, targets } = sources;
  const nodes =
    components === undefined ? nodesOfStores(sources) : nodesOfComponents(components, sources);
  const edges =
    components === undefined ? edgesOfStores(nodes) : edgesOfComponents(components, nodes, sources);
  const scrapers = nodes.filter(({ kind }) => kind === 'prometheus');
  const scraped = targets === undefined ? [] : [targetsNode(targets)];
  const client = clientNode(sources.ownAddress);
  const ends = frontNodes(nodes);
  return {
    nodes: [...scraped, ...nodes, client],
    edges: [
      ...scraped.flatMap((from) => scrapers.map((to) => edge(from, to, 'scrape', sampleRate(to)))),
      ...edges,
      ...ends.map((from) => edge(from, client, 'HTTP', from.figures.requests)),
    ],
  };
}

/** Who answers the browser: the last in the chain. */
function frontNodes(nodes: readonly SystemNode[]): readonly SystemNode[] {
  for (const kind of ['entry', 'query-frontend', 'query', 'prometheus'] as const) {
    const found = nodes.filter((node) => node.kind === kind);
    if (found.length > 0) return found;
  }
  return [];
}

function sampleRate({ figures }: SystemNode): number | undefined {
  return figures.samples;
}

function edge(
  from: SystemNode,
  to: SystemNode,
  flow: SystemEdge['flow'],
  rate: number | undefined,
): SystemEdge {
  const isAlive = [from, to].every(({ state }) => state === 'ready' || state === 'none');
  return { from: from.id, to: to.id, flow, rate: isAlive ? rate : 0, isAlive };
}

function targetsNode(targets: readonly ActiveTarget[]): SystemNode {
  const up = targets.filter(({ health }) => health === 'up').length;
  const down = targets.filter(({ health }) => health === 'down');
  return {
    ...plainNode('targets', 'targets'),
    state: 'none',
    error: down.map(({ scrapeUrl, lastError }) => `${scrapeUrl}: ${lastError}`)[0] ?? '',
    targets: { up, all: targets.length },
  };
}

function clientNode(address: string): SystemNode {
  return { ...plainNode('client', 'client'), state: 'none', address };
}

function plainNode(id: string, kind: NodeKind): SystemNode {
  return {
    id,
    kind,
    mark: '',
    state: 'unknown',
    address: '',
    restarts: 0,
    sinceMs: undefined,
    error: '',
    externalLabels: {},
    figures: NO_FIGURES,
  };
}

const STATES: Readonly<Record<string, NodeState>> = {
  waiting: 'starting',
  starting: 'starting',
  ready: 'ready',
  'not ready': 'not ready',
  restarting: 'restarting',
  failed: 'down',
  stopped: 'down',
};

function nodesOfComponents(
  components: readonly SystemComponent[],
  sources: SystemSources,
): readonly SystemNode[] {
  const storesByAddress = new Map(
    Object.values(sources.stores ?? {})
      .flat()
      .map((store) => [store.name, store]),
  );
  const labelsOf = ({ addresses }: SystemComponent): Readonly<Record<string, string>> =>
    addresses.map(({ address }) => storesByAddress.get(address)?.labelSets[0]).find(Boolean) ?? {};
  return components.map((component) => {
    const { name, kind, state, addresses, restarts, since, lastError } = component;
    const http = addresses.find(({ protocol }) => protocol === 'HTTP') ?? addresses[0];
    const reader = components.find(({ kind: other, reads }) => {
      return other === 'sidecar' && reads.includes(name);
    });
    const externalLabels = labelsOf(kind === 'prometheus' && reader ? reader : component);
    return {
      ...plainNode(name, nodeKind(kind)),
      mark: markOf(name, kind),
      state: STATES[state] ?? 'unknown',
      address: http?.address ?? '',
      restarts,
      sinceMs: Date.parse(since),
      error: lastError ?? '',
      externalLabels,
      figures: withLag(sources, http?.address ?? '', kind === 'prometheus' ? externalLabels : {}),
    };
  });
}

/** `sidecar-a` is A among the sidecars; `entry` is the only one. */
function markOf(name: string, kind: string): string {
  return name.startsWith(`${kind}-`) ? name.slice(kind.length + 1).toUpperCase() : '';
}

const KINDS: ReadonlySet<string> = new Set<NodeKind>([
  'prometheus',
  'sidecar',
  'receive',
  'rule',
  'bucket',
  'store',
  'compact',
  'query',
  'query-frontend',
  'entry',
]);

function nodeKind(kind: string): NodeKind {
  return KINDS.has(kind) ? (kind as NodeKind) : 'unknown';
}

function withLag(
  { figures, lagMs }: SystemSources,
  instance: string,
  labels: Readonly<Record<string, string>>,
): Figures {
  const own = figures.get(instance) ?? NO_FIGURES;
  const lag = lagMs.get(labelsText(labels)) ?? (lagMs.size === 1 ? lagMs.get('') : undefined);
  return lag === undefined || Object.keys(labels).length === 0 ? own : { ...own, lagMs: lag };
}

/** The same text for the same labels, whatever their order. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort();
  return names.map((name) => `${name}=${JSON.stringify(labels[name])}`).join(',');
}

function edgesOfComponents(
  components: readonly SystemComponent[],
  nodes: readonly SystemNode[],
  { attempts }: SystemSources,
): readonly SystemEdge[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return components.flatMap(({ name, reads }) =>
    reads.flatMap((read) => {
      const from = byId.get(read);
      const to = byId.get(name);
      if (from === undefined || to === undefined) return [];
      return [edge(from, to, flowBetween(from.kind, to.kind), rateBetween(from, to, attempts))];
    }),
  );
}

function flowBetween(from: NodeKind, to: NodeKind): SystemEdge['flow'] {
  if (from === 'bucket' || to === 'bucket') return 'blocks';
  if (from === 'prometheus' && to === 'sidecar') return 'remote read';
  if (to === 'query') return 'StoreAPI';
  return 'HTTP';
}

function rateBetween(
  from: SystemNode,
  to: SystemNode,
  attempts: ReadonlyMap<string, number>,
): number | undefined {
  if (to.kind === 'entry') return attempts.get(`http://${from.address}`);
  // A sidecar asks its Prometheus once for each of its own calls; those of several queriers are counted together.
  if (from.kind === 'prometheus' && to.kind === 'sidecar') return to.figures.calls;
  return undefined;
}

/** A Thanos system as its querier sees it. */
function nodesOfStores(sources: SystemSources): readonly SystemNode[] {
  const { stores = {}, component, ownAddress, figures } = sources;
  const own = (kind: NodeKind): SystemNode => ({
    ...plainNode(`own-${kind}`, kind),
    state: 'ready',
    address: ownAddress,
    figures: withLag(sources, ownAddress, {}),
  });
  if (component === 'prometheus') {
    const lagMs = [...sources.lagMs.values()][0];
    // It may scrape itself under another name than the one that the browser knows.
    const servers = [...figures.values()].filter(({ series }) => series !== undefined);
    const known = figures.get(ownAddress) ?? (servers.length === 1 ? servers[0] : NO_FIGURES);
    const node = {
      ...own('prometheus'),
      figures: lagMs === undefined ? known : { ...known, lagMs },
    };
    return [node];
  }
  const found = Object.entries(stores).flatMap(([type, list]) =>
    list.flatMap((store) => nodesOfStore(type, store, sources)),
  );
  return [...found, own('query')];
}

function nodesOfStore(
  type: string,
  store: StoreStatus,
  sources: SystemSources,
): readonly SystemNode[] {
  const { name, lastError, lastCheck, labelSets } = store;
  const [externalLabels = {}] = labelSets;
  const node: SystemNode = {
    ...plainNode(`${type}:${name}`, nodeKind(type)),
    mark: name,
    state: lastError === null ? 'ready' : 'down',
    address: name,
    sinceMs: Date.parse(lastCheck),
    error: lastError ?? '',
    externalLabels,
    figures: withLag(sources, name, externalLabels),
  };
  if (type !== 'sidecar') return [node];
  const { lagMs } = node.figures;
  const isFresh = lagMs !== undefined && lagMs < FRESH_MS;
  const prometheus: SystemNode = {
    ...plainNode(`prometheus:${name}`, 'prometheus'),
    mark: replicaMark(externalLabels),
    state: isFresh ? 'ready' : 'unknown',
    externalLabels,
    figures: lagMs === undefined ? NO_FIGURES : { lagMs },
  };
  return [prometheus, { ...node, figures: { ...node.figures, lagMs: undefined } }];
}

/** Longer than any usual scrape interval. */
const FRESH_MS = 180_000;

function replicaMark(labels: Readonly<Record<string, string>>): string {
  const name = Object.keys(labels).find((one) => /replica/.test(one));
  return name === undefined ? Object.values(labels).join(' · ') : (labels[name] ?? '');
}

function edgesOfStores(nodes: readonly SystemNode[]): readonly SystemEdge[] {
  const querier = nodes.find(({ kind }) => kind === 'query');
  return nodes.flatMap((node) => {
    if (node.kind === 'prometheus') {
      const sidecarId = node.id.replace(/^prometheus:/, 'sidecar:');
      const sidecar = nodes.find(({ id, kind }) => kind === 'sidecar' && id === sidecarId);
      return sidecar === undefined ? [] : [edge(node, sidecar, 'remote read', undefined)];
    }
    if (querier === undefined || node === querier) return [];
    return [edge(node, querier, 'StoreAPI', undefined)];
  });
}

const RANKS: Readonly<Record<NodeKind, number>> = {
  targets: 0,
  compact: 0,
  prometheus: 1,
  bucket: 1,
  sidecar: 2,
  receive: 2,
  rule: 2,
  store: 2,
  unknown: 2,
  query: 3,
  'query-frontend': 4,
  entry: 5,
  client: 6,
};

export function placeOf({ kind }: SystemNode): { readonly rank: number; readonly lane: number } {
  return { rank: RANKS[kind], lane: ['bucket', 'store', 'compact'].includes(kind) ? 1 : 0 };
}

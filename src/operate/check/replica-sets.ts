/** Which label sets are replicas of each other: equal but for the replica labels. */
import type { HaFacts, LabelSet, StoreFacts } from './facts.ts';

export interface ReplicaGroup {
  /** The labels that its replicas share. */
  readonly shared: LabelSet;
  /** External labels of each replica. */
  readonly replicas: readonly LabelSet[];
}

/** Names under which operators know them, where the querier does not say which it drops. */
const USUAL_NAMES = ['replica', 'prometheus_replica', '__replica__', 'receive_replica', 'pod'];

/** Components that serve what is scraped or received now; rulers and store gateways do not. */
const LIVE_TYPES = ['sidecar', 'receive', 'query'];

export function liveStores({ stores }: HaFacts): readonly StoreFacts[] {
  return stores.filter(({ type }) => LIVE_TYPES.includes(type));
}

/** Those that the querier drops; else those of the usual names that occur. */
export function replicaLabels(facts: HaFacts): readonly string[] {
  const { replicaLabels: told = [] } = facts.querier;
  if (told.length > 0) return told;
  const sets = liveStores(facts).flatMap(({ labelSets }) => labelSets);
  return USUAL_NAMES.filter((name) => sets.some((set) => set[name] !== undefined));
}

export function replicaGroups(facts: HaFacts): readonly ReplicaGroup[] {
  const names = replicaLabels(facts);
  const groups = new Map<string, { shared: LabelSet; replicas: Map<string, LabelSet> }>();
  for (const { labelSets } of liveStores(facts)) {
    for (const set of labelSets) {
      const shared = without(set, names);
      const key = labelText(shared);
      const group = groups.get(key) ?? { shared, replicas: new Map() };
      group.replicas.set(labelText(set), set);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ shared, replicas }) => ({
    shared,
    replicas: [...replicas.values()],
  }));
}

/** Whether the series has all these labels: then it comes from that replica. */
export function includes(labels: LabelSet, external: LabelSet): boolean {
  return Object.entries(external).every(([name, value]) => labels[name] === value);
}

export function without(labels: LabelSet, names: readonly string[]): LabelSet {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

/** `{cluster="a", replica="A"}`, names in order. */
export function labelText(labels: LabelSet): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}

/** How a replica is called in a sentence: by the values of its replica labels, else by all its labels. */
export function replicaText(external: LabelSet, names: readonly string[]): string {
  const own = names.flatMap((name) => (external[name] === undefined ? [] : [external[name]]));
  return own.length === 0 ? labelText(external) : own.join('/');
}

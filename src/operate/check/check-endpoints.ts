/** Checks of what a querier sees: itself, the endpoints below it, their replicas and labels. */
import type { HaFacts, LabelSet, StoreFacts } from './facts.ts';
import { type Finding, good, trouble, unknown, warning } from './finding.ts';
import {
  labelText,
  liveStores,
  replicaGroups,
  replicaLabels,
  replicaText,
  without,
} from './replica-sets.ts';

export function checkQuerier({ querier, warnings }: HaFacts): readonly Finding[] {
  const { url, fault, version, answerMs } = querier;
  if (fault !== '') return [trouble('querier-away', { url, reason: fault })];
  const answers = good('querier-answers', { url, version, ms: Math.round(answerMs) });
  if (warnings.length === 0) return [answers];
  return [answers, warning('querier-warns', { count: warnings.length, first: warnings[0] })];
}

export function checkStores(facts: HaFacts): readonly Finding[] {
  const { stores, expected } = facts;
  if (stores.length === 0) return [trouble('stores-none')];
  const faults = stores
    .filter(({ fault }) => fault !== '')
    .map(({ type, address, fault }) => trouble('store-fault', { type, address, reason: fault }));
  const connected = stores.filter(({ fault }) => fault === '');
  const counts = countByType(connected);
  const few = [...expected].flatMap(([type, wanted]) => {
    const seen = counts.get(type) ?? 0;
    return seen < wanted ? [trouble('stores-few', { type, seen, wanted })] : [];
  });
  const live = liveStores({ ...facts, stores: connected });
  const none = live.length === 0 ? [trouble('stores-no-live')] : [];
  const problems = [...faults, ...few, ...none];
  if (connected.length === 0) return problems;
  const list = [...counts].map(([type, count]) => `${type}=${count}`).join(',');
  return [good('stores-connected', { list }), ...problems];
}

function countByType(stores: readonly StoreFacts[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of stores) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

export function checkSidecars({ metrics: { lonelySidecars } }: HaFacts): readonly Finding[] {
  if (lonelySidecars === undefined) return [unknown('sidecars-untold')];
  if (lonelySidecars.length === 0) return [good('sidecars-reach')];
  return lonelySidecars.map(({ instance = '?' }) => trouble('sidecar-lonely', { instance }));
}

export function checkReplicas(facts: HaFacts): readonly Finding[] {
  const names = replicaLabels(facts);
  const groups = replicaGroups(facts);
  if (groups.length === 0) return [unknown('replicas-none')];
  const sets = groups.flatMap(({ replicas }) => replicas.map(labelText));
  const unseen = facts.servers
    .filter(({ externalLabels }) => !sets.includes(labelText(externalLabels)))
    .map(({ url, externalLabels }) =>
      trouble('server-unseen', { url, labels: labelText(externalLabels) }),
    );
  const found = groups.map(({ shared, replicas }) => {
    const group = labelText(shared);
    const list = replicas.map((set) => replicaText(set, names)).join(', ');
    return replicas.length > 1
      ? good('replicas-pair', { group, count: replicas.length, list })
      : trouble('replica-single', { group, list });
  });
  return [...found, ...unseen];
}

export function checkReplicaLabel(facts: HaFacts): readonly Finding[] {
  const { replicaLabels: told } = facts.querier;
  const sets = liveStores(facts).flatMap(({ labelSets }) => labelSets);
  if (sets.length === 0) return [];
  const usual = replicaLabels(facts);
  const kept = checkKept(facts, usual);
  if (told === undefined) return [unknown('replica-flag-untold'), ...kept];
  if (told.length === 0) {
    if (usual.length > 0) return [trouble('replica-flag-missing', { label: usual[0] })];
    return [warning('replica-label-unclear', { labels: sets.map(labelText).join(' ') })];
  }
  const label = told.join(', ');
  const missing = sets
    .filter((set) => told.every((name) => set[name] === undefined))
    .map((set) => trouble('replica-label-missing', { label, labels: labelText(set) }));
  const problems = [...missing, ...kept];
  return problems.length > 0 ? problems : [good('replica-label-dropped', { label })];
}

/** Merged answers in which a replica label is still there, or a series as often as there are replicas. */
function checkKept({ merged }: HaFacts, names: readonly string[]): readonly Finding[] {
  const kept = merged?.find((labels) => names.some((name) => labels[name] !== undefined));
  if (merged === undefined || kept === undefined) return [];
  const twins = new Set(merged.map((labels) => labelText(without(labels, names))));
  const name = names.find((one) => kept[one] !== undefined) ?? '';
  const times = (merged.length / twins.size).toFixed(1).replace(/\.0$/, '');
  return [trouble('replica-label-kept', { label: name, example: labelText(kept), times })];
}

export function checkExternalLabels(facts: HaFacts): readonly Finding[] {
  const sidecars = facts.stores.filter(({ type, fault }) => type === 'sidecar' && fault === '');
  if (sidecars.length === 0) return [];
  const empty = sidecars
    .filter(({ labelSets }) => labelSets.every((set) => Object.keys(set).length === 0))
    .map(({ address }) => trouble('labels-empty', { address }));
  const byLabels = Map.groupBy(sidecars, ({ labelSets }) => labelSets.map(labelText).join(' '));
  const equal = [...byLabels]
    .filter(([, sharing]) => sharing.length > 1 && hasLabels(sharing[0].labelSets))
    .map(([labels, sharing]) =>
      trouble('labels-equal', { labels, list: sharing.map(({ address }) => address).join(', ') }),
    );
  const problems = [...empty, ...equal];
  return problems.length > 0 ? problems : [good('labels-differ', { count: sidecars.length })];
}

function hasLabels(sets: readonly LabelSet[]): boolean {
  return sets.some((set) => Object.keys(set).length > 0);
}

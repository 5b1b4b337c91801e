/** Checks of what the replicas have scraped: how new it is, whether both see the same, whose clock is off. */
import type { HaFacts, LabelSet, TargetFacts } from './facts.ts';
import { type Finding, good, trouble, unknown, warning } from './finding.ts';
import {
  includes,
  labelText,
  type ReplicaGroup,
  replicaGroups,
  replicaLabels,
  replicaText,
  without,
} from './replica-sets.ts';

const DEFAULT_INTERVAL_MS = 60_000;
const LEAST_LIMIT_MS = 30_000;
const FUTURE_MS = 2000;
const SKEW_WARNING_MS = 2000;
const SKEW_TROUBLE_MS = 10_000;
/** A target that was scraped less often is new: the twin may come to it in a moment. */
const SETTLED_SCRAPES = 3;
/** A replica that has so much less than its twin has holes. */
const HOLE_SHARE = 0.9;

export function checkLag(facts: HaFacts): readonly Finding[] {
  const { targets } = facts;
  if (targets === undefined) return [unknown('series-untold')];
  const names = replicaLabels(facts);
  return replicaGroups(facts)
    .flatMap(({ replicas }) => replicas)
    .map((set) => {
      const replica = replicaText(set, names);
      const own = targets.filter(({ labels }) => includes(labels, set));
      if (own.length === 0) return trouble('lag-none', { replica });
      const ageMs = Math.min(...own.map((target) => target.ageMs));
      const values = { replica, seconds: seconds(ageMs), limit: seconds(lagLimit(facts, set)) };
      return ageMs > lagLimit(facts, set)
        ? trouble('lag-behind', values)
        : good('lag-fresh', values);
    });
}

/** Three scrapes may be missing. */
function lagLimit({ servers }: HaFacts, set: LabelSet): number {
  const text = labelText(set);
  const server = servers.find(({ externalLabels }) => labelText(externalLabels) === text);
  return Math.max(LEAST_LIMIT_MS, 3 * (server?.scrapeIntervalMs ?? DEFAULT_INTERVAL_MS));
}

export function checkClocks(facts: HaFacts): readonly Finding[] {
  const { querier, servers, targets = [] } = facts;
  const names = replicaLabels(facts);
  const clocks = [querier, ...servers].flatMap(({ url, skewMs }) =>
    skewMs === undefined ? [] : [{ url, skewMs }],
  );
  const off = clocks
    .filter(({ skewMs }) => Math.abs(skewMs) >= SKEW_WARNING_MS)
    .map(({ url, skewMs }) => {
      const say = Math.abs(skewMs) >= SKEW_TROUBLE_MS ? trouble : warning;
      return say(skewMs > 0 ? 'clock-ahead' : 'clock-behind', {
        url,
        seconds: seconds(Math.abs(skewMs)),
      });
    });
  const future = replicaGroups(facts).flatMap(({ replicas }) =>
    replicas.flatMap((set) => {
      const own = targets.filter(({ labels }) => includes(labels, set));
      const ageMs = Math.min(...own.map((target) => target.ageMs), 0);
      if (ageMs > -FUTURE_MS) return [];
      return [
        trouble('clock-future', { replica: replicaText(set, names), seconds: seconds(-ageMs) }),
      ];
    }),
  );
  const problems = [...off, ...future];
  if (problems.length > 0) return problems;
  return clocks.length === 0
    ? [unknown('clocks-untold')]
    : [good('clocks-agree', { count: clocks.length })];
}

export function checkTargets(facts: HaFacts): readonly Finding[] {
  const { targets } = facts;
  if (targets === undefined) return [unknown('series-untold')];
  const names = replicaLabels(facts);
  return replicaGroups(facts)
    .filter(({ replicas }) => replicas.length > 1)
    .flatMap((group) => compareReplicas(group, targets, names));
}

function compareReplicas(
  { replicas, shared }: ReplicaGroup,
  targets: readonly TargetFacts[],
  names: readonly string[],
): readonly Finding[] {
  const keyOf = ({ labels }: TargetFacts): string => labelText(without(labels, names));
  const views = replicas.map((set) => {
    const own = targets.filter(({ labels }) => includes(labels, set));
    return { name: replicaText(set, names), targets: new Map(own.map((one) => [keyOf(one), one])) };
  });
  // Whoever has none is named by the lag.
  const seen = views.filter((view) => view.targets.size > 0);
  if (seen.length < 2) return [];
  const keys = new Set(seen.flatMap((view) => [...view.targets.keys()]));
  const problems = seen.flatMap(({ name, targets: own }) => {
    const missing = [...keys].filter((key) => !own.has(key) && isSettled(seen, key));
    if (missing.length === 0) return [];
    const values = { replica: name, count: missing.length, example: missing[0] };
    return [trouble('targets-missing', values)];
  });
  const everywhere = [...keys].filter((key) => seen.every((view) => view.targets.has(key)));
  const split = everywhere.filter((key) => {
    const states = seen.map((view) => view.targets.get(key)?.isUp);
    return states.includes(true) && states.includes(false);
  });
  if (split.length > 0) {
    problems.push(warning('targets-split', { count: split.length, example: split[0] }));
  }
  problems.push(...holes(seen, everywhere));
  if (problems.length > 0) return problems;
  return [good('targets-same', { group: labelText(shared), count: keys.size })];
}

interface View {
  readonly name: string;
  readonly targets: ReadonlyMap<string, TargetFacts>;
}

function isSettled(views: readonly View[], key: string): boolean {
  return views.some((view) => (view.targets.get(key)?.scrapes ?? 0) >= SETTLED_SCRAPES);
}

function holes(views: readonly View[], keys: readonly string[]): readonly Finding[] {
  const sums = views.map((view) =>
    keys.reduce((sum, key) => sum + (view.targets.get(key)?.scrapes ?? 0), 0),
  );
  const most = Math.max(...sums, 0);
  return views.flatMap(({ name }, i) =>
    sums[i] >= HOLE_SHARE * most
      ? []
      : [warning('targets-holes', { replica: name, percent: Math.round((100 * sums[i]) / most) })],
  );
}

/** One decimal below ten seconds, none above. */
function seconds(durationMs: number): string {
  const value = durationMs / 1000;
  return value.toFixed(Math.abs(value) < 10 ? 1 : 0);
}

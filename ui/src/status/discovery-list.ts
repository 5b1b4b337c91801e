/** Discovered targets by pool: those that are scraped, and those that relabelling dropped. */
import { type DroppedTarget, hasWords, labelsLine, type Target, wordsOf } from './target-list.ts';

export interface Discovery {
  readonly activeTargets: readonly Target[];
  readonly droppedTargets: readonly DroppedTarget[];
  /** Pool → how many were dropped, known or not; queriers do not tell. */
  readonly droppedTargetCounts?: Readonly<Record<string, number>> | null;
}

export interface DiscoveredTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  /** Undefined where it was dropped. */
  readonly labels: Readonly<Record<string, string>> | undefined;
}

export interface DiscoveredPool {
  readonly name: string;
  readonly targets: readonly DiscoveredTarget[];
  readonly active: number;
  readonly droppedCount: number;
  readonly droppedKnown: number;
}

/** By name; dropped targets of queriers have no pool and come together at the end. */
export function discoveredPools(
  { activeTargets, droppedTargets, droppedTargetCounts }: Discovery,
  filter: { readonly words: string; readonly state: string },
): readonly DiscoveredPool[] {
  const words = wordsOf(filter.words);
  const names = new Set([
    ...activeTargets.map(({ scrapePool }) => scrapePool),
    ...droppedTargets.map(({ scrapePool = '' }) => scrapePool),
  ]);
  const isShown = ({ discoveredLabels, labels = {} }: DiscoveredTarget): boolean =>
    hasWords(`${labelsLine(discoveredLabels)} ${labelsLine(labels)}`.toLowerCase(), words);
  return [...names]
    .sort((a, b) => Number(a === '') - Number(b === '') || (a < b ? -1 : 1))
    .map((name) => {
      const active = activeTargets.filter(({ scrapePool }) => scrapePool === name);
      const dropped = droppedTargets.filter(({ scrapePool = '' }) => scrapePool === name);
      const all: readonly DiscoveredTarget[] = [
        ...(filter.state === 'dropped' ? [] : active),
        ...(filter.state === 'active'
          ? []
          : dropped.map(({ discoveredLabels }) => ({ discoveredLabels, labels: undefined }))),
      ];
      return {
        name,
        targets: all.filter(isShown),
        active: active.length,
        droppedCount: droppedTargetCounts?.[name] ?? dropped.length,
        droppedKnown: dropped.length,
      };
    })
    .filter(({ targets }) => targets.length > 0);
}

/** Labels that a step of relabelling added, changed or took away. */
export interface LabelChange {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export function labelChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly LabelChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .map((name) => ({ name, before: before[name], after: after[name] }))
    .filter((change) => change.before !== change.after);
}

/** How the series of both sides of an operator find each other. Source: Prometheus' promql/engine.go, VectorBinop. */
import type { VectorMatching } from '../../../src/promql/parse/ast.ts';

export type LabelSet = Readonly<Record<string, string>>;

export interface MatchGroup {
  /** The labels by which both sides are matched. */
  readonly labels: LabelSet;
  readonly left: number;
  readonly right: number;
}

const METRIC_NAME = '__name__';

/** One group for each set of matching labels, in the order in which they are met. */
export function matchGroups(
  left: readonly LabelSet[],
  right: readonly LabelSet[],
  matching: Pick<VectorMatching, 'labels' | 'on'>,
): readonly MatchGroup[] {
  const groups = new Map<string, { labels: LabelSet; left: number; right: number }>();
  const count = (series: readonly LabelSet[], side: 'left' | 'right') => {
    for (const labels of series) {
      const matched = matchedLabels(labels, matching);
      const key = JSON.stringify(matched);
      const group = groups.get(key) ?? { labels: Object.fromEntries(matched), left: 0, right: 0 };
      group[side]++;
      groups.set(key, group);
    }
  };
  count(left, 'left');
  count(right, 'right');
  return [...groups.values()];
}

export interface MatchSummary {
  readonly matched: number;
  readonly leftOnly: readonly MatchGroup[];
  readonly rightOnly: readonly MatchGroup[];
  /** With several series on a side where there may be only one: the query fails by these. */
  readonly tooMany: readonly MatchGroup[];
}

export function summarizeMatches(
  groups: readonly MatchGroup[],
  card: VectorMatching['card'],
): MatchSummary {
  const isOne = {
    left: card === 'one-to-one' || card === 'one-to-many',
    right: card === 'one-to-one' || card === 'many-to-one',
  };
  return {
    matched: groups.filter(({ left, right }) => left > 0 && right > 0).length,
    leftOnly: groups.filter(({ right }) => right === 0),
    rightOnly: groups.filter(({ left }) => left === 0),
    tooMany: groups.filter(
      ({ left, right }) => (isOne.left && left > 1) || (isOne.right && right > 1),
    ),
  };
}

function matchedLabels(
  labels: LabelSet,
  { labels: names, on }: Pick<VectorMatching, 'labels' | 'on'>,
): readonly (readonly [string, string])[] {
  const isMatched = (name: string): boolean =>
    on ? names.includes(name) : name !== METRIC_NAME && !names.includes(name);
  return Object.entries(labels)
    .filter(([name, value]) => isMatched(name) && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

export interface LabelSummary {
  readonly name: string;
  readonly values: readonly string[];
}

/** The labels of some series with their values, those with the most values first. */
export function labelSummaries(series: readonly LabelSet[]): readonly LabelSummary[] {
  const byName = new Map<string, Set<string>>();
  for (const labels of series) {
    for (const [name, value] of Object.entries(labels)) {
      if (name === METRIC_NAME) continue;
      const values = byName.get(name) ?? new Set();
      byName.set(name, values.add(value));
    }
  }
  return [...byName]
    .map(([name, values]) => ({ name, values: [...values].sort() }))
    .sort((a, b) => b.values.length - a.values.length || (a.name < b.name ? -1 : 1));
}

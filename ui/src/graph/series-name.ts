/** What a series is called: in full as PromQL writes it, or shortened to what tells it from its neighbours. */
import { isPlainName, quoteText } from '../../../src/model/labels-text.ts';
import type { Labels } from './matrix.ts';
import { compareText } from './palette.ts';

const NAME = '__name__';

/** `up{instance="a", job="b"}`; `{}` without any label. Names beyond the plain alphabet are quoted. */
export function seriesName(labels: Labels): string {
  return printSeries(labels, Object.keys(labels));
}

/** The labels in `names` only, and the metric's name only if that is among them; `undefined` when nothing is left. */
export function shortSeriesName(labels: Labels, names: ReadonlySet<string>): string | undefined {
  const kept = Object.keys(labels).filter((name) => names.has(name));
  return kept.length === 0 ? undefined : printSeries(labels, kept);
}

function printSeries(labels: Labels, names: readonly string[]): string {
  const metric = names.includes(NAME) ? labels[NAME] : '';
  const isPlain = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric);
  const pairs = names
    .filter((name) => name !== NAME)
    .sort(compareText)
    .map((name) => `${isPlainName(name) ? name : quoteText(name)}=${quoteText(labels[name])}`);
  if (metric !== '' && !isPlain) pairs.unshift(quoteText(metric));
  if (pairs.length === 0 && isPlain && metric !== '') return metric;
  return `${isPlain ? metric : ''}{${pairs.join(', ')}}`;
}

/** The names of labels that not all series have with the same value. */
export function differingLabels(labelSets: readonly Labels[]): ReadonlySet<string> {
  const differing = new Set<string>();
  const first = labelSets[0] ?? {};
  for (const labels of labelSets) {
    for (const name in labels) if (labels[name] !== first[name]) differing.add(name);
    for (const name in first) if (!(name in labels)) differing.add(name);
  }
  return differing;
}

/** Names of all series of one picture, shortened where that leaves something to tell them apart by. */
export function shortNames(labelSets: readonly Labels[]): string[] {
  const differing = differingLabels(labelSets);
  return labelSets.map((labels) => shortSeriesName(labels, differing) ?? seriesName(labels));
}

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { compileMatcher } from '../../../src/model/matcher.ts';
import { parseExpr, parseMetricSelector } from '../../../src/promql/parse/parse-expr.ts';
import { type EmptyHint, findEmptyHints, type KnownSeries } from './empty-result.ts';

interface Kept {
  readonly labels: Readonly<Record<string, string>>;
  readonly isInRange: boolean;
}

/** A server that has these series. */
function serverOf(kept: readonly Kept[]): KnownSeries {
  const select = (selector: string) => {
    const matchers = parseMetricSelector(selector).map(compileMatcher);
    return kept.filter(({ labels }) => matchers.every((m) => m.matches(labels[m.name] ?? '')));
  };
  return {
    hasSeries: async (selector) => select(selector).some(({ isInRange }) => isInRange),
    hasSeriesEver: async (selector) => select(selector).length > 0,
    labelValues: async (label, selector) =>
      [...new Set(select(selector).map(({ labels }) => labels[label] ?? ''))]
        .filter(Boolean)
        .sort(),
    nearestMetric: async (name) => (name === 'upp' ? 'up' : undefined),
  };
}

const server = serverOf([
  { labels: { __name__: 'up', job: 'a', zone: 'x' }, isInRange: true },
  { labels: { __name__: 'up', job: 'b', zone: 'y' }, isInRange: true },
  { labels: { __name__: 'gone', job: 'a' }, isInRange: false },
]);

async function hints(query: string, want: readonly EmptyHint[]) {
  const signal = new AbortController().signal;
  assert.deepEqual(await findEmptyHints(parseExpr(query), server, signal), want, query);
}

test('a metric that does not exist is named, with the nearest one', async () => {
  await hints('rate(upp[5m])', [{ kind: 'no-metric', name: 'upp', nearest: 'up' }]);
  await hints('upp{job="a"}', [{ kind: 'no-metric', name: 'upp', nearest: 'up' }]);
});

test('a metric that exists at other times is said to be out of range', async () => {
  await hints('gone', [{ kind: 'not-in-range', selector: 'gone' }]);
});

test('a label value that does not exist is named, with those that do', async () => {
  await hints('up{zone="x",job="c"}', [
    { kind: 'no-label-value', selector: 'up', label: 'job', value: 'c', known: ['a', 'b'] },
  ]);
});

test('matchers that only exclude each other are told as such', async () => {
  await hints('up{job="a",zone="y"}', [{ kind: 'no-match', selector: 'up{job="a",zone="y"}' }]);
  await hints('{job=~"nobody.*"}', [{ kind: 'no-match', selector: '{job=~"nobody.*"}' }]);
});

test('when every selector finds series, the rest of the query left nothing', async () => {
  await hints('up > 5', [{ kind: 'all-filtered' }]);
  await hints('up and upp', [{ kind: 'no-metric', name: 'upp', nearest: 'up' }]);
});

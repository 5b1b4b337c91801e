import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { VectorMatching } from '../../../src/promql/parse/ast.ts';
import { labelSummaries, matchGroups, summarizeMatches } from './match-groups.ts';

const LEFT = [
  { __name__: 'errors', job: 'a', code: '500' },
  { __name__: 'errors', job: 'a', code: '503' },
  { __name__: 'errors', job: 'b', code: '500' },
];
const RIGHT = [
  { __name__: 'requests', job: 'a' },
  { __name__: 'requests', job: 'c' },
];

test('sides are matched by the labels that are named', () => {
  assert.deepEqual(matchGroups(LEFT, RIGHT, { on: true, labels: ['job'] }), [
    { labels: { job: 'a' }, left: 2, right: 1 },
    { labels: { job: 'b' }, left: 1, right: 0 },
    { labels: { job: 'c' }, left: 0, right: 1 },
  ]);
});

test('without named labels all but the metric name count', () => {
  const groups = matchGroups(LEFT, RIGHT, { on: false, labels: ['code'] });
  assert.deepEqual(
    groups.map(({ labels, left, right }) => [labels, left, right]),
    [
      [{ job: 'a' }, 2, 1],
      [{ job: 'b' }, 1, 0],
      [{ job: 'c' }, 0, 1],
    ],
  );
  const all = matchGroups(LEFT, RIGHT, { on: false, labels: [] });
  assert.equal(summarizeMatches(all, 'one-to-one').matched, 0);
});

test('groups with several series on a side that may have one are told apart', () => {
  const groups = matchGroups(LEFT, [...RIGHT, { job: 'c' }], { on: true, labels: ['job'] });
  const tooMany = (card: VectorMatching['card'], want: readonly string[]) =>
    assert.deepEqual(
      summarizeMatches(groups, card).tooMany.map(({ labels }) => labels.job),
      want,
    );
  tooMany('one-to-one', ['a', 'c']);
  tooMany('many-to-one', ['c']);
  tooMany('one-to-many', ['a']);
  tooMany('many-to-many', []);
  const { matched, leftOnly, rightOnly } = summarizeMatches(groups, 'many-to-one');
  assert.deepEqual([matched, leftOnly.length, rightOnly.length], [1, 1, 1]);
});

test('labels of series come with their values, the most varied first', () => {
  assert.deepEqual(labelSummaries(LEFT), [
    { name: 'code', values: ['500', '503'] },
    { name: 'job', values: ['a', 'b'] },
  ]);
});

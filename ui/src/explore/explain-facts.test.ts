import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseExpr } from '../../../src/promql/parse/parse-expr.ts';
import { exploreText } from '../text/explore.ts';
import { promqlTexts } from '../text/promql.ts';
import { explainExpr } from './explain-facts.ts';

const texts = { explain: exploreText.en.explain, promql: promqlTexts('en') };

function sentences(query: string, want: readonly string[]) {
  assert.deepEqual(explainExpr(parseExpr(query), texts).sentences, want, query);
}

test('a part of a query is explained by what it does and what it gives', () => {
  sentences('rate(up[5m])', [texts.promql.functions.rate, 'Result: instant vector.']);
  sentences('sum by (job, zone) (up)', [
    'Sum over the series of each group.',
    'One result for each value of job, zone.',
    'Result: instant vector.',
  ]);
  sentences('sum(up)', [
    'Sum over the series of each group.',
    'One result over all series.',
    'Result: instant vector.',
  ]);
  sentences('42', ['A number.']);
});

test('operators tell how the sides are matched', () => {
  sentences('a / on (job) group_left b', [
    'Matches both sides by job.',
    'Many series on the left may share one on the right.',
    'Result: instant vector.',
  ]);
  sentences('a > 1', [
    'Keeps the series for which the comparison holds.',
    'Applies the number to each series.',
    'Result: instant vector.',
  ]);
  sentences('a unless b', [
    'Series of the left that have no match on the right.',
    'Matches series of both sides with the same labels.',
    'Result: instant vector.',
  ]);
});

test('selectors list their conditions, ranges and offsets', () => {
  const { sentences, conditions } = explainExpr(parseExpr('up{job=~"a|b"}[5m] offset 1h'), texts);
  assert.deepEqual(conditions, ['job=~"a|b"', '__name__="up"']);
  assert.deepEqual(sentences, [
    'All samples of the last 5m of each series that fits.',
    'Looked at 1h earlier.',
    'Result: range vector.',
  ]);
});

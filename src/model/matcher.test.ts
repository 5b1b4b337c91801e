import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { compileMatcher, type MatchType } from './matcher.ts';

test('conditions hold for values, the empty one standing for an absent label', () => {
  const f = (
    type: MatchType,
    value: string,
    yes: readonly string[],
    no: readonly string[],
  ): void => {
    const { matches } = compileMatcher({ type, name: 'a', value });
    for (const text of yes) assert.ok(matches(text), `${type}${value} takes ${text}`);
    for (const text of no) assert.ok(!matches(text), `${type}${value} refuses ${text}`);
  };
  f('=', 'x', ['x'], ['', 'y']);
  f('!=', 'x', ['', 'y'], ['x']);
  f('=~', 'x.*', ['x', 'xy'], ['', 'yx']);
  f('!~', 'x.*', ['', 'yx'], ['x']);
  f('=~', '', [''], ['x']);
});

test('what is known of the values leads to postings', () => {
  const f = (type: MatchType, value: string, want: readonly string[] | undefined): void =>
    assert.deepEqual(compileMatcher({ type, name: 'a', value }).values, want);
  f('=', 'x', ['x']);
  f('!=', 'x', ['x']);
  f('=~', 'y|x', ['x', 'y']);
  f('!~', 'y|x', ['x', 'y']);
  f('=~', 'x.*', undefined);
  assert.equal(compileMatcher({ type: '=~', name: 'a', value: 'x.*' }).prefix, 'x');
});

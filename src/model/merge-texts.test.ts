import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { ascendingTexts, mergeTexts } from './merge-texts.ts';

test('lists of texts become one, in the order of their bytes and without doubles', () => {
  const f = (lists: readonly (readonly string[])[], want: readonly string[]): void =>
    assert.deepEqual(mergeTexts(lists.map(ascendingTexts)), want);
  f([], []);
  f([[], []], []);
  f([['a', 'c'], ['b', 'c', 'd'], ['a']], ['a', 'b', 'c', 'd']);
  f([['b', 'a', 'b'], ['c']], ['a', 'b', 'c']);
  f([['\u{ffff}', '\u{10000}'], ['z']], ['z', '\u{ffff}', '\u{10000}']);
});

test('any lists merge to what a set of all of them holds', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.array(text)), (lists) => {
      const sorted = lists.map((list, i) => (i % 2 === 0 ? list.toSorted() : list));
      const bytes = (one: string): Buffer => Buffer.from(one);
      const want = [...new Set(sorted.flat())];
      want.sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
      assert.deepEqual(mergeTexts(sorted.map(ascendingTexts)), want);
    }),
  );
});

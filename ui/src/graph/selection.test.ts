import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { type Selection, selectOnly, toggle } from './selection.ts';

const all = ['a', 'b', 'c'];

function same(got: Selection, want: readonly string[] | undefined): void {
  assert.deepEqual(got && [...got].sort(), want);
}

test('a click shows one series, and all again when it was alone', () => {
  same(selectOnly(undefined, 'a'), ['a']);
  same(selectOnly(new Set(['a', 'b']), 'a'), ['a']);
  same(selectOnly(new Set(['a']), 'a'), undefined);
  same(selectOnly(new Set(['a']), 'b'), ['b']);
});

test('toggling takes one out or puts it back, and never leaves nothing', () => {
  same(toggle(undefined, 'a', all), ['b', 'c']);
  same(toggle(new Set(['b', 'c']), 'a', all), undefined);
  same(toggle(new Set(['a']), 'b', all), ['a', 'b']);
  same(toggle(new Set(['a']), 'a', all), undefined);
});

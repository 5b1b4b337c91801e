import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { markFault } from './mark-fault.ts';

test('the word at the position of a fault is marked', () => {
  const f = (query: string, line: number, column: number, want: string | undefined): void => {
    const found = markFault(query, { line, column });
    const text = found && `${found.before}[${found.marked}]${found.after}`;
    assert.equal(text, want);
  };
  f('sum(up) by bad', 1, 12, 'sum(up) by [bad]');
  f('sum(', 1, 5, 'sum([ ]');
  f('up and\n  and down', 2, 3, 'up and\n  [and] down');
  f('{a="한글"} }', 1, 14, '{a="한글"} [}]');
  f('up', 3, 1, undefined);
});

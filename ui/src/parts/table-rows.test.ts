import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { filterRows, nextOrder, type SortOrder, sortRows } from './table-rows.ts';

interface Row {
  readonly name: string;
  readonly size: number | undefined;
}

const rows: readonly Row[] = [
  { name: 'shard-10', size: 5 },
  { name: 'shard-9', size: undefined },
  { name: 'Alpha', size: 5 },
  { name: 'beta', size: Number.NaN },
  { name: 'gamma', size: -1 },
];
const columns = [
  { id: 'name', value: (row: Row) => row.name },
  { id: 'size', value: (row: Row) => row.size },
];

test('rows are sorted by what a column holds, absent values last', () => {
  const f = (column: string, isDescending: boolean, want: string): void => {
    const sorted = sortRows(rows, columns, { column, isDescending });
    assert.equal(sorted.map(({ name }) => name).join(' '), want);
  };
  f('name', false, 'Alpha beta gamma shard-9 shard-10');
  f('name', true, 'shard-10 shard-9 gamma beta Alpha');
  f('size', false, 'gamma shard-10 Alpha shard-9 beta');
  f('size', true, 'shard-10 Alpha gamma shard-9 beta');
  f('none', true, 'shard-10 shard-9 Alpha beta gamma');
});

test('every word of a search must occur in its row', () => {
  const f = (text: string, want: string): void => {
    const found = filterRows(rows, columns, text);
    assert.equal(found.map(({ name }) => name).join(' '), want, text);
  };
  f('  ', 'shard-10 shard-9 Alpha beta gamma');
  f('ALPHA', 'Alpha');
  f('5 sha', 'shard-10');
  f('alpha beta', '');
});

test('a column is sorted one way, the other way, and not at all', () => {
  let order: SortOrder | undefined;
  const seen: string[] = [];
  for (let i = 0; i < 4; i++) {
    order = nextOrder(order, 'size', true);
    seen.push(order === undefined ? 'none' : order.isDescending ? 'down' : 'up');
  }
  assert.deepEqual(seen, ['down', 'up', 'none', 'down']);
  assert.deepEqual(nextOrder(order, 'name', false), { column: 'name', isDescending: false });
});

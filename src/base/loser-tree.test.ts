import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { LoserTree } from './loser-tree.ts';

class List {
  readonly items: readonly number[];
  readonly index: number;
  at = -1;
  constructor(items: readonly number[], index: number) {
    this.items = items;
    this.index = index;
  }
  get item(): number {
    return this.items[this.at] ?? Number.NaN;
  }
  next(): boolean {
    this.at++;
    return this.at < this.items.length;
  }
}

test('ascending lists merge in order, equal items in the order of their lists', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(20)), { maxLength: 9 }), (lists) => {
      const sorted = lists.map(
        (list, i) =>
          new List(
            list.toSorted((a, b) => a - b),
            i,
          ),
      );
      const tree = new LoserTree(sorted, (a, b) => a.item - b.item);
      const got: [number, number][] = [];
      for (let list = tree.winner; list !== undefined; list = tree.winner) {
        got.push([list.item, list.index]);
        tree.advance();
      }
      const all = lists.flatMap((list, i) => list.map((item): [number, number] => [item, i]));
      assert.deepEqual(
        got,
        all.sort(([a, i], [b, j]) => a - b || i - j),
      );
    }),
  );
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NoticeStore } from './notices.ts';

test('a notice is shown once, until it is taken away or four others have come', () => {
  const store = new NoticeStore();
  const titles = (): string =>
    store
      .current()
      .map(({ title }) => title)
      .join(' ');
  let told = 0;
  store.subscribe(() => told++);
  store.add({ state: 'bad', title: 'a' });
  store.add({ state: 'bad', title: 'a' });
  store.add({ state: 'good', title: 'b' });
  assert.deepEqual([titles(), told], ['a b', 2]);
  store.remove(store.current()[0]?.id ?? 0);
  assert.equal(titles(), 'b');
  for (const title of ['c', 'd', 'e', 'f']) store.add({ state: 'warn', title });
  assert.equal(titles(), 'c d e f');
});

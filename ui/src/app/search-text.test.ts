import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseSearch, printSearch } from './search-text.ts';

test('parameters stay strings, whatever they look like', () => {
  const text = '?g0.expr=sum+by+%28job%29+%28up%29&g0.tab=1&g0.store_matches=%5B%5D&other=true';
  const search = parseSearch(text);
  assert.deepEqual(search, {
    'g0.expr': 'sum by (job) (up)',
    'g0.tab': '1',
    'g0.store_matches': '[]',
    other: 'true',
  });
  assert.equal(printSearch(search), text);
  assert.equal(printSearch({ a: undefined }), '');
});

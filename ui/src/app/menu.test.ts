import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { landingOf, menuOf } from './menu.ts';

test('each component starts on its own first page', () => {
  assert.equal(landingOf('up'), undefined);
  assert.equal(landingOf('query'), undefined);
  assert.equal(landingOf('prometheus'), '/query');
  assert.equal(landingOf('store'), '/status');
});

test('no key and no path stands for two pages', () => {
  for (const component of ['up', 'query', 'prometheus', 'store'] as const) {
    const { main, status } = menuOf(component);
    const items = [...main, ...status];
    for (const field of ['key', 'path'] as const) {
      assert.equal(new Set(items.map((item) => item[field])).size, items.length);
    }
  }
});

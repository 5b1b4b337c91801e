import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { actionOf, KEYS, type PressedKey } from './keys.ts';
import { menuOf } from './menu.ts';

const { main, status } = menuOf('up');
const items = [...main, ...status];

test('keys act by themselves, and after g for a moment as pages', () => {
  const f = (pressed: Partial<PressedKey>, want: string | undefined): void => {
    const action = actionOf({ key: '', timeMs: 5000, ledMs: undefined, ...pressed }, items);
    assert.equal(action?.kind === 'go' ? action.path : action?.kind, want);
  };
  f({ key: '?' }, 'help');
  f({ key: '/' }, 'search');
  f({ key: 'g' }, 'lead');
  f({ key: 'e' }, undefined);
  f({ key: 'e', ledMs: 4000 }, '/graph');
  f({ key: 'E', ledMs: 4000 }, '/graph');
  f({ key: 'e', ledMs: 3000 }, undefined);
  f({ key: 'g', ledMs: 4900 }, 'lead');
  f({ key: '?', ledMs: 4900 }, 'help');
  f({ key: 'q', ledMs: 4900 }, undefined);
});

test('no page takes the key that leads to pages', () => {
  assert(items.every(({ key }) => key !== KEYS.lead));
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { DEFAULT_SETTINGS, UserSettingsStore } from './user-settings.ts';

class MemoryStorage {
  readonly items = new Map<string, string>();
  readonly length = 0;
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
  removeItem(): void {}
  clear(): void {}
  key(): null {
    return null;
  }
}

test('a choice is there again on the next page and in other windows', () => {
  const storage = new MemoryStorage();
  const first = new UserSettingsStore(storage);
  const other = new UserSettingsStore(storage);
  let told = 0;
  const stop = other.subscribe(() => told++);
  first.change({ theme: 'dark', deduplicate: false });
  const [[key = '', newValue = ''] = []] = storage.items;
  other.heard({ key, newValue });
  other.heard({ key: 'of something else', newValue: '{}' });
  stop();
  const want = { ...DEFAULT_SETTINGS, theme: 'dark', deduplicate: false };
  assert.deepEqual(other.current(), want);
  assert.deepEqual(new UserSettingsStore(storage).current(), want);
  assert.equal(told, 1);
});

test('what cannot be read counts as no choice', () => {
  const storage = new MemoryStorage();
  new UserSettingsStore(storage).change({ theme: 'dark' });
  const [key = ''] = storage.items.keys();
  storage.setItem(key, '{"theme":7,"timeZone":"UTC","unknown":1}');
  assert.deepEqual(new UserSettingsStore(storage).current(), {
    ...DEFAULT_SETTINGS,
    timeZone: 'UTC',
  });
  storage.setItem(key, '{"theme":"sepia","language":"fr","timeZone":"Mars/Olympus"}');
  assert.deepEqual(new UserSettingsStore(storage).current(), DEFAULT_SETTINGS);
  storage.setItem(key, 'null');
  assert.deepEqual(new UserSettingsStore(storage).current(), DEFAULT_SETTINGS);
  storage.setItem(key, 'no json');
  assert.deepEqual(new UserSettingsStore(storage).current(), DEFAULT_SETTINGS);
});

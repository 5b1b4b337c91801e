/** What a user has chosen, kept in this browser. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import { LANGUAGES, type Language } from '../text/language.ts';

export interface UserSettings {
  readonly theme: 'auto' | 'light' | 'dark';
  readonly language: 'auto' | Language;
  /** `local`, or an IANA name such as `UTC`. */
  readonly timeZone: string;
  readonly rememberHistory: boolean;
  readonly completion: boolean;
  readonly highlighting: boolean;
  readonly linting: boolean;
  readonly queryStatistics: boolean;
  /** Of new panels. */
  readonly deduplicate: boolean;
  /** Of new panels. */
  readonly partialResponse: boolean;
}

export const DEFAULT_SETTINGS: UserSettings = {
  theme: 'auto',
  language: 'auto',
  timeZone: 'local',
  rememberHistory: true,
  completion: true,
  highlighting: true,
  linting: true,
  queryStatistics: true,
  deduplicate: true,
  partialResponse: true,
};

const KEY = 'tsanos.settings';

/** Settings, told to who listens, also when another window of the browser changes them. */
export class UserSettingsStore {
  #settings: UserSettings;
  #listeners = new Set<() => void>();
  #storage: Storage | undefined;

  /** Without a storage nothing outlives the page. */
  constructor(storage: Storage | undefined) {
    this.#storage = storage;
    this.#settings = readSettings(storage?.getItem(KEY) ?? null);
  }

  readonly current = (): UserSettings => this.#settings;

  change(changes: Partial<UserSettings>): void {
    this.#settings = { ...this.#settings, ...changes };
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.#settings));
    } catch {
      // A full storage: the choice holds for this page.
    }
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes over what another window has written. */
  heard({ key, newValue }: Pick<StorageEvent, 'key' | 'newValue'>): void {
    if (key !== KEY) return;
    this.#settings = readSettings(newValue);
    for (const listener of this.#listeners) listener();
  }
}

/** Values that are not to be chosen, as another version may have left them, give way to the default. */
function readSettings(text: string | null): UserSettings {
  const known: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  try {
    const kept = JSON.parse(text ?? '{}') as Record<string, unknown>;
    for (const [name, initial] of Object.entries(known)) {
      const value = kept[name];
      if (typeof value === typeof initial && isChoice(name, value)) known[name] = value;
    }
  } catch {
    // Not what we wrote: as if nothing was there.
  }
  return known as unknown as UserSettings;
}

function isChoice(name: string, value: unknown): boolean {
  switch (name) {
    case 'theme':
      return ['auto', 'light', 'dark'].includes(String(value));
    case 'language':
      return ['auto', ...LANGUAGES].includes(String(value));
    case 'timeZone':
      return value === 'local' || isTimeZone(String(value));
    default:
      return true;
  }
}

/** Whether this browser knows it: with any other every page would break that prints a time. */
function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const UserSettingsContext = createContext(new UserSettingsStore(undefined));

export function useUserSettings(): readonly [
  settings: UserSettings,
  change: (changes: Partial<UserSettings>) => void,
] {
  const store = useContext(UserSettingsContext);
  const settings = useSyncExternalStore(store.subscribe, store.current);
  return [settings, (changes) => store.change(changes)];
}

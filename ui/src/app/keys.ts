/** Which key does what, anywhere outside of fields: some by themselves, pages after `g`. */
import type { MenuItem } from './menu.ts';

export type KeyAction =
  | { readonly kind: 'go'; readonly path: string }
  | { readonly kind: 'help' | 'search' | 'settings' | 'theme' | 'lead' };

export const KEYS: Readonly<Record<'help' | 'search' | 'settings' | 'theme' | 'lead', string>> = {
  help: '?',
  search: '/',
  settings: ',',
  theme: '.',
  lead: 'g',
};

export interface PressedKey {
  readonly key: string;
  readonly timeMs: number;
  /** When `g` was pressed, if it was the key before this one. */
  readonly ledMs: number | undefined;
}

/** How long `g` waits for the key of a page. */
const LEAD_MS = 1500;

export function actionOf(
  { key, timeMs, ledMs }: PressedKey,
  items: readonly MenuItem[],
): KeyAction | undefined {
  if (ledMs !== undefined && timeMs - ledMs <= LEAD_MS) {
    const item = items.find((item) => item.key === key.toLowerCase());
    if (item !== undefined) return { kind: 'go', path: item.path };
  }
  for (const kind of ['help', 'search', 'settings', 'theme', 'lead'] as const) {
    if (KEYS[kind] === key) return { kind };
  }
  return undefined;
}

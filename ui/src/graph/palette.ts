/**
 * Twelve colours a theme. Each is at contrast 3:1 or more with the ground, and every two are told apart also by people
 * who see no red, no green or no blue: their lightness differs where their hue would not be seen (palette.test.ts).
 */
import type { Labels } from './matrix.ts';

export type Scheme = 'light' | 'dark';

export const PALETTE: Readonly<Record<Scheme, readonly string[]>> = {
  light: [
    '#2e468c',
    '#c54a10',
    '#629171',
    '#7b49df',
    '#129ae7',
    '#b88b00',
    '#f347bc',
    '#017180',
    '#824d48',
    '#424604',
    '#521327',
    '#3b0171',
  ],
  dark: [
    '#4370bf',
    '#fc841d',
    '#99fecf',
    '#b194fe',
    '#659eb9',
    '#9a7505',
    '#bd3e89',
    '#5bd8fd',
    '#ff4064',
    '#cede3a',
    '#ebaeb4',
    '#9049ff',
  ],
};

export const PALETTE_SIZE = 12;

/**
 * What is drawn beside the series: --ink-quiet, --line, --surface and --ink of the page, which a canvas cannot follow by
 * name, and which are not in force yet while the scheme changes.
 */
export const INKS: Readonly<
  Record<
    Scheme,
    {
      readonly text: string;
      readonly line: string;
      readonly ground: string;
      readonly mark: string;
    }
  >
> = {
  light: { text: '#59616d', line: '#e3e6eb', ground: '#ffffff', mark: '#1a1f29' },
  dark: { text: '#a3abb8', line: '#2a2e37', ground: '#16181d', mark: '#e4e7ec' },
};

/**
 * An index into the palette for each label set. It is the same whatever the order of the series, and nearly always
 * whatever other series there are: a hash of the labels says which, and gives way only to the one before in label order.
 */
export function colourIndexes(labelSets: readonly Labels[]): Uint8Array {
  const keys = labelSets.map(labelKey);
  const order = keys.map((_, i) => i).sort((a, b) => compareText(keys[a], keys[b]));
  const used = new Uint32Array(PALETTE_SIZE);
  const indexes = new Uint8Array(keys.length);
  for (let i = 0; i < order.length; i++) {
    const round = Math.floor(i / PALETTE_SIZE);
    let slot = hashText(keys[order[i]]) % PALETTE_SIZE;
    while (used[slot] > round) slot = (slot + 1) % PALETTE_SIZE;
    used[slot]++;
    indexes[order[i]] = slot;
  }
  return indexes;
}

/** One text a label set, whatever the order of its names. */
export function labelKey(labels: Labels): string {
  return Object.keys(labels)
    .sort(compareText)
    .map((name) => `${name}\u0000${labels[name]}`)
    .join('\u0001');
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** FNV-1a over UTF-16 units, then mixed: the last bits alone choose the colour. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Sizes in configuration files: `10MB`, `1GiB`, `1GB512MB`. Both spellings of a unit are powers of 1024. */

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Bytes; undefined when the text is no size. A bare 0 needs no unit. */
export function parseByteSize(text: string): number | undefined {
  if (text === '0') return 0;
  const isNegative = text.startsWith('-');
  const magnitude = text.replace(/^[-+]/, '');
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i?)?B)+$/i.test(magnitude)) return undefined;
  let total = 0;
  for (const [, amount, unit] of magnitude.matchAll(/([\d.]+)([a-z]+)/gi)) {
    total += Number(amount) * 1024 ** UNITS.indexOf(unit.toUpperCase().replace('I', ''));
  }
  return isNegative ? -total : total;
}

/** In the largest unit that divides it: `512MiB`. */
export function printByteSize(bytes: number): string {
  let rest = bytes;
  let power = 0;
  while (rest !== 0 && rest % 1024 === 0 && power < UNITS.length - 1) {
    rest /= 1024;
    power++;
  }
  return power === 0 ? `${rest}B` : `${rest}${UNITS[power].replace('B', 'iB')}`;
}

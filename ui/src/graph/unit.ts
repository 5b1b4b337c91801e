/** What the numbers of a graph count, and how they are written on axes and beside the pointer. */

export type UnitKind = 'none' | 'seconds' | 'bytes' | 'ratio' | 'percent';

export interface Unit {
  readonly kind: UnitKind;
  readonly perSecond: boolean;
}

export const PLAIN: Unit = { kind: 'none', perSecond: false };

interface Prefix {
  readonly factor: number;
  readonly sign: string;
}

const SI: readonly Prefix[] = [
  { factor: 1e18, sign: 'E' },
  { factor: 1e15, sign: 'P' },
  { factor: 1e12, sign: 'T' },
  { factor: 1e9, sign: 'G' },
  { factor: 1e6, sign: 'M' },
  { factor: 1e3, sign: 'k' },
  { factor: 1, sign: '' },
];

const BINARY: readonly Prefix[] = ['EiB', 'PiB', 'TiB', 'GiB', 'MiB', 'KiB', 'B'].map(
  (sign, i) => ({ factor: 1024 ** (6 - i), sign: ` ${sign}` }),
);

const SMALL_SECONDS: readonly Prefix[] = [
  { factor: 1, sign: ' s' },
  { factor: 1e-3, sign: ' ms' },
  { factor: 1e-6, sign: ' µs' },
  { factor: 1e-9, sign: ' ns' },
];

const LONG_SECONDS: readonly Prefix[] = [
  { factor: 86_400, sign: 'd' },
  { factor: 3600, sign: 'h' },
  { factor: 60, sign: 'm' },
  { factor: 1, sign: 's' },
];

/** For an axis whose ticks are `increment` apart: as many digits as tell them apart, and no more. */
export function printTick(value: number, unit: Unit, increment: number): string {
  const digitsOf = (factor: number): number => {
    const inUnit = increment / factor;
    const wanted = inUnit >= 1 && Number.isInteger(inUnit) ? 0 : Math.ceil(2 - Math.log10(inUnit));
    return Math.min(Math.max(wanted, 0), 12);
  };
  return printAmount(value, unit, (scaled, factor) => {
    const text = scaled.toFixed(digitsOf(factor));
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  });
}

/** For one value alone: six significant digits. */
export function printValue(value: number, unit: Unit): string {
  return printAmount(value, unit, (scaled) =>
    scaled.toLocaleString('en-US', { maximumSignificantDigits: 6 }),
  );
}

type PrintScaled = (scaled: number, factor: number) => string;

function printAmount(value: number, unit: Unit, print: PrintScaled): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const ending = unit.perSecond && unit.kind !== 'seconds' ? '/s' : '';
  const text = printMagnitude(Math.abs(value), unit, print) + ending;
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

function printMagnitude(size: number, { kind, perSecond }: Unit, print: PrintScaled): string {
  if (kind === 'ratio') return `${print(size * 100, 100)} %`;
  if (kind === 'percent') return `${print(size, 1)} %`;
  if (kind === 'bytes') return withPrefix(size, BINARY, print);
  if (kind === 'seconds' && !perSecond) {
    return size < 60 ? withPrefix(size, SMALL_SECONDS, print) : printLongSeconds(size);
  }
  if (size !== 0 && (size < 1e-5 || size >= 1e21)) return size.toExponential(2).replace('.00', '');
  return withPrefix(size, SI, print);
}

function withPrefix(size: number, prefixes: readonly Prefix[], print: PrintScaled): string {
  if (size === 0) return prefixes === BINARY ? '0 B' : '0';
  const smallest = prefixes[prefixes.length - 1];
  const { factor, sign } = prefixes.find((prefix) => size >= prefix.factor * 0.9999995) ?? smallest;
  return print(size / factor, factor) + sign;
}

/** The two largest units that are not zero: `1d 2h`, `1h 30m`, `2m 5.25s`. */
function printLongSeconds(size: number): string {
  const start = LONG_SECONDS.findIndex(({ factor }) => size >= factor);
  const [large, small] = [LONG_SECONDS[start], LONG_SECONDS[start + 1]];
  const step = small.factor === 1 ? 0.01 : 1;
  let whole = Math.floor(size / large.factor);
  let rest = Math.round((size - whole * large.factor) / small.factor / step) * step;
  if (rest * small.factor >= large.factor) {
    whole++;
    rest = 0;
  }
  const head = `${whole}${large.sign}`;
  return rest === 0 ? head : `${head} ${Number(rest.toFixed(2))}${small.sign}`;
}

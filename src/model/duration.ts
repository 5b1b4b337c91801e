/**
 * Durations as text. Two families exist: Prometheus' (`15d`, `1h30m`: whole numbers, units in falling order) in
 * configuration files and queries, and Go's (`1.5h`, `300ms`: decimals, any order) in some flags. Both are kept in
 * milliseconds here. A year has 365 days.
 */
const UNIT_MS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

const PROMETHEUS_FORM =
  /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const PROMETHEUS_UNITS = ['y', 'w', 'd', 'h', 'm', 's', 'ms'];
const GO_FORM = /^(?:(?:\d+\.?\d*|\.\d+)(?:y|w|d|h|ms|m|s|us|µs|ns))+$/;

/** Go's int64 nanoseconds end there: about 292 years. */
const LONGEST_MS = 9_223_372_036_854;

/** `1w2d`, `90s`, `0` → milliseconds; undefined when the text is not a Prometheus duration. */
export function parsePrometheusDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = PROMETHEUS_FORM.exec(text);
  if (match === null || text === '') return undefined;
  let total = 0;
  for (let i = 0; i < PROMETHEUS_UNITS.length; i++) {
    total += Number(match[i + 1] ?? 0) * (UNIT_MS[PROMETHEUS_UNITS[i]] ?? 0);
  }
  return total <= LONGEST_MS ? total : undefined;
}

/** `1.5h`, `-2w`, `1h30m`, `0` → milliseconds (with fractions); undefined when it is neither family's. */
export function parseDuration(text: string): number | undefined {
  const isNegative = text.startsWith('-');
  const magnitude = text.replace(/^[-+]/, '');
  if (magnitude === '0') return 0;
  if (!GO_FORM.test(magnitude)) return undefined;
  let total = 0;
  for (const [, amount, unit] of magnitude.matchAll(/([\d.]+)([a-zµ]+)/g)) {
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  if (total > LONGEST_MS) return undefined;
  return isNegative ? -total : total;
}

/** As Go prints its durations: "1.5ms", "2m0.25s". Exact to a nanosecond. */
export function printGoDuration(durationMs: number): string {
  const ns = Math.round(durationMs * 1e6);
  const size = Math.abs(ns);
  if (size === 0) return '0s';
  if (size < 1e3) return `${ns}ns`;
  if (size < 1e6) return `${ns / 1e3}µs`;
  if (size < 1e9) return `${ns / 1e6}ms`;
  const minutes = Math.floor(size / 60e9);
  const seconds = `${Number(((size - minutes * 60e9) / 1e9).toFixed(9))}s`;
  const sign = ns < 0 ? '-' : '';
  if (minutes === 0) return sign + seconds;
  const hours = Math.floor(minutes / 60);
  return `${sign}${hours > 0 ? `${hours}h` : ''}${minutes % 60}m${seconds}`;
}

/** As Prometheus prints it: years and weeks only when nothing is left over (`1w`, but `8d`). */
export function printDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let rest = Math.abs(durationMs);
  let text = '';
  for (const unit of PROMETHEUS_UNITS) {
    const unitMs = UNIT_MS[unit] ?? 0;
    const isExact = unit === 'y' || unit === 'w';
    const count = Math.floor(rest / unitMs);
    if (count === 0 || (isExact && rest % unitMs !== 0)) continue;
    text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return durationMs < 0 ? `-${text}` : text;
}

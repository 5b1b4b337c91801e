/** Numbers, times and sizes as a reader's language writes them; times in the zone that was chosen. */
import type { Language } from './language.ts';

export interface FormatSettings {
  readonly language: Language;
  /** An IANA name such as Asia/Seoul; undefined is where the browser is. */
  readonly timeZone: string | undefined;
}

/** How much of a time is shown. */
export type TimeForm = 'full' | 'minutes' | 'time' | 'date';

const TIME_FORMS: Readonly<Record<TimeForm, Intl.DateTimeFormatOptions>> = {
  full: dated({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  minutes: dated({ hour: '2-digit', minute: '2-digit' }),
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  date: dated({}),
};

function dated(time: Intl.DateTimeFormatOptions): Intl.DateTimeFormatOptions {
  return { year: 'numeric', month: '2-digit', day: '2-digit', ...time };
}

/** `2026-11-24 15:04:05`: the same order in every language, so that times sort and compare by eye. */
export function formatTime(
  timeMs: number,
  { timeZone }: Pick<FormatSettings, 'timeZone'>,
  form: TimeForm = 'full',
): string {
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) return '–';
  const options = { ...TIME_FORMS[form], hourCycle: 'h23', timeZone } as const;
  return new Intl.DateTimeFormat('sv-SE', options).format(timeMs);
}

const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'm', ms: 60_000 },
  { name: 's', ms: 1000 },
] as const;

/** As PromQL writes durations, with the two largest units: `3d 4h`, `1m 30s`, `1.25s`, `12ms`. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return '–';
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`;
  if (durationMs < 1000) return `${shortNumber(durationMs)}ms`;
  if (durationMs < 60_000) return `${shortNumber(durationMs / 1000)}s`;
  const largest = UNITS.findIndex(({ ms }) => durationMs >= ms);
  const [first, second] = [UNITS[largest], UNITS[largest + 1]];
  if (first === undefined || second === undefined) return `${shortNumber(durationMs)}ms`;
  const whole = Math.round(durationMs / second.ms);
  if (whole * second.ms !== durationMs) return formatDuration(whole * second.ms);
  const perFirst = first.ms / second.ms;
  const rest = whole % perFirst;
  const start = `${Math.floor(whole / perFirst)}${first.name}`;
  return rest === 0 ? start : `${start} ${rest}${second.name}`;
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Whole numbers with separators: `1,234,567`. */
export function formatCount(count: number, { language }: Pick<FormatSettings, 'language'>): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(count);
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `512 B`, `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–';
  let size = bytes;
  let unit = 0;
  while (Math.abs(size) >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size : Number(size.toPrecision(3))} ${BYTE_UNITS[unit]}`;
}

const PREFIXES = [
  { name: 'T', factor: 1e12 },
  { name: 'G', factor: 1e9 },
  { name: 'M', factor: 1e6 },
  { name: 'k', factor: 1e3 },
  { name: '', factor: 1 },
  { name: 'm', factor: 1e-3 },
  { name: 'µ', factor: 1e-6 },
] as const;

/** A sample value to read at a glance: four digits and a prefix (`12.35M`); exact values are printed as they came. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e15 || size < 1e-6) return value.toExponential(2);
  if (size >= 0.01 && size < 10_000) return String(Number(value.toPrecision(4)));
  const prefix = PREFIXES.find(({ factor }) => size >= factor) ?? PREFIXES[6];
  return `${Number((value / prefix.factor).toPrecision(4))}${prefix.name}`;
}

/** Where an axis of values begins, ends and has its lines. */
import type { UnitKind } from './unit.ts';

export interface Ticks {
  readonly values: readonly number[];
  readonly increment: number;
}

export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

const ROUND_SECONDS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const PADDING = 0.06;
/** Values that differ by less than this part of themselves are one: their ticks could not be told apart. */
const RESOLUTION = 1e-12;

/** At most about `count` of them, at values that are round in the unit. */
export function valueTicks({ min, max }: ValueRange, count: number, kind: UnitKind): Ticks {
  const span = max - min;
  if (!Number.isFinite(span) || isOneValue(min, max)) return { values: [min], increment: 1 };
  const increment = roundUp(span / Math.max(count, 1), kind);
  const values: number[] = [];
  for (let i = Math.ceil(min / increment - 1e-9); i * increment <= max + increment * 1e-9; i++) {
    values.push(i * increment);
  }
  return { values, increment };
}

/** Also of an empty range. */
function isOneValue(min: number, max: number): boolean {
  return !(max - min > RESOLUTION * Math.max(Math.abs(min), Math.abs(max)));
}

function roundUp(raw: number, kind: UnitKind): number {
  if (kind === 'bytes' && raw > 1) return 2 ** Math.ceil(Math.log2(raw) - 1e-9);
  if (kind === 'seconds' && raw > 50) {
    const round = ROUND_SECONDS.find((seconds) => seconds >= raw);
    return round ?? roundDecimal(raw / 86_400) * 86_400;
  }
  return kind === 'ratio' ? roundDecimal(raw * 100) / 100 : roundDecimal(raw);
}

/** 1, 2 or 5 times a power of ten. */
function roundDecimal(raw: number): number {
  const exponent = Math.floor(Math.log10(raw));
  const power = Number(`1e${exponent}`);
  const digit = [1, 2, 5, 10].find((step) => step * power >= raw * (1 - 1e-9)) ?? 10;
  return Number(`${digit}e${exponent}`);
}

/** With room above and below the curves; a line that stays at one value lies in the middle. */
export function paddedRange({ min, max }: ValueRange, zeroBased: boolean): ValueRange {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return { min: 0, max: 1 };
  const low = zeroBased ? Math.min(min, 0) : min;
  const high = zeroBased ? Math.max(max, 0) : max;
  if (isOneValue(low, high)) {
    const around = low === 0 ? 1 : Math.abs(low) * 0.1;
    return zeroBased || low === 0 ? { min: 0, max: 1 } : { min: low - around, max: low + around };
  }
  const room = (high - low) * PADDING;
  const bottom = low === 0 || (low > 0 && low - room < 0) ? Math.min(0, low) : low - room;
  return { min: bottom, max: high === 0 ? 0 : high + room };
}

/** Functions of one float at a time. Source: promql/functions.go (3.14). */

import { utcDate } from './utc-date.ts';

export type ElementFunction = (value: number) => number;

const FUNCTIONS: Readonly<Record<string, ElementFunction>> = {
  abs: Math.abs,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  ceil: Math.ceil,
  cos: Math.cos,
  cosh: Math.cosh,
  deg: (value) => (value * 180) / Math.PI,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  rad: (value) => (value * Math.PI) / 180,
  sgn: (value) => (value < 0 ? -1 : value > 0 ? 1 : value),
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
  day_of_month: (value) => utcDate(value).dayOfMonth,
  day_of_week: (value) => utcDate(value).dayOfWeek,
  day_of_year: (value) => utcDate(value).dayOfYear,
  days_in_month: (value) => utcDate(value).daysInMonth,
  hour: (value) => utcDate(value).hour,
  minute: (value) => utcDate(value).minute,
  month: (value) => utcDate(value).month,
  year: (value) => utcDate(value).year,
};

const DATE_FUNCTIONS: ReadonlySet<string> = new Set([
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'days_in_month',
  'hour',
  'minute',
  'month',
  'year',
]);

export function elementFunction(name: string): ElementFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
}

/** Date functions may be called without argument: they then show the evaluation time. */
export function isDateFunction(name: string): boolean {
  return DATE_FUNCTIONS.has(name);
}

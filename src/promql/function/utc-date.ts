/** Calendar of UTC for any number of seconds, with Go's arithmetic where JavaScript's dates end. */

export interface UtcDate {
  readonly year: number;
  /** 1 … 12. */
  readonly month: number;
  readonly dayOfMonth: number;
  /** 0 is Sunday. */
  readonly dayOfWeek: number;
  readonly dayOfYear: number;
  readonly daysInMonth: number;
  readonly hour: number;
  readonly minute: number;
}

/** Seconds up to which a JavaScript date exists. */
const DATE_SECONDS = 8.64e12;
const DAY_MS = 86_400_000;

/** @param seconds since 1970, cut to whole ones; what does not fit into 64 bits becomes their minimum. */
export function utcDate(seconds: number): UtcDate {
  const whole = Math.trunc(seconds);
  return Math.abs(whole) <= DATE_SECONDS ? partsOf(new Date(whole * 1000), 0) : farDate(whole);
}

function partsOf(date: Date, yearsAway: number): UtcDate {
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const dayOfMonth = date.getUTCDate();
  const midnight = new Date(0).setUTCFullYear(year, month, dayOfMonth);
  return {
    year: year + yearsAway,
    month: month + 1,
    dayOfMonth,
    dayOfWeek: date.getUTCDay(),
    dayOfYear: (midnight - new Date(0).setUTCFullYear(year, 0, 1)) / DAY_MS + 1,
    daysInMonth: new Date(new Date(0).setUTCFullYear(year, month + 1, 0)).getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
}

/** Go counts seconds of far times from the first day of this year, modulo 2^64. */
const FIRST_YEAR = -292277022399;
const SECONDS_BEFORE_1970 = 62135596800n + 9223371966579724800n;
const CYCLE_DAYS = 146097n;

/** The calendar repeats after 400 years: the place in the cycle is shown by a near date. */
function farDate(seconds: number): UtcDate {
  const fits = seconds >= -(2 ** 63) && seconds < 2 ** 63;
  const unix = fits ? BigInt(seconds) : -(2n ** 63n);
  const sinceFirst = BigInt.asUintN(64, unix + SECONDS_BEFORE_1970);
  const days = sinceFirst / 86400n;
  const near = Date.UTC(2001, 0, 1) + Number(days % CYCLE_DAYS) * DAY_MS;
  const date = new Date(near + Number(sinceFirst % 86400n) * 1000);
  return partsOf(date, FIRST_YEAR + 400 * Number(days / CYCLE_DAYS) - 2001);
}

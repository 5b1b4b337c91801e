/** The labels of an axis of time: the time of day, and below it the day wherever it begins. */

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** As uPlot counts them, which then goes by the calendar. */
const MONTH_MS = 30 * DAY_MS;
const YEAR_MS = 365 * DAY_MS;

/** Distances of ticks that people count in. */
export const TIME_INCREMENTS: number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * SECOND_MS),
  ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 8, 12].map((n) => n * HOUR_MS),
  ...[1, 2, 4, 7, 14].map((n) => n * DAY_MS),
  ...[1, 2, 3, 6].map((n) => n * MONTH_MS),
  ...[1, 2, 5, 10].map((n) => n * YEAR_MS),
];

/** `incrementMs` is the distance of ticks. Of a label with two lines the second is the date. */
export function timeLabels(
  ticksMs: readonly number[],
  incrementMs: number,
  timeZone: string | undefined,
): string[] {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZone,
  });
  let day = '';
  let year = '';
  return ticksMs.map((tick) => {
    const [date = '', time = ''] = parts.format(tick).split(' ');
    const ownYear = date.slice(0, 4);
    if (incrementMs >= DAY_MS) {
      const label = date.slice(5);
      const second = ownYear === year ? '' : `\n${ownYear}`;
      year = ownYear;
      return label + second;
    }
    const label = time.replace(',', '.').slice(0, timeLength(incrementMs));
    const second = date === day ? '' : `\n${date}`;
    day = date;
    return label + second;
  });
}

/** How much of 12:34:56.789 tells ticks apart. */
function timeLength(incrementMs: number): number {
  if (incrementMs < SECOND_MS) return 12;
  return incrementMs < MINUTE_MS ? 8 : 5;
}

/** Times as people type them, in the time zone of their choice: dates, Unix seconds, `now-1h`. */
import { parsePrometheusDuration } from '../../../src/model/duration.ts';

export type TypedTime =
  | { readonly kind: 'now' }
  | { readonly kind: 'time'; readonly timeMs: number }
  | { readonly kind: 'faulty' };

const DATE_FORM =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?$/;

/** `zone` is an IANA name; undefined: the zone of the browser. */
export function parseTypedTime(typed: string, nowMs: number, zone: string | undefined): TypedTime {
  const text = typed.trim().toLowerCase();
  if (text === '' || text === 'now') return { kind: 'now' };
  const ago = /^(?:now)?\s*-\s*(\w+)$/.exec(text);
  if (ago !== null) {
    const durationMs = parsePrometheusDuration(ago[1]);
    return durationMs === undefined ? { kind: 'faulty' } : time(nowMs - durationMs);
  }
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return time(Math.round(Number(text) * 1000));
  if (/^\d{12,13}$/.test(text)) return time(Number(text));
  const absolute = /(z|[+-]\d{2}:\d{2})$/.test(text) && /\d:\d/.test(text);
  if (absolute) return time(Date.parse(text.replace(' ', 'T').toUpperCase()));
  const match = DATE_FORM.exec(text);
  return match === null ? { kind: 'faulty' } : time(timeOfWallClock(match.slice(1), zone));
}

function time(timeMs: number): TypedTime {
  return Number.isFinite(timeMs) ? { kind: 'time', timeMs } : { kind: 'faulty' };
}

function timeOfWallClock(parts: readonly (string | undefined)[], zone: string | undefined): number {
  const [year, month, day, hour, minute, second] = parts.map((part) => Number(part ?? 0));
  const milliseconds = Number((parts[6] ?? '0').padEnd(3, '0'));
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
  const isReal = new Date(wallMs).getUTCMonth() === month - 1 && hour < 24 && minute < 60;
  if (!isReal || second >= 60) return Number.NaN;
  return timeOfWall(wallMs, zone);
}

/**
 * The time at which clocks of a zone show a wall time (given as if it were UTC). Where clocks are set back the
 * earlier of two times, where they are set forward the time after the gap.
 */
export function timeOfWall(wallMs: number, zone: string | undefined): number {
  const early = wallMs - offsetMs(wallMs - 86_400_000, zone);
  const late = wallMs - offsetMs(wallMs + 86_400_000, zone);
  const candidates = [early, late].filter((timeMs) => timeMs + offsetMs(timeMs, zone) === wallMs);
  return candidates.length > 0 ? Math.min(...candidates) : early;
}

/** What clocks of a zone show at a time, as if it were UTC. */
export function wallOfTime(timeMs: number, zone: string | undefined): number {
  return timeMs + offsetMs(timeMs, zone);
}

/** For `<input type="datetime-local">` and for typing: `2026-11-24T15:04:05`. */
export function printWall(timeMs: number, zone: string | undefined, separator: 'T' | ' '): string {
  const text = new Date(wallOfTime(timeMs, zone)).toISOString().replace(/(\.000)?Z$/, '');
  return text.replace('T', separator);
}

function offsetMs(timeMs: number, zone: string | undefined): number {
  const format = new Intl.DateTimeFormat('en-US', {
    ...(zone === undefined ? {} : { timeZone: zone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const seconds = Math.floor(timeMs / 1000) * 1000;
  const found = new Map(
    format.formatToParts(seconds).map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => found.get(name) ?? 0;
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wall - seconds;
}

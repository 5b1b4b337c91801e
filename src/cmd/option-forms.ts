/** What the value of a flag may look like: each form has a placeholder for help, a phrase for errors, a parser. */
import { parseDuration } from '../model/duration.ts';

export interface ValueForm<T> {
  /** In help: `<duration>`. */
  readonly placeholder: string;
  /** Completes "--flag=x is not …", with an example. */
  readonly accepts: string;
  /** Undefined when the text has not this form. */
  parse(text: string): T | undefined;
}

/** Any text. */
export const text: ValueForm<string> = {
  placeholder: '<text>',
  accepts: 'a text',
  parse: (given) => given,
};

/** A file or directory; whether it exists is for its reader to find out. */
export const path: ValueForm<string> = { ...text, placeholder: '<path>', accepts: 'a path' };

/** Milliseconds. */
export const duration: ValueForm<number> = {
  placeholder: '<duration>',
  accepts: 'a duration such as 30s, 1h30m or 15d',
  parse(given) {
    const parsed = parseDuration(given);
    return parsed === undefined || parsed < 0 ? undefined : parsed;
  },
};

export const wholeNumber: ValueForm<number> = {
  placeholder: '<number>',
  accepts: 'a whole number such as 20',
  parse: (given) => (/^[+-]?\d+$/.test(given) ? safe(Number(given)) : undefined),
};

export const decimal: ValueForm<number> = {
  placeholder: '<number>',
  accepts: 'a number such as 0.9',
  parse: (given) =>
    /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? Number(given) : undefined,
};

const BYTE_FORM = /^(\d+\.?\d*|\.\d+)([KMGTPE]?)(i?)B$/;

/** Bytes; the units are powers of 1024, written KB or KiB. */
export const byteSize: ValueForm<number> = {
  placeholder: '<bytes>',
  accepts: 'a size with its unit, such as 512KB, 250MB or 2GB',
  parse(given) {
    const match = BYTE_FORM.exec(given);
    if (match === null || (match[2] === '' && match[3] === 'i')) return undefined;
    return safe(Math.round(Number(match[1]) * 1024 ** ' KMGTPE'.indexOf(match[2] || ' ')));
  },
};

/** `host:port`, `:port` or `[::1]:port`; an empty host means every interface. */
export const hostPort: ValueForm<string> = {
  placeholder: '<host:port>',
  accepts: 'an address such as 127.0.0.1:9090 or :9090',
  parse(given) {
    const match = /^(\[[\da-fA-F:.]+\]|[^:[\]\s/]*):(\d{1,5})$/.exec(given);
    return match !== null && Number(match[2]) <= 65_535 ? given : undefined;
  },
};

/** An absolute http or https URL without a slash at its end. */
export const httpUrl: ValueForm<string> = {
  placeholder: '<url>',
  accepts: 'a URL such as http://localhost:9090',
  parse(given) {
    const isHttp = /^https?:\/\//.test(given) && URL.canParse(given);
    return isHttp ? given.replace(/\/+$/, '') : undefined;
  },
};

/** A moment, or a distance from now that is resolved anew at each use. */
export type TimeOrOffset =
  | { readonly kind: 'time'; readonly timeMs: number }
  | { readonly kind: 'offset'; readonly offsetMs: number };

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

export const timeOrOffset: ValueForm<TimeOrOffset> = {
  placeholder: '<time>',
  accepts: 'a time such as 2026-01-31T00:00:00Z, or relative to now such as -2w or 6h',
  parse(given) {
    if (RFC3339.test(given)) {
      const timeMs = Date.parse(given);
      return Number.isNaN(timeMs) ? undefined : { kind: 'time', timeMs };
    }
    const offsetMs = parseDuration(given);
    return offsetMs === undefined ? undefined : { kind: 'offset', offsetMs };
  },
};

/** Milliseconds since the epoch. */
export function resolveTime(value: TimeOrOffset, nowMs: number): number {
  return value.kind === 'time' ? value.timeMs : nowMs + value.offsetMs;
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): ValueForm<Word> {
  return {
    placeholder: `<${words.join('|')}>`,
    accepts: `one of ${words.join(', ')}`,
    parse: (given) => words.find((word) => word === given),
  };
}

/** A form whose values must also pass a test; `accepts` says which. */
export function restrict<T>(
  form: ValueForm<T>,
  accepts: string,
  holds: (value: T) => boolean,
): ValueForm<T> {
  return {
    ...form,
    accepts,
    parse(given) {
      const value = form.parse(given);
      return value !== undefined && holds(value) ? value : undefined;
    },
  };
}

function safe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

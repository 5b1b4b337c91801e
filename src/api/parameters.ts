/** Parameters of Prometheus' HTTP API, read from URL and form together, with Prometheus' error texts. */
import { OperationError } from '../base/errors.ts';
import { parsePrometheusDuration } from '../model/duration.ts';
import { quoteText } from '../model/labels-text.ts';

/** A text is Prometheus' way of saying which parameter is wrong: `invalid parameter "time": …`. */
export function invalidParameter(name: string, reason: string): OperationError {
  return new OperationError('bad-data', `invalid parameter ${quoteText(name)}: ${reason}`);
}

/** Unix seconds with fractions or RFC 3339; milliseconds, rounded. Without an initial value it must be there. */
export function timeParameter(query: URLSearchParams, name: string, initialMs?: number): number {
  const text = query.get(name) ?? '';
  if (text === '' && initialMs !== undefined) return initialMs;
  const time = parseTime(text);
  if (time !== undefined) return time;
  // Prometheus names a parameter that may be left out twice.
  const again = initialMs === undefined ? '' : `invalid time value for '${name}': `;
  throw invalidParameter(name, `${again}cannot parse ${quoteText(text)} to a valid timestamp`);
}

/** The earliest and latest times that Prometheus accepts as texts; they stand for "no bound". */
export const EARLIEST_TIME_MS = -9223309901257974;
export const LATEST_TIME_MS = 9223309901257974;
const EARLIEST_TIME_TEXT = '-292273086-05-16T16:47:06Z';
const LATEST_TIME_TEXT = '292277025-08-18T07:12:54.999999999Z';
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function parseTime(text: string): number | undefined {
  if (isNumberText(text)) {
    const milliseconds = Math.round(Number(text) * 1000);
    return Number.isFinite(milliseconds) ? milliseconds : undefined;
  }
  if (text === EARLIEST_TIME_TEXT) return EARLIEST_TIME_MS;
  if (text === LATEST_TIME_TEXT) return LATEST_TIME_MS;
  if (!RFC3339.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** Seconds with fractions, or a Prometheus duration; milliseconds. */
export function durationParameter(
  query: URLSearchParams,
  name: string,
  initialMs?: number,
): number {
  const text = query.get(name) ?? '';
  if (text === '' && initialMs !== undefined) return initialMs;
  return parseDuration(text, (reason) => invalidParameter(name, reason));
}

export function parseDuration(text: string, refuse: (reason: string) => OperationError): number {
  const cannot = `cannot parse ${quoteText(text)} to a valid duration`;
  if (isNumberText(text)) {
    const milliseconds = Number(text) * 1000;
    if (Math.abs(milliseconds) * 1e6 > 2 ** 63) throw refuse(`${cannot}. It overflows int64`);
    return Math.trunc(milliseconds);
  }
  const duration = parsePrometheusDuration(text);
  if (duration === undefined) throw refuse(cannot);
  return duration;
}

/** A whole number of at least 0; 0 stands for "no limit". */
export function limitParameter(query: URLSearchParams, name = 'limit'): number {
  const text = query.get(name) ?? '';
  if (text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) {
    throw invalidParameter(name, `strconv.Atoi: parsing ${quoteText(text)}: invalid syntax`);
  }
  const limit = Number(text);
  if (limit < 0 || !Number.isSafeInteger(limit)) {
    throw invalidParameter(name, 'limit must be non-negative');
  }
  return limit;
}

const TRUE_TEXTS = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE_TEXTS = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** What Go's strconv.ParseBool takes. */
export function switchParameter(query: URLSearchParams, name: string, initial: boolean): boolean {
  const text = query.get(name) ?? '';
  if (text === '') return initial;
  if (TRUE_TEXTS.has(text)) return true;
  if (FALSE_TEXTS.has(text)) return false;
  throw invalidParameter(name, `cannot parse ${quoteText(text)} to a valid boolean`);
}

/** Decimal numbers as clients write them; hexadecimal and empty texts are no numbers here. */
function isNumberText(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
}

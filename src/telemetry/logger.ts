/**
 * The log of a process: one line an event, as logfmt or JSON, with Thanos' keys (ts, caller, level, msg). Values whose
 * key speaks of a secret are never printed, nor are passwords inside URLs.
 */
import { pino } from 'pino';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
export type LogFormat = 'logfmt' | 'json';

/** Named values of an event. An Error prints its message and causes. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each of its lines. */
  with(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  /** Takes one line with its newline; must have written it when it returns. */
  write(line: string): void;
}

export function createLogger({ level, format, clock, write }: LoggerOptions): Logger {
  const print = format === 'json' ? write : (line: string) => write(toLogfmt(line));
  const sink = pino(
    {
      level,
      base: null,
      messageKey: 'msg',
      timestamp: () => `,"ts":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: print },
  );
  return loggerOver(sink, {});
}

/** Drops everything: for tests and for libraries used on their own. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLogger,
};

type Sink = Pick<ReturnType<typeof pino>, LogLevel | 'isLevelEnabled'>;

function loggerOver(sink: Sink, bound: LogFields): Logger {
  const log = (level: LogLevel, message: string, fields: LogFields): void => {
    if (!sink.isLevelEnabled(level)) return;
    sink[level]({ caller: callerOf(), ...safeFields(bound), ...safeFields(fields) }, message);
  };
  return {
    debug: (message, fields = {}) => log('debug', message, fields),
    info: (message, fields = {}) => log('info', message, fields),
    warn: (message, fields = {}) => log('warn', message, fields),
    error: (message, fields = {}) => log('error', message, fields),
    with: (fields) => loggerOver(sink, { ...bound, ...fields }),
  };
}

const SECRET_KEY = /passw|secret|token|authorization|credential|cookie|api_?key|access_?key/i;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi;
const RESERVED = new Set(['ts', 'caller', 'level', 'msg']);

function safeFields(fields: LogFields): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    safe[RESERVED.has(key) ? `${key}_` : key] = SECRET_KEY.test(key) ? '<redacted>' : plain(value);
  }
  return safe;
}

function plain(value: unknown): unknown {
  if (value instanceof Error) return withoutPasswords(errorText(value));
  if (typeof value === 'string') return withoutPasswords(value);
  return typeof value === 'bigint' ? value.toString() : value;
}

function withoutPasswords(text: string): string {
  return text.replace(URL_PASSWORD, '$1:<redacted>@');
}

/** file:line of the first stack frame outside this file. */
function callerOf(): string {
  const frames = (new Error().stack ?? '').split('\n');
  const frame = frames.slice(1).find((line) => !/telemetry\/logger\.[jt]s/.test(line)) ?? '';
  return /([^/\\(]+:\d+):\d+\)?$/.exec(frame)?.[1] ?? 'unknown';
}

/** One JSON line → `ts=… caller=… level=… msg="…" key=value …`. */
function toLogfmt(line: string): string {
  const { ts, caller, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries({ ts, caller, level, msg, ...fields });
  return `${pairs.map(([key, value]) => `${logfmtKey(key)}=${logfmtValue(value)}`).join(' ')}\n`;
}

function logfmtKey(key: string): string {
  return key.replace(/[\s="]/g, '_');
}

function logfmtValue(value: unknown): string {
  if (value === null) return 'null';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /^[^\s="\\\p{Cc}\p{Zl}\p{Zp}]+$/u.test(text) ? text : JSON.stringify(text);
}

/** A logger of the ingest thread: its lines are printed by the main thread. */
import { errorText } from '../base/errors.ts';
import type { LogFields, Logger, LogLevel } from '../telemetry/logger.ts';
import type { IngestEvent } from './protocol.ts';

export function threadLogger(post: (event: IngestEvent) => void, bound: LogFields = {}): Logger {
  const log =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      post({ kind: 'log', level, message, fields: plainFields({ ...bound, ...fields }) });
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: (fields) => threadLogger(post, { ...bound, ...fields }),
  };
}

/** Causes of errors do not cross threads. */
function plainFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? errorText(value) : value,
    ]),
  );
}

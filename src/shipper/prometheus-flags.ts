/**
 * Whether a Prometheus lets its blocks be uploaded: it must not compact those that are not, which it promises by equal
 * block durations, or by waiting for the list of uploaded blocks. Source: Thanos sidecar, validatePrometheus.
 */
import { normalize } from 'node:path';
import { OperationError } from '../base/errors.ts';
import { parseDuration } from '../model/duration.ts';

export interface FlagExpectation {
  /** Where thanos.shipper.json is written. */
  readonly uploadedPath: string;
  /** Uploads although Prometheus compacts. */
  readonly ignoresBlockSize: boolean;
}

const USUAL_BLOCK_MS = 7_200_000;
const MIN = 'storage.tsdb.min-block-duration';
const MAX = 'storage.tsdb.max-block-duration';
const DELAY = 'storage.tsdb.delay-compact-file.path';

/**
 * Of /api/v1/status/flags. Returns what deserves a warning. Throws OperationError 'bad-data' naming the flags and what
 * they should be when blocks could be lost or found twice.
 */
export function checkPrometheusFlags(
  flags: Readonly<Record<string, unknown>>,
  { uploadedPath, ignoresBlockSize }: FlagExpectation,
): readonly string[] {
  const text = (name: string): string => (typeof flags[name] === 'string' ? flags[name] : '');
  const delay = text(DELAY);
  if (delay !== '' && normalize(delay) !== normalize(uploadedPath)) {
    const paths = `Prometheus has --${DELAY}=${delay}, the sidecar writes ${uploadedPath}`;
    throw refused(`${paths}: they must be the same path`);
  }
  const warnings: string[] = [];
  const shortest = durationOf(text(MIN));
  if (shortest !== durationOf(text(MAX)) && delay === '') {
    const found = `Prometheus has --${MIN}=${text(MIN)} and --${MAX}=${text(MAX)}`;
    const how = `set both to 2h, or --${DELAY}=${uploadedPath}`;
    if (!ignoresBlockSize) throw refused(`${found}, so it compacts its blocks: ${how}`);
    warnings.push(`${found}: a block that it compacts before its upload is missing in the bucket`);
  }
  if (shortest !== USUAL_BLOCK_MS) {
    warnings.push(`Prometheus has --${MIN}=${text(MIN)}: only 2h is recommended`);
  }
  return warnings;
}

/** Milliseconds; what says nothing counts as none. */
function durationOf(text: string): number {
  return parseDuration(text) ?? 0;
}

function refused(why: string): OperationError {
  return new OperationError('bad-data', `cannot upload blocks: ${why}`);
}

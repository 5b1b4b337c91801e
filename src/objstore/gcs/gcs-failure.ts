/** What a refusal of Google Cloud Storage means. Source: "HTTP status and error codes for JSON" of its API. */
import type { ApiError } from '@google-cloud/storage';
import type { ErrorKind, OperationError } from '../../base/errors.ts';
import { type BucketCall, bucketError } from '../bucket-error.ts';

export function gcsError(error: unknown, bucket: string, call: BucketCall): OperationError {
  const { code, message = '' } = error as ApiError;
  const status = typeof code === 'number' ? code : 0;
  const kind = kindOf(status, message);
  const told = status === 0 ? message.split('\n')[0] : `${status}: ${message.split('\n')[0]}`;
  const reason = kind === 'not-found' ? {} : { reason: told };
  return bucketError({ kind, bucket, call, ...reason, cause: error });
}

/** Without a status nothing was answered. */
function kindOf(status: number, message: string): ErrorKind {
  if (status === 404) {
    return /bucket does not exist/i.test(message) ? 'unavailable' : 'not-found';
  }
  if (status === 401 || status === 403) return 'denied';
  if (/could not load the default credentials|invalid_grant/i.test(message)) return 'denied';
  if (status === 0 || status === 408 || status === 429 || status >= 500) return 'unavailable';
  return 'internal';
}

/** What a refusal of Azure Blob Storage means. Source: "Status and error codes" of its REST API. */
import type { RestError } from '@azure/storage-blob';
import { type ErrorKind, errorText, OperationError } from '../../base/errors.ts';
import { type BucketCall, bucketError } from '../bucket-error.ts';

interface Meaning {
  readonly kind: ErrorKind;
  readonly reason?: string;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  BlobNotFound: { kind: 'not-found' },
  ContainerNotFound: { kind: 'unavailable', reason: 'the container does not exist' },
  ContainerBeingDeleted: { kind: 'unavailable', reason: 'the container is being deleted' },
  AuthenticationFailed: { kind: 'denied', reason: 'the account or its key is wrong' },
  AuthorizationPermissionMismatch: { kind: 'denied', reason: 'access denied' },
  InsufficientAccountPermissions: { kind: 'denied', reason: 'access denied' },
  InvalidUri: { kind: 'bad-data', reason: 'a blob cannot have this name' },
  Md5Mismatch: { kind: 'unavailable', reason: 'the upload arrived with other bytes' },
};

export function azureError(error: unknown, bucket: string, call: BucketCall): OperationError {
  if (error instanceof OperationError) return error;
  const { statusCode = 0, message = '' } = error as RestError;
  const code = refusalCode(error);
  const { kind, reason } = MEANINGS[code] ?? meaningOfStatus(statusCode);
  const told = statusCode === 0 ? firstLine(message) : `${statusCode} ${code}`.trim();
  const text = kind === 'not-found' ? {} : { reason: reason ? `${reason} (${told})` : told };
  const cause = statusCode === 0 ? causeOf(error) : error;
  return bucketError({ kind, bucket, call, ...text, cause });
}

/** `BlobNotFound`; '' if there is none. An answer to HEAD has it in its head alone. */
export function refusalCode(error: unknown): string {
  const { code, details } = error as RestError;
  const inHead = (details as { readonly errorCode?: string } | undefined)?.errorCode;
  return inHead ?? code ?? '';
}

/** Without a status nothing was answered. */
function meaningOfStatus(status: number): Meaning {
  if (status === 0 || status === 408 || status === 429 || status >= 500) {
    return { kind: 'unavailable' };
  }
  if (status === 404) return { kind: 'not-found' };
  if (status === 401 || status === 403) return { kind: 'denied', reason: 'access denied' };
  return { kind: 'internal' };
}

function causeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? undefined : new Error(errorText(cause));
}

function firstLine(text: string): string {
  return text.split('\n')[0];
}

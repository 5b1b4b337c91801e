/** What went wrong with a bucket, in one form of words for all providers. */

import type { ErrorKind } from '../base/errors.ts';
import { OperationError } from '../base/errors.ts';
import type { BucketOperation } from './bucket.ts';

export interface BucketCall {
  readonly operation: BucketOperation;
  /** The object's name, or the directory's of a list. */
  readonly name: string;
}

const VERBS: Readonly<Record<BucketOperation, string>> = {
  iter: 'list',
  get: 'read',
  get_range: 'read a range of',
  attributes: 'ask for the attributes of',
  exists: 'look for',
  upload: 'upload',
  delete: 'delete',
};

export interface BucketFailure {
  readonly kind: ErrorKind;
  /** The bucket's name, which begins with its provider. */
  readonly bucket: string;
  readonly call: BucketCall;
  /** What is wrong and, if anybody can do something about it, what that is. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/** "cannot read 01J…/index of S3 bucket metrics: access denied". */
export function bucketError(failure: BucketFailure): OperationError {
  const { kind, bucket, call, reason, cause } = failure;
  const object = call.name === '' ? 'the root' : call.name;
  const what = `cannot ${VERBS[call.operation]} ${object} of bucket ${bucket}`;
  const message = reason === undefined ? what : `${what}: ${reason}`;
  return new OperationError(kind, message, cause === undefined ? {} : { cause });
}

/** Throws 'canceled' if the caller's signal says so. */
export function checkSignal(bucket: string, call: BucketCall, signal?: AbortSignal): void {
  if (signal?.aborted !== true) return;
  throw bucketError({ kind: 'canceled', bucket, call, cause: signal.reason });
}

/** False when what is asked for is not there; other failures are thrown. */
export async function isFound(asking: Promise<unknown>): Promise<boolean> {
  try {
    await asking;
    return true;
  } catch (error) {
    if (error instanceof OperationError && error.kind === 'not-found') return false;
    throw error;
  }
}

/** What an S3 server's refusal means. Source: Amazon S3 "Error responses", and what Ceph and others answer. */
import type { ErrorKind, OperationError } from '../../base/errors.ts';
import { type BucketCall, bucketError } from '../bucket-error.ts';
import type { WholeAnswer } from '../exchange.ts';
import { elementText } from './s3-xml.ts';

export interface S3Refusal {
  readonly status: number;
  /** `NoSuchKey`; '' where the answer has no body. */
  readonly code: string;
  readonly message: string;
  /** Where the server says that the bucket is; '' if it does not. */
  readonly region: string;
}

export function readRefusal({ status, headers, bytes }: WholeAnswer): S3Refusal {
  const xml = new TextDecoder().decode(bytes);
  return {
    status,
    code: elementText(xml, 'Code'),
    message: elementText(xml, 'Message'),
    region: headers['x-amz-bucket-region'] ?? elementText(xml, 'Region'),
  };
}

interface Meaning {
  readonly kind: ErrorKind;
  readonly reason?: string;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  NoSuchKey: { kind: 'not-found' },
  NoSuchBucket: { kind: 'unavailable', reason: 'the bucket does not exist' },
  AccessDenied: { kind: 'denied', reason: 'access denied: these keys do not have the right' },
  InvalidAccessKeyId: { kind: 'denied', reason: 'the server does not know the access key' },
  SignatureDoesNotMatch: { kind: 'denied', reason: 'the secret key is wrong' },
  ExpiredToken: { kind: 'denied', reason: 'the session token has expired' },
  InvalidToken: { kind: 'denied', reason: 'the session token is wrong' },
  RequestTimeTooSkewed: {
    kind: 'denied',
    reason: "this machine's clock differs from the server's: set it by NTP",
  },
  SlowDown: { kind: 'unavailable', reason: 'the server asks for fewer requests' },
  RequestTimeout: { kind: 'unavailable', reason: 'the server waited too long for the upload' },
  IncompleteBody: { kind: 'unavailable', reason: 'the upload did not arrive whole' },
  BadDigest: { kind: 'unavailable', reason: 'the upload arrived with other bytes' },
};

export function refusalError(refusal: S3Refusal, bucket: string, call: BucketCall): OperationError {
  const { kind, reason } = MEANINGS[refusal.code] ?? meaningOfStatus(refusal);
  const { status, code, message } = refusal;
  const told = [`${status} ${code}`.trim(), message].filter(Boolean).join(': ');
  const text = kind === 'not-found' ? undefined : [reason, `(${told})`].filter(Boolean).join(' ');
  return bucketError({ kind, bucket, call, ...(text === undefined ? {} : { reason: text }) });
}

function meaningOfStatus({ status, region }: S3Refusal): Meaning {
  if (status === 404) return { kind: 'not-found' };
  if (status === 401 || status === 403) return { kind: 'denied', reason: 'access denied' };
  if (status === 429 || status === 408 || status >= 500) return { kind: 'unavailable' };
  if (status === 301 || status === 307) {
    const where = region === '' ? 'elsewhere' : `in the region ${region}`;
    return { kind: 'internal', reason: `the bucket is ${where}: set region and endpoint` };
  }
  return { kind: 'internal' };
}

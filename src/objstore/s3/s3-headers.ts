/** Headers that new objects get by the configuration: encryption, metadata. Source: Amazon S3 "Server-side encryption". */
import { createHash } from 'node:crypto';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import type { S3Config, S3Encryption } from './s3-config.ts';

type Headers = Readonly<Record<string, string>>;

export interface ObjectHeaders {
  /** Of what makes an object. */
  readonly create: Headers;
  /** Of what reads or writes bytes of one: a customer's key is needed each time. */
  readonly access: Headers;
}

const OBJECT_HEADERS: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]);
const CUSTOMER_KEY_BYTES = 32;

/** Throws OperationError 'bad-data' for a customer's key that is none. */
export function objectHeaders(config: S3Config, files: FileSystem): ObjectHeaders {
  const metadata = config.userMetadata.map(([key, value]) => {
    const name = key.toLowerCase();
    const isKnown = name.startsWith('x-amz-') || OBJECT_HEADERS.has(name);
    return [isKnown ? name : `x-amz-meta-${name}`, value] as const;
  });
  const { encryption } = config;
  return {
    create: {
      'content-type': 'application/octet-stream',
      ...Object.fromEntries(metadata),
      ...serverKey(encryption),
    },
    access: encryption?.kind === 'SSE-C' ? customerKey(encryption.keyFile, files) : {},
  };
}

function serverKey(encryption: S3Encryption | undefined): Headers {
  const name = 'x-amz-server-side-encryption';
  if (encryption?.kind === 'SSE-S3') return { [name]: 'AES256' };
  if (encryption?.kind !== 'SSE-KMS') return {};
  const context = JSON.stringify(Object.fromEntries(encryption.context));
  return {
    [name]: 'aws:kms',
    [`${name}-aws-kms-key-id`]: encryption.keyId,
    [`${name}-context`]: Buffer.from(context).toString('base64'),
  };
}

function customerKey(path: string, files: FileSystem): Headers {
  const key = files.readFile(path);
  if (key.length !== CUSTOMER_KEY_BYTES) {
    const reason = `it has ${key.length} bytes instead of ${CUSTOMER_KEY_BYTES}`;
    throw new OperationError('bad-data', `cannot use ${path} as the key of SSE-C: ${reason}`);
  }
  const name = 'x-amz-server-side-encryption-customer';
  return {
    [`${name}-algorithm`]: 'AES256',
    [`${name}-key`]: Buffer.from(key).toString('base64'),
    [`${name}-key-md5`]: createHash('md5').update(key).digest('base64'),
  };
}

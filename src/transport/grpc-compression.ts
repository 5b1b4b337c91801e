/** Message encodings: gzip and snappy (the framed form, which is what Thanos registers under that name). */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { decodeSnappyFrames, encodeSnappyFrames } from '../wire/snappy.ts';

export interface MessageEncoding {
  /** As in grpc-encoding. */
  readonly name: string;
  encode(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Throws OperationError 'corrupt', or 'limit' above maxBytes. */
  decode(bytes: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array>;
}

/** By name. */
export type MessageEncodings = ReadonlyMap<string, MessageEncoding>;

export function messageEncodings(kernel: Kernel): MessageEncodings {
  const snappy: MessageEncoding = {
    name: 'snappy',
    encode: (message) => encodeSnappyFrames(kernel, message),
    decode: (bytes, maxBytes) => decodeSnappyFrames(kernel, bytes, maxBytes),
  };
  return new Map([snappy, gzipEncoding].map((encoding) => [encoding.name, encoding]));
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

export const gzipEncoding: MessageEncoding = {
  name: 'gzip',
  encode: (message) => compress(message, { level: 1 }),
  async decode(bytes, maxBytes) {
    try {
      return await decompress(bytes, { maxOutputLength: Math.max(1, maxBytes) });
    } catch (cause) {
      const isTooLarge = (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
      const what = `a gzip message of ${bytes.length} bytes`;
      throw isTooLarge
        ? new OperationError('limit', `cannot decode ${what}: more than ${maxBytes} bytes decoded`)
        : new OperationError('corrupt', `cannot decode ${what}`, { cause });
    }
  },
};

/** What grpc-accept-encoding says. */
export function acceptedEncodings(encodings: MessageEncodings): string {
  return ['identity', ...encodings.keys()].join(',');
}

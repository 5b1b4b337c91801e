/**
 * Marks beside a block's files: someone has decided that it is to be deleted, or is not to be compacted or downsampled.
 * Source: docs/formats/meta-json.md.
 */
import { errorText, OperationError } from '../base/errors.ts';
import { type Bucket, type CallOptions, readObject } from '../objstore/bucket.ts';

export type MarkKind = 'deletion' | 'no-compact' | 'no-downsample';

export interface BlockMark {
  readonly kind: MarkKind;
  readonly ulid: string;
  /** When it was set; kept in seconds. */
  readonly timeMs: number;
  /** For people. */
  readonly details: string;
  /** Not of deletion: `manual`, `index-size-exceeding`, … */
  readonly reason: string;
}

const VERSION = 1;
const TIME_MEMBERS: Readonly<Record<MarkKind, string>> = {
  deletion: 'deletion_time',
  'no-compact': 'no_compact_time',
  'no-downsample': 'no_downsample_time',
};

export function markName(ulid: string, kind: MarkKind): string {
  return `${ulid}/${kind}-mark.json`;
}

/**
 * Undefined where there is none. Throws OperationError 'corrupt' for one that cannot be read, which is not the same;
 * else as the bucket.
 */
export async function readMark(
  bucket: Bucket,
  ulid: string,
  kind: MarkKind,
  options: CallOptions = {},
): Promise<BlockMark | undefined> {
  const name = markName(ulid, kind);
  let bytes: Uint8Array;
  try {
    bytes = await readObject(bucket, name, options);
  } catch (error) {
    if (error instanceof OperationError && error.kind === 'not-found') return undefined;
    throw error;
  }
  return parseMark(bytes, kind, name);
}

/** `name` is for messages. Throws OperationError 'corrupt'. */
export function parseMark(bytes: Uint8Array, kind: MarkKind, name: string): BlockMark {
  const members = parseObject(bytes, name);
  if (members.version !== VERSION) {
    const found = JSON.stringify(members.version);
    throw damaged(name, `version is ${found}, ${VERSION} can be read`);
  }
  const { id, details = '', reason = '', [TIME_MEMBERS[kind]]: seconds = 0 } = members;
  if (typeof id !== 'string') throw damaged(name, 'id is no text');
  if (typeof details !== 'string') throw damaged(name, 'details is no text');
  if (typeof reason !== 'string') throw damaged(name, 'reason is no text');
  if (typeof seconds !== 'number' || !Number.isSafeInteger(1000 * seconds)) {
    throw damaged(name, `${TIME_MEMBERS[kind]} is no time in seconds`);
  }
  return { kind, ulid: id, timeMs: 1000 * seconds, details, reason };
}

/** The bytes that Thanos writes, but for its escapes of `<`, `>` and `&`. */
export function encodeMark({ kind, ulid, timeMs, details, reason }: BlockMark): Uint8Array {
  const members = {
    id: ulid,
    version: VERSION,
    ...(details === '' ? {} : { details }),
    [TIME_MEMBERS[kind]]: Math.floor(timeMs / 1000),
    ...(kind === 'deletion' ? {} : { reason }),
  };
  return new TextEncoder().encode(JSON.stringify(members));
}

function parseObject(bytes: Uint8Array, name: string): Readonly<Record<string, unknown>> {
  let members: unknown;
  try {
    members = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw damaged(name, `it is no JSON: ${errorText(error)}`);
  }
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    throw damaged(name, 'it holds no object');
  }
  return members as Readonly<Record<string, unknown>>;
}

function damaged(name: string, how: string): OperationError {
  return new OperationError('corrupt', `cannot read ${name}: ${how}`);
}

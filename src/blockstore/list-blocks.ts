/**
 * Which blocks a bucket holds. A block is there as soon as its meta.json is, which is uploaded last; a directory of a
 * block's name without it is a partial one. Everything else in the bucket is nobody's business here.
 */
import { eachConcurrently } from '../base/each-concurrently.ts';
import { isUlid } from '../base/ulid.ts';
import type { Bucket, CallOptions } from '../objstore/bucket.ts';
import { markName } from './marks.ts';

/** `recursive`: one list of everything. `concurrent`: one of the directories, then a question for each. */
export type DiscoveryStrategy = 'concurrent' | 'recursive';

export interface ListedBlocks {
  readonly complete: ReadonlyMap<string, ListedBlock>;
  readonly partial: ReadonlySet<string>;
}

export interface ListedBlock {
  /** Of its meta.json, where the list tells it. */
  readonly modifiedMs: number | undefined;
  /** Whether it has a deletion mark; undefined where the list does not tell. */
  readonly isMarked: boolean | undefined;
}

const EXISTS_CALLS_MAX = 64;
const META = 'meta.json';

/** Throws as the bucket: then nothing is known. */
export function listBlocks(
  bucket: Bucket,
  strategy: DiscoveryStrategy,
  options: CallOptions = {},
): Promise<ListedBlocks> {
  return strategy === 'recursive'
    ? listRecursively(bucket, options)
    : listConcurrently(bucket, options);
}

export function metaName(ulid: string): string {
  return `${ulid}/${META}`;
}

async function listRecursively(bucket: Bucket, options: CallOptions): Promise<ListedBlocks> {
  const complete = new Map<string, ListedBlock>();
  const partial = new Set<string>();
  const marked = new Set<string>();
  for await (const { name, modifiedMs } of bucket.list('', { ...options, recursive: true })) {
    const [ulid = '', ...rest] = name.split('/');
    if (!isUlid(ulid) || rest.length === 0) continue;
    if (name === markName(ulid, 'deletion')) marked.add(ulid);
    if (name === metaName(ulid)) complete.set(ulid, { modifiedMs, isMarked: false });
    else partial.add(ulid);
  }
  for (const [ulid, block] of complete) {
    partial.delete(ulid);
    if (marked.has(ulid)) complete.set(ulid, { ...block, isMarked: true });
  }
  return { complete, partial };
}

async function listConcurrently(bucket: Bucket, options: CallOptions): Promise<ListedBlocks> {
  const ulids: string[] = [];
  for await (const { name } of bucket.list('', options)) {
    const ulid = name.slice(0, -1);
    if (name.endsWith('/') && isUlid(ulid)) ulids.push(ulid);
  }
  const complete = new Map<string, ListedBlock>();
  const partial = new Set<string>();
  await eachConcurrently(ulids, EXISTS_CALLS_MAX, async (ulid) => {
    if (await bucket.exists(metaName(ulid), options)) {
      complete.set(ulid, { modifiedMs: undefined, isMarked: undefined });
    } else partial.add(ulid);
  });
  return { complete, partial };
}

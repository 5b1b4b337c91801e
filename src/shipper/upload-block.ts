/**
 * A block's way into a bucket: chunks, then index, then meta.json, whose presence says that the block is whole. What was
 * uploaded is asked for its size before meta.json follows. Source: docs/formats/meta-json.md; Thanos pkg/block, Upload.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError, toOperationError } from '../base/errors.ts';
import type { FileSystem, ReadableFile } from '../base/file-system.ts';
import { Gate } from '../base/gate.ts';
import { compareText } from '../model/labels.ts';
import type { Bucket, CallOptions } from '../objstore/bucket.ts';
import type { BucketCall } from '../objstore/bucket-error.ts';
import { pausesOf } from '../objstore/pause.ts';
import type { BlockMeta } from '../tsdb/block/meta.ts';
import {
  type BlockFile,
  printThanosBlockMeta,
  type ThanosMeta,
} from '../tsdb/block/thanos-meta.ts';
import { fileSource, sha256 } from './file-source.ts';

export const META_FILE = 'meta.json';
const INDEX_FILE = 'index';
const CHUNKS = 'chunks';

export type HashFunction = '' | 'SHA256';

export interface UploadParts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly bucket: Bucket;
  readonly hashFunction: HashFunction;
  /** Chunk files that are uploaded at once. */
  readonly concurrency: number;
}

export interface LocalBlock {
  /** Where its files lie; nobody else changes them. */
  readonly directory: string;
  readonly meta: BlockMeta;
  /** What meta.json shall say; files, segment files and time of the upload are filled in. */
  readonly section: ThanosMeta;
}

/**
 * Resolves when the whole block is in the bucket. Throws OperationError: the bucket's, 'bad-data' for a block without
 * external labels, 'corrupt' where the bucket holds something else than what was sent. What was uploaded until then
 * stays: the next attempt writes over it.
 */
export async function uploadBlock(
  parts: UploadParts,
  block: LocalBlock,
  options: CallOptions = {},
): Promise<void> {
  const { ulid } = block.meta;
  if (block.section.labels.length === 0) throw unlabeled(ulid);
  const { files, bucket, clock } = parts;
  const segmentFiles = files.list(`${block.directory}/${CHUNKS}`);
  const paths = [...segmentFiles.map((name) => `${CHUNKS}/${name}`), INDEX_FILE];
  const described: BlockFile[] = [];
  for (const path of paths) described.push(await describe(parts, block, { path, ...options }));
  const chunks = described.filter(({ path }) => path !== INDEX_FILE);
  const send = (file: BlockFile): Promise<void> => uploadFile(parts, block, file, options);
  await inTurns(chunks, Math.max(1, parts.concurrency), send);
  for (const file of described.slice(chunks.length)) await send(file);
  const meta: BlockFile = { path: META_FILE, sizeBytes: undefined, hash: undefined };
  const written = printThanosBlockMeta(block.meta, {
    ...block.section,
    segmentFiles,
    files: [...described, meta].sort((a, b) => compareText(a.path, b.path)),
    uploadTimeMs: clock.nowMs(),
  });
  const name = `${ulid}/${META_FILE}`;
  await bucket.upload(name, written, options);
  try {
    await verify(bucket, { name, sizeBytes: written.length }, options);
  } catch (error) {
    // It would pass for a whole block in the next attempt.
    if (toOperationError(error).kind === 'corrupt') await bucket.delete(name, options);
    throw error;
  }
}

async function uploadFile(
  { files, bucket }: UploadParts,
  { directory, meta }: LocalBlock,
  { path }: BlockFile,
  options: CallOptions,
): Promise<void> {
  const name = `${meta.ulid}/${path}`;
  using file = files.open(`${directory}/${path}`);
  await bucket.upload(name, fileSource(file), options);
  await verify(bucket, { name, sizeBytes: file.sizeBytes }, options);
}

async function verify(
  bucket: Bucket,
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
  options: CallOptions,
): Promise<void> {
  const found = await bucket.attributes(name, options);
  if (found.sizeBytes === sizeBytes) return;
  const what = `of ${sizeBytes} bytes has ${found.sizeBytes} in bucket ${bucket.name}`;
  throw new OperationError('corrupt', `cannot trust the upload of ${name}: what was ${what}`);
}

async function describe(
  { files, clock, bucket, hashFunction }: UploadParts,
  { directory, meta }: LocalBlock,
  { path, signal }: CallOptions & { readonly path: string },
): Promise<BlockFile> {
  using file: ReadableFile = files.open(`${directory}/${path}`);
  const { sizeBytes } = file;
  if (hashFunction === '') return { path, sizeBytes, hash: undefined };
  const call: BucketCall = { operation: 'upload', name: `${meta.ulid}/${path}` };
  const value = await sha256(file, pausesOf(clock, { bucket: bucket.name, call, signal }));
  return { path, sizeBytes, hash: { algorithm: hashFunction, value } };
}

/** At most so many at once. The first failure is thrown when those under way have ended; no other is begun. */
async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const gate = new Gate(atOnce);
  const stop = new AbortController();
  const results = items.map(async (item) => {
    const leave = await gate.enter();
    try {
      if (!stop.signal.aborted) await work(item);
    } catch (error) {
      stop.abort();
      throw error;
    } finally {
      leave();
    }
  });
  const ended = await Promise.allSettled(results);
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function unlabeled(ulid: string): OperationError {
  const what = 'give its Prometheus external labels that tell it from all others';
  return new OperationError('bad-data', `cannot upload block ${ulid} without labels: ${what}`);
}

/** A block as its meta.json in a bucket describes it. */
import { OperationError } from '../base/errors.ts';
import { type BlockMeta, parseBlockMeta } from '../tsdb/block/meta.ts';
import { parseThanosMeta, type ThanosMeta } from '../tsdb/block/thanos-meta.ts';

export interface StoredBlock extends BlockMeta {
  readonly thanos: ThanosMeta;
}

/** `name` is for messages. Throws OperationError 'corrupt', also for the file of another block. */
export function parseStoredBlock(bytes: Uint8Array, name: string, ulid: string): StoredBlock {
  const meta = parseBlockMeta(bytes, name);
  if (meta.ulid === ulid) return { ...meta, thanos: parseThanosMeta(meta, name) };
  throw new OperationError('corrupt', `cannot read ${name}: it is that of block ${meta.ulid}`);
}

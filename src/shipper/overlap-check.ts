/** Whether a compacted block covers time that the bucket has already, which would give each sample twice. */
import { OperationError } from '../base/errors.ts';
import { isUlid } from '../base/ulid.ts';
import type { Labels } from '../model/labels.ts';
import { type Bucket, type CallOptions, readObject } from '../objstore/bucket.ts';
import { type BlockMeta, parseBlockMeta } from '../tsdb/block/meta.ts';
import { parseThanosMeta } from '../tsdb/block/thanos-meta.ts';
import { META_FILE } from './upload-block.ts';

/** Asks the bucket at most once, when the first block has to be checked. */
export class OverlapCheck {
  readonly #bucket: Bucket;
  readonly #labels: Labels;
  #metas: BlockMeta[] | undefined;

  constructor(bucket: Bucket, labels: Labels) {
    this.#bucket = bucket;
    this.#labels = labels;
  }

  /** Throws OperationError: 'bad-data' naming a block that overlaps, or the bucket's. */
  async check(meta: BlockMeta, options: CallOptions): Promise<void> {
    this.#metas ??= await this.#readMetas(options);
    const other = this.#metas.find(
      ({ minTime, maxTime }) => minTime < meta.maxTime && meta.minTime < maxTime,
    );
    if (other === undefined) return;
    const range = (of: BlockMeta): string => `${of.ulid} [${of.minTime}, ${of.maxTime})`;
    const what = `it overlaps ${range(other)} of bucket ${this.#bucket.name}`;
    const how = 'upload the blocks that it was made of, or remove it';
    throw new OperationError(
      'bad-data',
      `cannot upload compacted block ${range(meta)}: ${what}; ${how}`,
    );
  }

  /** It is in the bucket now. */
  add(meta: BlockMeta): void {
    this.#metas?.push(meta);
  }

  async #readMetas(options: CallOptions): Promise<BlockMeta[]> {
    const metas: BlockMeta[] = [];
    for await (const { name } of this.#bucket.list('', options)) {
      const ulid = name.slice(0, -1);
      if (name.endsWith('/') && isUlid(ulid)) metas.push(...(await this.#read(ulid, options)));
    }
    return metas;
  }

  /** Nothing for a block of other labels, and for one that was not uploaded to its end. */
  async #read(ulid: string, options: CallOptions): Promise<BlockMeta[]> {
    const path = `${ulid}/${META_FILE}`;
    try {
      const meta = parseBlockMeta(await readObject(this.#bucket, path, options), path);
      const { labels } = parseThanosMeta(meta, path);
      return areEqual(labels, this.#labels) ? [meta] : [];
    } catch (error) {
      if (error instanceof OperationError && error.kind === 'not-found') return [];
      throw error;
    }
  }
}

function areEqual(a: Labels, b: Labels): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

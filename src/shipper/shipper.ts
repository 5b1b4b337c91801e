/**
 * Uploads the finished blocks of a database, oldest first, each once. It may be killed at any time: what a bucket holds is
 * decided by meta.json, which comes last, and thanos.shipper.json only saves questions. Files are linked aside while they
 * are uploaded, so that the database may compact and remove the block meanwhile. Source: Thanos pkg/shipper.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError, toOperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { type Labels, labelPairs, makeLabels } from '../model/labels.ts';
import type { Bucket, CallOptions } from '../objstore/bucket.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { BlockMeta } from '../tsdb/block/meta.ts';
import { type FoundBlock, type FoundBlocks, findLocalBlocks } from './local-blocks.ts';
import { OverlapCheck } from './overlap-check.ts';
import type { ShipperMetrics } from './shipper-metrics.ts';
import { type HashFunction, META_FILE, uploadBlock } from './upload-block.ts';
import { readUploadedFile, writeUploadedFile } from './uploaded-file.ts';

export interface ShipperOptions {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bucket: Bucket;
  readonly metrics: ShipperMetrics;
  readonly dataDirectory: string;
  /** Of thanos.shipper.json. */
  readonly uploadedPath: string;
  /** What meta.json says of who uploads: sidecar, receive, ruler. */
  readonly source: string;
  readonly hashFunction: HashFunction;
  /** Blocks that were compacted here are uploaded too. */
  readonly uploadsCompacted: boolean;
  /** Goes on with later blocks after one that failed. */
  readonly allowsOutOfOrder: boolean;
  /** Goes on although some blocks cannot be read. */
  readonly skipsCorrupted: boolean;
  readonly concurrency: number;
  /** External labels of now: each block gets those at the time of its upload. */
  labels(): Labels;
}

export class Shipper {
  readonly #options: ShipperOptions;
  #isCleaned = false;

  constructor(options: ShipperOptions) {
    this.#options = options;
  }

  /**
   * Uploads what is missing; gives the number of blocks. Throws OperationError 'canceled', that of the bucket or of
   * the files, or 'internal' when some blocks failed and others went through. Never twice at the same time.
   */
  async sync(signal?: AbortSignal): Promise<number> {
    const { metrics, uploadsCompacted } = this.#options;
    const pass: Pass = { uploaded: 0, failed: 0, unreadable: 0 };
    try {
      await this.#pass(pass, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) metrics.syncFailures.inc();
      throw error;
    }
    metrics.syncs.inc();
    metrics.corrupted.inc(pass.unreadable);
    if (pass.failed + pass.unreadable > 0) throw incomplete(pass);
    metrics.compactedDone.set(uploadsCompacted ? 1 : 0);
    return pass.uploaded;
  }

  async #pass(pass: Pass, call: CallOptions): Promise<void> {
    const { files, dataDirectory, bucket } = this.#options;
    this.#cleanOnce();
    const { blocks, unreadable } = this.#readable(findLocalBlocks(files, dataDirectory));
    pass.unreadable = unreadable.length;
    const known = this.#readUploaded();
    const ulids = blocks.map(({ meta }) => meta.ulid);
    const done = new Set(ulids.filter((ulid) => known?.includes(ulid)));
    const overlaps = new OverlapCheck(bucket, this.#options.labels());
    try {
      for (const block of blocks) {
        const { meta } = block;
        if (done.has(meta.ulid) || !this.#isWanted(meta)) continue;
        if (!(await bucket.exists(`${meta.ulid}/${META_FILE}`, call))) {
          if (!(await this.#ship(block, { pass, overlaps, call }))) continue;
        }
        done.add(meta.ulid);
      }
    } finally {
      const now = ulids.filter((ulid) => done.has(ulid));
      if (known?.join() !== now.join()) this.#writeUploaded(now);
    }
  }

  /** False when it failed and the pass goes on nevertheless. */
  async #ship(block: FoundBlock, { pass, overlaps, call }: Shipping): Promise<boolean> {
    const { logger, metrics, allowsOutOfOrder } = this.#options;
    const { meta } = block;
    if (meta.compaction.level > 1 && !allowsOutOfOrder) await overlaps.check(meta, call);
    try {
      await this.#upload(block, call);
    } catch (error) {
      if (call.signal?.aborted === true) throw error;
      metrics.uploadFailures.inc();
      if (!allowsOutOfOrder) throw error;
      logger.error('a block could not be uploaded', { block: meta.ulid, err: error });
      pass.failed++;
      return false;
    }
    overlaps.add(meta);
    pass.uploaded++;
    metrics.uploads.inc();
    logger.info('uploaded a block', { block: meta.ulid });
    return true;
  }

  async #upload({ meta, section }: FoundBlock, call: CallOptions): Promise<void> {
    const { files, source, labels } = this.#options;
    const directory = `${this.#uploadDirectory}/${meta.ulid}`;
    try {
      this.#link(meta.ulid, directory);
      const all = makeLabels([...labelPairs(section.labels), ...labelPairs(labels())]);
      const shipped = { ...section, source, labels: all };
      await uploadBlock(this.#options, { directory, meta, section: shipped }, call);
    } finally {
      files.remove(directory);
    }
  }

  #link(ulid: string, target: string): void {
    const { files, dataDirectory } = this.#options;
    const origin = `${dataDirectory}/${ulid}`;
    files.remove(target);
    files.makeDirectory(`${target}/chunks`);
    const chunks = files.list(`${origin}/chunks`).map((name) => `chunks/${name}`);
    for (const path of [...chunks, 'index']) files.link(`${origin}/${path}`, `${target}/${path}`);
  }

  get #uploadDirectory(): string {
    return `${this.#options.dataDirectory}/thanos/upload`;
  }

  /** What a shipper that was killed has left would hold the room of blocks that are long removed. */
  #cleanOnce(): void {
    if (!this.#isCleaned) this.#options.files.remove(this.#uploadDirectory);
    this.#isCleaned = true;
  }

  /** Only what came from a head once: compacted blocks hold what was uploaded before. */
  #isWanted({ stats, compaction }: BlockMeta): boolean {
    if (stats.numSamples === 0) return false;
    return compaction.level <= 1 || this.#options.uploadsCompacted;
  }

  #readable(found: FoundBlocks): FoundBlocks {
    const { logger, skipsCorrupted } = this.#options;
    for (const { ulid, reason } of found.unreadable) {
      if (!skipsCorrupted) throw reason;
      logger.error('a block cannot be read: it is not uploaded', { block: ulid, err: reason });
    }
    return found;
  }

  /** Undefined where there is none that can be read. */
  #readUploaded(): readonly string[] | undefined {
    const { files, logger, uploadedPath } = this.#options;
    try {
      return readUploadedFile(files, uploadedPath);
    } catch (error) {
      const { kind } = toOperationError(error);
      if (kind === 'not-found') logger.info('no list of uploaded blocks yet: the bucket is asked');
      else
        logger.error('the list of uploaded blocks cannot be read: the bucket is asked', {
          err: error,
        });
      return undefined;
    }
  }

  #writeUploaded(ulids: readonly string[]): void {
    const { files, logger, uploadedPath } = this.#options;
    try {
      writeUploadedFile(files, uploadedPath, ulids);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      logger.warn('the list of uploaded blocks cannot be written', { err: error });
    }
  }
}

interface Pass {
  uploaded: number;
  failed: number;
  unreadable: number;
}

interface Shipping {
  readonly pass: Pass;
  readonly overlaps: OverlapCheck;
  readonly call: CallOptions;
}

function incomplete({ uploaded, failed, unreadable }: Pass): OperationError {
  const what = `${failed} could not be uploaded, ${unreadable} could not be read`;
  return new OperationError(
    'internal',
    `cannot upload all blocks: ${what}, ${uploaded} went through`,
  );
}

/**
 * The blocks of a bucket: finds them, reads each meta.json once (it never changes but by being uploaded anew) and keeps
 * it on the disk, then lets filters decide which are served. What is unsound is set aside with its reason; everything
 * else goes on.
 */
import type { Clock } from '../base/clock.ts';
import { eachConcurrently } from '../base/each-concurrently.ts';
import { errorText, type OperationError, toOperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { isUlid } from '../base/ulid.ts';
import { type Bucket, readObject } from '../objstore/bucket.ts';
import type { Logger } from '../telemetry/logger.ts';
import { BLOCK_STATES, type BlockState, type FetchMetrics } from './fetch-metrics.ts';
import {
  type DiscoveryStrategy,
  type ListedBlock,
  type ListedBlocks,
  listBlocks,
  metaName,
} from './list-blocks.ts';
import type { BlockMark } from './marks.ts';
import { parseStoredBlock, type StoredBlock } from './stored-block.ts';

export interface FetchedBlocks {
  /** Those to serve, by ULID. */
  readonly blocks: ReadonlyMap<string, StoredBlock>;
  /** All others. */
  readonly setAside: ReadonlyMap<string, SetAsideBlock>;
  /** Deletion marks that are there, also those of blocks that are still served. */
  readonly marks: ReadonlyMap<string, BlockMark>;
  /** The view is not complete: a block that is missing may still be there. */
  readonly failure: OperationError | undefined;
}

export interface SetAsideBlock {
  readonly state: BlockState;
  readonly reason: string;
}

/** What filters work on, one after the other. */
export interface FilterRun {
  readonly blocks: ReadonlyMap<string, StoredBlock>;
  readonly listed: ReadonlyMap<string, ListedBlock>;
  readonly marks: Map<string, BlockMark>;
  readonly signal: AbortSignal | undefined;
  setAside(ulid: string, state: BlockState, reason: string): void;
  /** Something could not be found out; what is known is kept. */
  fail(error: unknown): void;
}

export type BlockFilter = (run: FilterRun) => Promise<void> | void;

export interface MetaFetcherOptions {
  readonly bucket: Bucket;
  readonly strategy: DiscoveryStrategy;
  /** meta.json files read at a time. */
  readonly concurrency: number;
  readonly files: FileSystem;
  /** Where meta.json files are kept: `<data-dir>/meta-syncer`. */
  readonly directory: string;
  readonly filters: readonly BlockFilter[];
  readonly metrics: FetchMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Files read from the disk without a pause: some milliseconds. */
const FILES_PER_SLICE = 50;

export class MetaFetcher {
  readonly #options: MetaFetcherOptions;
  #known: ReadonlyMap<string, KnownBlock> = new Map();
  #filesRead = 0;

  constructor(options: MetaFetcherOptions) {
    this.#options = options;
  }

  /** One at a time. Throws as the bucket where it cannot even be listed. */
  async fetch(signal?: AbortSignal): Promise<FetchedBlocks> {
    const { metrics, clock, logger } = this.#options;
    const sinceMs = clock.monotonicMs();
    metrics.syncs.inc();
    try {
      const fetched = await this.#fetch(signal);
      if (fetched.failure !== undefined) metrics.syncFailures.inc();
      logger.info('looked up the blocks of the bucket', {
        served: fetched.blocks.size,
        set_aside: fetched.setAside.size,
      });
      return fetched;
    } catch (error) {
      metrics.syncFailures.inc();
      throw error;
    } finally {
      metrics.syncDuration.observe((clock.monotonicMs() - sinceMs) / 1000);
    }
  }

  async #fetch(signal: AbortSignal | undefined): Promise<FetchedBlocks> {
    const { bucket, strategy, filters, metrics } = this.#options;
    metrics.baseSyncs.inc();
    const listed = await listBlocks(bucket, strategy, signalOf(signal));
    const view = new View(listed, signal);
    await this.#readAll(view);
    for (const filter of filters) await filter(view);
    const fetched = view.result();
    const counts = new Map<BlockState, number>([['loaded', fetched.blocks.size]]);
    for (const { state } of fetched.setAside.values()) {
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    for (const state of BLOCK_STATES) metrics.synced.set({ state }, counts.get(state) ?? 0);
    return fetched;
  }

  async #readAll(view: View): Promise<void> {
    const known = new Map<string, KnownBlock>();
    await eachConcurrently(view.listed, this.#options.concurrency, async ([ulid, listed]) => {
      try {
        const block = await this.#readOne(ulid, listed, view.signal);
        known.set(ulid, { block, modifiedMs: listed.modifiedMs });
        view.blocks.set(ulid, block);
      } catch (error) {
        if (view.signal?.aborted === true) throw error;
        view.refuse(ulid, toOperationError(error));
      }
    });
    // What could not be read this time may still be right.
    if (!view.isComplete) return;
    this.#known = known;
    this.#forgetOthers(known);
  }

  async #readOne(
    ulid: string,
    { modifiedMs }: ListedBlock,
    signal: AbortSignal | undefined,
  ): Promise<StoredBlock> {
    const known = this.#known.get(ulid);
    const isOutdated = known?.modifiedMs !== undefined && known.modifiedMs !== modifiedMs;
    if (known !== undefined && !isOutdated) return known.block;
    if (isOutdated) this.#options.metrics.cacheBusts.inc();
    const kept = isOutdated ? undefined : await this.#readKept(ulid);
    if (kept !== undefined) return kept;
    const name = metaName(ulid);
    const bytes = await readObject(this.#options.bucket, name, signalOf(signal));
    const block = parseStoredBlock(bytes, name, ulid);
    this.#keep(ulid, bytes);
    return block;
  }

  async #readKept(ulid: string): Promise<StoredBlock | undefined> {
    const { files, directory, clock, logger } = this.#options;
    const path = `${directory}/${metaName(ulid)}`;
    if (++this.#filesRead % FILES_PER_SLICE === 0) await clock.sleep(0);
    if (files.stat(path) === undefined) return undefined;
    try {
      return parseStoredBlock(files.readFile(path), path, ulid);
    } catch (error) {
      logger.warn('cannot read a kept meta.json, fetching it anew', { error: errorText(error) });
      return undefined;
    }
  }

  /** Not fsynced: what a loss of power leaves of it is fetched anew. */
  #keep(ulid: string, bytes: Uint8Array): void {
    const { files, directory, logger } = this.#options;
    const path = `${directory}/${metaName(ulid)}`;
    try {
      files.makeDirectory(`${directory}/${ulid}`);
      files.remove(`${path}.tmp`);
      files.append(`${path}.tmp`, bytes);
      files.rename(`${path}.tmp`, path);
    } catch (error) {
      logger.warn('cannot keep a meta.json, it will be fetched again', { error: errorText(error) });
    }
  }

  #forgetOthers(known: ReadonlyMap<string, KnownBlock>): void {
    const { files, directory, logger } = this.#options;
    try {
      if (files.stat(directory) === undefined) return;
      for (const name of files.list(directory)) {
        if (isUlid(name) && !known.has(name)) files.remove(`${directory}/${name}`);
      }
    } catch (error) {
      logger.warn('cannot remove kept meta.json files', { error: errorText(error) });
    }
  }
}

interface KnownBlock {
  readonly block: StoredBlock;
  readonly modifiedMs: number | undefined;
}

/** One look at the bucket while it is filtered. */
class View implements FilterRun {
  readonly blocks = new Map<string, StoredBlock>();
  readonly marks = new Map<string, BlockMark>();
  readonly listed: ReadonlyMap<string, ListedBlock>;
  readonly signal: AbortSignal | undefined;
  readonly #setAside = new Map<string, SetAsideBlock>();
  #failure: OperationError | undefined;

  constructor({ complete, partial }: ListedBlocks, signal: AbortSignal | undefined) {
    this.listed = complete;
    this.signal = signal;
    for (const ulid of partial) this.setAside(ulid, 'no-meta-json', NO_META);
  }

  get isComplete(): boolean {
    return this.#failure === undefined;
  }

  setAside(ulid: string, state: BlockState, reason: string): void {
    this.blocks.delete(ulid);
    this.#setAside.set(ulid, { state, reason });
  }

  fail(error: unknown): void {
    this.#failure ??= toOperationError(error);
  }

  /** Its meta.json cannot be had. */
  refuse(ulid: string, error: OperationError): void {
    if (error.kind === 'not-found') this.setAside(ulid, 'no-meta-json', NO_META);
    else if (error.kind === 'corrupt') {
      this.setAside(ulid, 'corrupted-meta-json', errorText(error));
    } else {
      this.setAside(ulid, 'failed', errorText(error));
      this.fail(error);
    }
  }

  result(): FetchedBlocks {
    const { blocks, marks } = this;
    return { blocks, marks, setAside: this.#setAside, failure: this.#failure };
  }
}

const NO_META = 'there is no meta.json: it is being uploaded or deleted, or either was broken off';

function signalOf(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

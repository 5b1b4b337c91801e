/**
 * The blocks that a database has now. Those that leave the list stay on the disk for a while: readers in other threads
 * learn of the new list a little later, and may just be opening one of the old.
 */
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { BlockMeta } from './block/meta.ts';
import { findBlocks, removeBlock, removeLeftovers, type StoredBlock } from './data-directory.ts';
import { beyondRetention, type Retention } from './retention.ts';

/** How long a block that has left the list can still be opened. */
const GRACE_MS = 60_000;

/** One block of the list. */
export interface BlockName {
  readonly ulid: string;
  /** Another one for each state of its deletions. */
  readonly version: number;
}

export interface BlockListOptions {
  readonly files: FileSystem;
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface BlockListCounters {
  reloads: number;
  reloadsFailed: number;
  timeRetentions: number;
  sizeRetentions: number;
}

export class BlockList {
  readonly #options: BlockListOptions;
  #blocks: readonly StoredBlock[] = [];
  readonly #versions = new Map<string, number>();
  /** ULID to the monotonic time at which it may go. */
  readonly #leaving = new Map<string, number>();
  readonly counters: BlockListCounters = {
    reloads: 0,
    reloadsFailed: 0,
    timeRetentions: 0,
    sizeRetentions: 0,
  };

  /** Removes leftovers and superseded blocks. Throws OperationError 'corrupt' for blocks that cannot be read. */
  constructor(options: BlockListOptions) {
    const { files, directory, log } = options;
    this.#options = options;
    for (const name of removeLeftovers(files, directory)) {
      log.info('removed an unfinished block', { name });
    }
    const { blocks, obsolete } = findBlocks(files, directory, []);
    this.#blocks = blocks;
    for (const ulid of obsolete) this.#remove(ulid);
  }

  /** Ascending by minTime. */
  get metas(): readonly BlockMeta[] {
    return this.#blocks.map(({ meta }) => meta);
  }

  get names(): readonly BlockName[] {
    return this.#blocks.map(({ meta }) => ({
      ulid: meta.ulid,
      version: this.#versions.get(meta.ulid) ?? 0,
    }));
  }

  get sizeBytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
  }

  /** Told when a block's deletions have changed. */
  touch(ulid: string): void {
    this.#versions.set(ulid, (this.#versions.get(ulid) ?? 0) + 1);
  }

  /**
   * Looks at the directory again, and takes what is superseded or beyond retention out of the list. Throws as the
   * constructor does; the list stays as it was then.
   */
  reload(retention: Retention, headBytes: number): void {
    const { files, directory, clock } = this.#options;
    this.counters.reloads++;
    try {
      const { blocks, obsolete } = findBlocks(files, directory, this.#blocks);
      const staying = blocks.filter(({ meta }) => !this.#leaving.has(meta.ulid));
      const expired = new Set(beyondRetention(staying, retention, headBytes));
      if (expired.size > 0) this.#countRetention(staying, retention);
      this.#blocks = staying.filter(({ meta }) => !expired.has(meta.ulid));
      const end = clock.monotonicMs() + GRACE_MS;
      for (const ulid of [...obsolete, ...expired]) {
        if (!this.#leaving.has(ulid)) this.#leaving.set(ulid, end);
      }
    } catch (error) {
      this.counters.reloadsFailed++;
      throw error;
    }
  }

  #countRetention(blocks: readonly StoredBlock[], retention: Retention): void {
    const byTime = beyondRetention(blocks, { ...retention, sizeBytes: 0 }, 0);
    if (byTime.length > 0) this.counters.timeRetentions++;
    else this.counters.sizeRetentions++;
  }

  /** Removes from the disk what left the list long enough ago. */
  sweep(): void {
    const now = this.#options.clock.monotonicMs();
    for (const [ulid, end] of this.#leaving) if (end <= now) this.#remove(ulid);
  }

  #remove(ulid: string): void {
    const { files, directory, log } = this.#options;
    removeBlock(files, directory, ulid);
    this.#leaving.delete(ulid);
    this.#versions.delete(ulid);
    log.info('removed an obsolete block', { ulid });
  }

  /** At the end no reader is left: removes all that left the list. */
  close(): void {
    for (const ulid of [...this.#leaving.keys()]) this.#remove(ulid);
  }
}

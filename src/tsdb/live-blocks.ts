/**
 * Blocks of a directory whose list changes while it is read: new ones come from the head and from compaction, old ones
 * go. A block that has left the list stays open until the last selection that uses it is disposed.
 */
import { assert } from '../base/assert.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Kernel } from '../base/kernel.ts';
import type { KernelPool } from '../base/kernel-pool.ts';
import type { ChunkQueryable, ChunkSeriesSet } from '../storage/chunk-queryable.ts';
import {
  compareTimes,
  type LabelsRequest,
  type LabelsResult,
  type Queryable,
  type SelectOptions,
  type SelectRequest,
  type SeriesSet,
} from '../storage/queryable.ts';
import { type Block, openBlock, overlaps } from './block/block.ts';
import { BlockChunkSet } from './block/block-chunk-set.ts';
import type { BlockName } from './block-list.ts';
import {
  createStorageCaches,
  labelNamesOf,
  labelValuesOf,
  type StorageCaches,
  selectSeries,
} from './blocks.ts';

interface Held {
  readonly name: BlockName;
  readonly block: Block;
  /** Selections that use it. */
  users: number;
  isRetired: boolean;
}

export interface LiveBlocksOptions {
  readonly files: FileSystem;
  readonly directory: string;
  /** Bytes of decoded samples, index pages and chunks kept in memory. */
  readonly cacheBytes: number;
  /** Where chunks are read to that are handed on. */
  readonly kernels: KernelPool;
}

export class LiveBlocks implements Queryable, ChunkQueryable, Disposable {
  readonly #options: LiveBlocksOptions;
  readonly #caches: StorageCaches;
  #held: readonly Held[] = [];

  constructor(options: LiveBlocksOptions) {
    this.#options = options;
    this.#caches = createStorageCaches(options.cacheBytes);
  }

  /**
   * From now on these are the blocks. Throws OperationError 'not-found' when one has been removed since the list was
   * made: whoever gave it has a newer one; the former list stays.
   */
  use(names: readonly BlockName[]): void {
    const kept = new Map(this.#held.map((held) => [keyOf(held.name), held]));
    if (names.length === kept.size && names.every((name) => kept.has(keyOf(name)))) return;
    using opened = new DisposableStack();
    const next = names.map((name): Held => {
      const known = kept.get(keyOf(name));
      if (known !== undefined) return known;
      const { files, directory } = this.#options;
      const block = opened.use(openBlock(files, `${directory}/${name.ulid}`, this.#caches));
      return { name, block, users: 0, isRetired: false };
    });
    opened.move();
    next.sort((a, b) => compareTimes(a.block.meta, b.block.meta));
    const staying = new Set(next);
    for (const held of this.#held) if (!staying.has(held)) retire(held);
    this.#held = next;
  }

  async select(request: SelectRequest, options: SelectOptions): Promise<SeriesSet> {
    const used = this.#overlapping(request);
    const { columns } = this.#caches;
    const set = selectSeries({ blocks: used.map(({ block }) => block), columns }, request, options);
    return new LeasedSeries(set, lease(used));
  }

  async selectChunks(request: SelectRequest, options: SelectOptions): Promise<ChunkSeriesSet> {
    const used = this.#overlapping(request);
    const { columns } = this.#caches;
    const set = selectSeries({ blocks: used.map(({ block }) => block), columns }, request, options);
    const isBare = request.hints.func === 'series';
    const lent = this.#options.kernels.borrow();
    const end = lease(used);
    return new BlockChunkSet(set, {
      kernel: lent.kernel,
      isBare,
      end: () => {
        end();
        lent[Symbol.dispose]();
      },
    });
  }

  async labelNames(request: LabelsRequest, options: SelectOptions): Promise<LabelsResult> {
    return labelNamesOf(this.#blocks, request, options);
  }

  async labelValues(
    name: string,
    request: LabelsRequest,
    options: SelectOptions,
  ): Promise<LabelsResult> {
    return labelValuesOf(this.#blocks, name, request, options);
  }

  get #blocks(): readonly Block[] {
    return this.#held.map(({ block }) => block);
  }

  #overlapping({ minTime, maxTime }: SelectRequest): readonly Held[] {
    return this.#held.filter(({ block }) => overlaps(block, minTime, maxTime));
  }

  /** Those in use are closed when they are no longer. */
  [Symbol.dispose](): void {
    for (const held of this.#held) retire(held);
    this.#held = [];
  }
}

function keyOf({ ulid, version }: BlockName): string {
  return `${ulid}/${version}`;
}

function retire(held: Held): void {
  held.isRetired = true;
  if (held.users === 0) held.block[Symbol.dispose]();
}

/** The function that ends the use; more calls of it do nothing. */
function lease(used: readonly Held[]): () => void {
  for (const held of used) held.users++;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    for (const held of used) {
      assert(--held.users >= 0, `${held.users} users of a block`);
      if (held.isRetired && held.users === 0) held.block[Symbol.dispose]();
    }
  };
}

class LeasedSeries implements SeriesSet {
  readonly #set: SeriesSet;
  readonly #end: () => void;

  constructor(set: SeriesSet, end: () => void) {
    this.#set = set;
    this.#end = end;
  }

  get warnings(): readonly string[] {
    return this.#set.warnings;
  }

  next(): boolean {
    return this.#set.next();
  }

  get labels() {
    return this.#set.labels;
  }

  read(kernel: Kernel) {
    return this.#set.read(kernel);
  }

  [Symbol.dispose](): void {
    this.#set[Symbol.dispose]();
    this.#end();
  }
}

/**
 * Head and blocks as one storage, for whoever is not the ingest thread: it asks that thread for the head's part, and
 * reads the blocks of the same moment from their files.
 */
import { OperationError } from '../base/errors.ts';
import type { ChunkQueryable } from '../storage/chunk-queryable.ts';
import { mergeChunkQueryables, mergeQueryables } from '../storage/merge-queryables.ts';
import type { Queryable } from '../storage/queryable.ts';
import { headQueryable } from '../tsdb/head/head-queryable.ts';
import { ChunkPages } from '../tsdb/head-chunks/chunk-pages.ts';
import { LiveBlocks, type LiveBlocksOptions } from '../tsdb/live-blocks.ts';
import { TextCache } from '../wire/text-cache.ts';
import type { HeadReply } from './protocol.ts';

/** Asks the ingest thread the command `head`. */
export type AskHead = (request: unknown, signal: AbortSignal) => Promise<unknown>;

/** A block may be removed while its name is on the way here: the next answer knows better. */
const ATTEMPTS_MAX = 5;
/** Chunks of a head of 100,000 series in the last hour or two. */
const PAGES_BYTES_MAX = 64 << 20;

export class StorageReader implements Disposable {
  readonly #blocks: LiveBlocks;
  readonly #options: LiveBlocksOptions;
  readonly #pages: ChunkPages;
  readonly #texts: TextCache = new TextCache();

  constructor(options: LiveBlocksOptions) {
    this.#options = options;
    this.#blocks = new LiveBlocks(options);
    this.#pages = new ChunkPages(Math.min(PAGES_BYTES_MAX, options.cacheBytes / 4));
  }

  /** The storage as one query sees it. */
  open(ask: AskHead): Queryable & ChunkQueryable {
    const { files, directory, kernels } = this.#options;
    const head = headQueryable({
      files,
      directory,
      kernels,
      pages: this.#pages,
      texts: this.#texts,
      call: (request, signal) => this.#ask(ask, request, signal),
    });
    // The head first: its answer brings the list of blocks that the others read.
    return {
      ...mergeQueryables([head, this.#blocks]),
      ...mergeChunkQueryables([head, this.#blocks]),
    };
  }

  async #ask(ask: AskHead, request: unknown, signal: AbortSignal): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const { blocks, head } = (await ask(request, signal)) as HeadReply;
      try {
        this.#blocks.use(blocks);
        return head;
      } catch (error) {
        const isGone = error instanceof OperationError && error.kind === 'not-found';
        if (!isGone || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#blocks[Symbol.dispose]();
  }
}

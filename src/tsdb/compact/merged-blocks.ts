/** Several blocks, or one with deletions, as the source of a new one. */
import type { FileSystem } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { TimeRange } from '../../storage/queryable.ts';
import type { BlockSource, SourceChunk } from '../block/block-writer.ts';
import type { SeriesBuffer } from '../block/series-buffer.ts';
import { PageCache } from '../page-cache.ts';
import { BlockCursor, compareSymbols } from './block-cursor.ts';
import { mergeSymbols } from './merge-symbols.ts';
import { joinChunks, trimChunks } from './rewrite-chunks.ts';

/** Pages of all index files together. */
const PAGES_BYTES = 32 << 20;

export interface MergedBlocksOptions {
  readonly files: FileSystem;
  /** Of the blocks, ascending in time. */
  readonly directories: readonly string[];
  /** For chunks that are decoded. */
  readonly kernel: Kernel;
  /** Times of which samples are taken, both inclusive. */
  readonly range: TimeRange;
}

export class MergedBlocks implements BlockSource, Disposable {
  readonly #kernel: Kernel;
  readonly #range: TimeRange;
  readonly #cursors: readonly BlockCursor[];
  readonly #held: DisposableStack;
  /** Those that stand on a series. */
  #live: BlockCursor[];
  /** Those that stand on the current series. */
  #current: readonly BlockCursor[] = [];
  #isStarted = false;

  constructor({ files, directories, kernel, range }: MergedBlocksOptions) {
    const cache = new PageCache(PAGES_BYTES);
    using opened = new DisposableStack();
    this.#cursors = directories.map((directory) =>
      opened.use(new BlockCursor(files, directory, cache, range)),
    );
    this.#live = [...this.#cursors];
    this.#kernel = kernel;
    this.#range = range;
    this.#held = opened.move();
  }

  *symbols(): Iterable<string> {
    const tables = this.#cursors.map(({ index }) => index.symbols);
    const translations = this.#cursors.map(({ translation }) => translation);
    yield* mergeSymbols(tables, translations);
  }

  next(series: SeriesBuffer): boolean {
    // Symbols are known only when the first series is asked for.
    const moved = this.#isStarted ? this.#current : this.#live;
    this.#isStarted = true;
    const ended = new Set(moved.filter((cursor) => !cursor.next()));
    if (ended.size > 0) this.#live = this.#live.filter((cursor) => !ended.has(cursor));
    let [least] = this.#live;
    if (least === undefined) return false;
    for (const cursor of this.#live) {
      if (compareSymbols(cursor.labels, least.labels) < 0) least = cursor;
    }
    const { labels } = least;
    this.#current = this.#live.filter((cursor) => compareSymbols(cursor.labels, labels) === 0);
    series.setLabels(labels);
    series.setChunks(this.#chunks());
    return true;
  }

  #chunks(): readonly SourceChunk[] {
    const parts = this.#current.map((cursor) => this.#cleanChunks(cursor));
    const [only = []] = parts;
    if (parts.length === 1) return only;
    const sorted = parts.flat().sort((a, b) => a.minTime - b.minTime);
    return groupOverlapping(sorted).flatMap((group) =>
      group.length === 1 ? group : joinChunks(this.#kernel, group),
    );
  }

  /** Without what is deleted or lies outside of the range. */
  #cleanChunks(cursor: BlockCursor): readonly SourceChunk[] {
    const kept = { ...this.#range, deleted: cursor.deleted };
    return trimChunks(this.#kernel, cursor.chunks(), kept);
  }

  [Symbol.dispose](): void {
    this.#held[Symbol.dispose]();
  }
}

/** Runs of chunks that reach into each other; what is stored twice is taken once. */
function groupOverlapping(sorted: readonly SourceChunk[]): SourceChunk[][] {
  const groups: SourceChunk[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const chunk of sorted) {
    const group = groups.at(-1);
    if (group === undefined || chunk.minTime > end) groups.push([chunk]);
    else if (!group.some((other) => isSame(other, chunk))) group.push(chunk);
    end = Math.max(end, chunk.maxTime);
  }
  return groups;
}

function isSame(a: SourceChunk, b: SourceChunk): boolean {
  return (
    a.minTime === b.minTime &&
    a.maxTime === b.maxTime &&
    a.encoding === b.encoding &&
    Buffer.compare(a.data, b.data) === 0
  );
}

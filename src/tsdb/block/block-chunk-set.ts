/** Chunks of series of several blocks as they are stored, less what was deleted, for who hands them on. */
import type { Kernel } from '../../base/kernel.ts';
import { allocChunkTable } from '../../chunk/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { ChunkSeriesSet, EncodedChunk } from '../../storage/chunk-queryable.ts';
import { compareTimes } from '../../storage/queryable.ts';
import { trimChunks } from '../compact/rewrite-chunks.ts';
import type { BlockSeries } from './block-series.ts';
import type { BlockSeriesSet } from './block-series-set.ts';

export interface BlockChunkSetOptions {
  /** Chunks are read into its arena. */
  readonly kernel: Kernel;
  /** Series come without chunks. */
  readonly isBare: boolean;
  readonly end: () => void;
}

export class BlockChunkSet implements ChunkSeriesSet {
  readonly #set: BlockSeriesSet;
  readonly #options: BlockChunkSetOptions;
  readonly #mark: number;

  constructor(set: BlockSeriesSet, options: BlockChunkSetOptions) {
    this.#set = set;
    this.#options = options;
    this.#mark = options.kernel.arena.mark();
  }

  get warnings(): readonly string[] {
    return this.#set.warnings;
  }

  get labels(): Labels {
    return this.#set.labels;
  }

  next(): boolean {
    this.#options.kernel.arena.release(this.#mark);
    return this.#set.next();
  }

  chunks(): readonly EncodedChunk[] {
    const { kernel, isBare } = this.#options;
    if (isBare) return [];
    const { parts } = this.#set;
    const tables = parts.map(({ block, chunks }) => {
      const table = allocChunkTable(kernel, chunks.count);
      block.segments.read(kernel, chunks, table, 0);
      return table;
    });
    const kept = parts.map((part, i) => withoutDeleted(kernel, part, tables[i] as number));
    // Memory may have moved until now: views are taken when all lie there.
    const found = parts.flatMap(
      (part, i) => kept[i] ?? chunksOf(kernel, part, tables[i] as number),
    );
    return parts.length === 1 ? found : found.sort(compareTimes);
  }

  [Symbol.dispose](): void {
    this.#options.kernel.arena.release(this.#mark);
    this.#set[Symbol.dispose]();
    this.#options.end();
  }
}

/** Copies, encoded anew where something of them was deleted; undefined when nothing of the series was. */
function withoutDeleted(
  kernel: Kernel,
  part: BlockSeries,
  table: number,
): readonly EncodedChunk[] | undefined {
  const { deleted } = part;
  if (deleted.length === 0) return undefined;
  const copies = chunksOf(kernel, part, table).map((chunk) => ({
    ...chunk,
    data: chunk.data.slice(),
  }));
  return trimChunks(kernel, copies, { minTime: -Infinity, maxTime: Infinity, deleted });
}

function chunksOf(kernel: Kernel, { chunks }: BlockSeries, table: number): EncodedChunk[] {
  const { u8, u32 } = kernel;
  return Array.from({ length: chunks.count }, (_, i) => {
    const at = (table >>> 2) + 4 * i;
    const address = u32[at] as number;
    const length = u32[at + 1] as number;
    return {
      minTime: chunks.minTimes[i] as number,
      maxTime: chunks.maxTimes[i] as number,
      encoding: u32[at + 2] as number,
      data: u8.subarray(address, address + length),
    };
  });
}

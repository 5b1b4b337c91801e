/** A cursor over the series of one block that have chunks in a range of time, in label order. */
import { type Labels, NO_LABELS } from '../../model/labels.ts';
import { ChunkList } from '../index/chunk-list.ts';
import type { WantedChunks } from '../index/index-reader.ts';
import type { Postings } from '../index/postings.ts';
import type { Block } from './block.ts';
import { type Interval, isDeleted } from './tombstones.ts';

export class BlockSeries {
  readonly block: Block;
  readonly #postings: Postings;
  readonly #wanted: WantedChunks;
  #at = -1;
  /** Of the current series. */
  labels: Labels = NO_LABELS;
  /** Of the current series: those that overlap the range and are not wholly deleted. Never empty. */
  readonly chunks: ChunkList = new ChunkList();

  constructor(block: Block, postings: Postings, minTime: number, maxTime: number) {
    this.block = block;
    this.#postings = postings;
    this.#wanted = { chunks: this.chunks, minTime, maxTime };
  }

  next(): boolean {
    const { index, tombstones } = this.block;
    while (++this.#at < this.#postings.length) {
      const reference = this.#postings[this.#at] as number;
      this.labels = index.series(reference, this.#wanted);
      const deleted = tombstones.get(reference);
      if (deleted !== undefined) {
        this.chunks.drop((first, last) => isDeleted(deleted, first, last));
      }
      if (this.chunks.count > 0) return true;
    }
    return false;
  }

  /** Deleted stretches of the current series. */
  get deleted(): readonly Interval[] {
    return this.block.tombstones.get(this.#postings[this.#at] as number) ?? NOTHING;
  }
}

const NOTHING: readonly Interval[] = [];

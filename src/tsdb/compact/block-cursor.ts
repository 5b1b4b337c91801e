/** The series of one block that goes into another one: labels as numbers of the common symbols, chunks as bytes. */
import type { FileSystem } from '../../base/file-system.ts';
import type { TimeRange } from '../../storage/queryable.ts';
import type { SourceChunk } from '../block/block-writer.ts';
import { ChunkReader } from '../block/chunk-reader.ts';
import { type Interval, isDeleted, readTombstones, type Tombstones } from '../block/tombstones.ts';
import { ChunkList } from '../index/chunk-list.ts';
import { type IndexReader, openIndex, type WantedChunks } from '../index/index-reader.ts';
import { grown } from '../index/label-pairs.ts';
import type { Postings } from '../index/postings.ts';
import type { PageCache } from '../page-cache.ts';
import { roomForTranslation, type Translation } from './merge-symbols.ts';

export class BlockCursor implements Disposable {
  readonly index: IndexReader;
  readonly translation: Translation;
  readonly #chunks: ChunkReader;
  readonly #tombstones: Tombstones;
  readonly #postings: Postings;
  readonly #wanted: WantedChunks;
  #at = -1;
  #labels = new Uint32Array(32);
  #labelCount = 0;

  /** @param range times of which samples are taken, both inclusive. */
  constructor(files: FileSystem, directory: string, cache: PageCache, range: TimeRange) {
    this.#tombstones = readTombstones(files, directory);
    using opened = new DisposableStack();
    this.index = opened.use(openIndex(files, `${directory}/index`, cache));
    this.#chunks = opened.use(new ChunkReader(files, `${directory}/chunks`));
    this.translation = roomForTranslation(this.index.symbols);
    this.#postings = this.index.allPostings();
    this.#wanted = { chunks: new ChunkList(), ...range };
    opened.move();
  }

  /** Series of which nothing is left are passed over. */
  next(): boolean {
    const { chunks } = this.#wanted;
    while (++this.#at < this.#postings.length) {
      this.#labelCount = 0;
      this.index.seriesSymbols(this.#postings[this.#at] as number, this.#wanted, this.#addLabel);
      const { deleted } = this;
      if (deleted.length > 0) chunks.drop((first, last) => isDeleted(deleted, first, last));
      if (chunks.count > 0) return true;
    }
    return false;
  }

  readonly #addLabel = (symbol: number): void => {
    if (this.#labelCount === this.#labels.length) this.#labels = grown(this.#labels);
    this.#labels[this.#labelCount++] = this.translation[symbol] as number;
  };

  /** Of the current series: numbers of common symbols. */
  get labels(): Uint32Array {
    return this.#labels.subarray(0, this.#labelCount);
  }

  /** Deleted stretches of the current series. */
  get deleted(): readonly Interval[] {
    return this.#tombstones.get(this.#postings[this.#at] as number) ?? NOTHING;
  }

  /** Reads the chunks of the current series. */
  chunks(): SourceChunk[] {
    const { minTimes, maxTimes, references, count } = this.#wanted.chunks;
    const found: SourceChunk[] = [];
    for (let i = 0; i < count; i++) {
      const { encoding, data } = this.#chunks.read(references[i] as number);
      const times = { minTime: minTimes[i] as number, maxTime: maxTimes[i] as number };
      found.push({ ...times, encoding, data });
    }
    return found;
  }

  [Symbol.dispose](): void {
    this.#chunks[Symbol.dispose]();
    this.index[Symbol.dispose]();
  }
}

const NOTHING: readonly Interval[] = [];

/** Series order by numbers of one table, whose texts ascend. */
export function compareSymbols(a: Uint32Array, b: Uint32Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = (a[i] as number) - (b[i] as number);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

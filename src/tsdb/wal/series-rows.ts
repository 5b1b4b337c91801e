/** The series of a record as rows in kernel memory (kernel/wal-read.ts, walSeriesRows). */
import { OperationError } from '../../base/errors.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { Labels } from '../../model/labels.ts';
import { ByteCursor } from '../byte-cursor.ts';
import type { SeriesBatch } from './wal-records.ts';

const ROW_BYTES = 24;
const ROWS_MAX = 4096;
const TEXT_BYTES = 1 << 20;

export class SeriesRows {
  readonly #kernel: Kernel;
  readonly #rows: number;
  readonly #texts: number;
  readonly #stop: number;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#rows = kernel.arena.alloc(ROW_BYTES * ROWS_MAX);
    this.#texts = kernel.arena.alloc(TEXT_BYTES);
    this.#stop = kernel.arena.alloc(16);
  }

  /** Batches of a record, whose bytes are in kernel memory. Throws OperationError 'corrupt'. */
  *batches(cursor: ByteCursor): Generator<SeriesRowBatch> {
    const { exports } = this.#kernel;
    const end = cursor.bytes.byteOffset + cursor.end;
    for (let at = cursor.bytes.byteOffset + cursor.at; at < end; ) {
      const count = exports.walSeriesRows(
        at,
        end,
        this.#rows,
        ROWS_MAX,
        this.#texts,
        TEXT_BYTES,
        this.#stop,
      );
      if (count === 0) throw new OperationError('corrupt', 'a record of series is malformed');
      at = this.#kernel.u32[this.#stop >>> 2] as number;
      yield new SeriesRowBatch(this.#kernel, this.#rows, count);
    }
  }
}

/** Valid until the next batch. */
export class SeriesRowBatch implements SeriesBatch {
  readonly count: number;
  readonly #kernel: Kernel;
  readonly #rows: number;

  constructor(kernel: Kernel, rows: number, count: number) {
    this.#kernel = kernel;
    this.#rows = rows;
    this.count = count;
  }

  ref(i: number): number {
    return this.#kernel.f64[(this.#rows + ROW_BYTES * i) >>> 3] as number;
  }

  labelsAddress(i: number): number {
    return this.#word(i, 4);
  }

  labelsLength(i: number): number {
    return this.#word(i, 5);
  }

  labels(i: number): Labels {
    const cursor = new ByteCursor(Buffer.from(this.rawLabels(i)));
    const texts: string[] = [];
    for (let left = 2 * cursor.uvarint(); left > 0; left--) texts.push(cursor.text());
    return texts;
  }

  /** As they stand in the record. */
  rawLabels(i: number): Uint8Array {
    const at = this.#word(i, 2);
    return this.#kernel.u8.subarray(at, at + this.#word(i, 3));
  }

  #word(i: number, word: number): number {
    return this.#kernel.u32[((this.#rows + ROW_BYTES * i) >>> 2) + word] as number;
  }
}

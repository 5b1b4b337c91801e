/** Series that have to be put in order as a whole, within a budget of bytes. */
import { OperationError } from '../base/errors.ts';
import { compareLabels, type Labels } from '../model/labels.ts';
import type { SeriesBatch } from './source-batch.ts';

/** What a series costs besides its bytes: the entry, its labels' array and texts. */
const ENTRY_BYTES = 200;

interface Entry {
  readonly labels: Labels;
  readonly field: Uint8Array;
}

export class SeriesSort {
  readonly #budgetBytes: number;
  readonly #entries: Entry[] = [];
  #usedBytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /**
   * @param field the series encoded as field 1 of SeriesResponse.
   * Throws OperationError 'limit' when the budget is spent.
   */
  add(labels: Labels, field: Uint8Array): void {
    this.#usedBytes += ENTRY_BYTES + field.length;
    if (this.#usedBytes > this.#budgetBytes) {
      const held = `${this.#entries.length} series hold ${this.#usedBytes} bytes`;
      throw new OperationError(
        'limit',
        `cannot sort the series: ${held}, ${this.#budgetBytes} are allowed; ask for less time or fewer series`,
      );
    }
    this.#entries.push({ labels, field });
  }

  /** Series in order, parts of one label set in the order in which they came; at most `limit` label sets. */
  moveTo(batch: SeriesBatch, limit: number): void {
    const sorted = this.#entries.splice(0).sort((a, b) => compareLabels(a.labels, b.labels));
    let distinct = 0;
    let last: Labels | undefined;
    for (const { labels, field } of sorted) {
      if (last === undefined || compareLabels(last, labels) !== 0) distinct++;
      if (limit > 0 && distinct > limit) break;
      last = labels;
      if (batch.isFull) batch.close();
      batch.addField(field);
    }
    batch.close();
  }
}

/**
 * Keeps a stream of series sorted while labels are added to all of them. Two series of a sorted stream change
 * places only if the labels of one are the beginning of the other's and the next label of the other comes
 * before an added one: with `replica` added, {a="1"} must wait for {a="1", b="2"}, but not for {a="1", z="2"}.
 * Whoever must wait is taken back out of the open batch, and put in again after the last that overtakes it.
 * What waits at one time is a chain of label sets, each the beginning of the next, so it is a stack.
 */
import { OperationError } from '../base/errors.ts';
import { printLabels } from '../model/labels-text.ts';
import type { ChunkedSeries } from '../remote/chunked-series.ts';
import { TextCache } from '../wire/text-cache.ts';
import { seriesBytes, writeSeries } from './prometheus-encode.ts';
import { type LabelRewrite, OwnLabels } from './prometheus-labels.ts';
import type { SeriesBatch } from './source-batch.ts';

interface Waiting {
  readonly labels: OwnLabels;
  /** Encoded fields: more than one when the series came in several frames. */
  readonly fields: readonly Uint8Array[];
}

export class SeriesOrder {
  readonly #rewrite: LabelRewrite;
  readonly #batch: SeriesBatch;
  #current: OwnLabels;
  #previous: OwnLabels;
  /** Parts of the last series that stand at the end of the open batch. */
  #openParts = 0;
  readonly #waiting: Waiting[] = [];
  #seriesCount = 0;

  constructor(rewrite: LabelRewrite, batch: SeriesBatch) {
    this.#rewrite = rewrite;
    this.#batch = batch;
    this.#current = new OwnLabels(rewrite);
    this.#previous = new OwnLabels(rewrite);
  }

  /** Distinct series so far. */
  get seriesCount(): number {
    return this.#seriesCount;
  }

  /**
   * Adds the series that was parsed last from these bytes. Returns false, without adding it, when it would be
   * one more than `limit` distinct series (0 is no limit). Throws OperationError 'corrupt' naming the series
   * that are out of order.
   */
  add(bytes: Uint8Array, series: ChunkedSeries, limit: number): boolean {
    const labels = this.#current;
    labels.load(bytes, series);
    if (this.#isNew(labels)) {
      if (limit > 0 && this.#seriesCount === limit) return false;
      this.#makeWay(labels);
      this.#seriesCount++;
      this.#openParts = 0;
      if (this.#batch.isFull) this.#batch.close();
    }
    const at = this.#batch.add(seriesBytes(series, labels), this.#openParts);
    writeSeries({ bytes, series }, labels, this.#batch.bytes, at);
    this.#openParts++;
    this.#current = this.#previous;
    this.#previous = labels;
    return true;
  }

  /** Puts in what still waits; the stream has ended. */
  end(): void {
    while (this.#waiting.length > 0) this.#release();
  }

  #isNew(labels: OwnLabels): boolean {
    if (this.#seriesCount === 0) return true;
    const order = this.#previous.compare(labels);
    if (order > 0) {
      const texts = new TextCache();
      const [later, earlier] = [labels, this.#previous].map((set) =>
        printLabels(set.decode(texts)),
      );
      const found = `${later} comes after ${earlier}`;
      throw new OperationError('corrupt', `the series are not sorted: ${found}`);
    }
    return order !== 0;
  }

  #makeWay(labels: OwnLabels): void {
    if (this.#openParts > 0 && this.#previous.isOvertakenBy(labels)) {
      const fields = this.#batch.takeBack(this.#openParts);
      this.#waiting.push({ labels: this.#previous, fields });
      this.#previous = new OwnLabels(this.#rewrite);
      return;
    }
    while (this.#waiting.length > 0 && !this.#waiting.at(-1)?.labels.isOvertakenBy(labels)) {
      this.#release();
    }
  }

  #release(): void {
    for (const field of this.#waiting.pop()?.fields ?? []) {
      if (this.#batch.isFull) this.#batch.close();
      this.#batch.addField(field);
    }
  }
}

/** Walks over the series that one store sent, in order of labels, each checked against the one before. */
import { errorText, OperationError } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import { compareLabels, dropLabels, NO_LABELS } from '../model/labels.ts';
import { printLabels } from '../model/labels-text.ts';
import { decodeSeriesResponse } from '../wire/series-response.ts';
import type { TextCache } from '../wire/text-cache.ts';
import type { WireChunk, WireSeries } from '../wire/wire-series.ts';
import type { StoreAnswer } from './fan-out.ts';
import { framesOf } from './frame-batches.ts';

export class StoreCursor {
  readonly store: string;
  readonly #frames: Iterator<Uint8Array>;
  readonly #texts: TextCache;
  readonly #onFault: (text: string) => void;
  #list: readonly WireSeries[] = [];
  #at = -1;
  #current: WireSeries = { labels: NO_LABELS, chunks: [] };
  #isFirst = true;
  #isAtEnd = false;

  /**
   * @param replicaLabels to be removed when the store did not.
   * @param onFault told once when the rest of what the store sent cannot be used.
   */
  constructor(
    answer: StoreAnswer,
    options: {
      readonly replicaLabels: readonly string[];
      readonly texts: TextCache;
      readonly onFault: (text: string) => void;
    },
  ) {
    this.store = answer.store;
    this.#texts = options.texts;
    this.#onFault = options.onFault;
    this.#frames = framesOf(answer.batches);
    if (answer.hasReplicaLabels) this.#sortWithout(new Set(options.replicaLabels));
  }

  get labels(): Labels {
    return this.#current.labels;
  }

  get chunks(): readonly WireChunk[] {
    return this.#current.chunks;
  }

  /** May stand on the same labels several times: a store may send parts of a series one after another. */
  next(): boolean {
    if (this.#isAtEnd) return false;
    this.#at++;
    while (this.#at >= this.#list.length) {
      if (!this.#readFrame()) return this.#end();
      this.#at = 0;
    }
    const next = this.#list[this.#at] as WireSeries;
    if (!this.#isFirst && compareLabels(this.#current.labels, next.labels) > 0) {
      const pair = `${printLabels(next.labels)} after ${printLabels(this.#current.labels)}`;
      return this.#fault(`the series are out of order: ${pair}`);
    }
    this.#isFirst = false;
    this.#current = next;
    return true;
  }

  #readFrame(): boolean {
    const frame = this.#frames.next();
    if (frame.done === true) return false;
    try {
      const decoded = decodeSeriesResponse(frame.value, this.#texts);
      this.#list = decoded.kind === 'series' ? decoded.series : [];
      return true;
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      return this.#fault(errorText(error));
    }
  }

  #fault(why: string): false {
    this.#onFault(`receive series from ${this.store}: ${why}`);
    return this.#end();
  }

  #end(): false {
    this.#isAtEnd = true;
    this.#list = [];
    return false;
  }

  /** A store that knows nothing of removing replica labels: all its series at once, in their new order. */
  #sortWithout(replicaLabels: ReadonlySet<string>): void {
    const all: WireSeries[] = [];
    while (this.#readFrame()) {
      for (const { labels, chunks } of this.#list) {
        all.push({ labels: dropLabels(labels, replicaLabels), chunks });
      }
    }
    this.#isAtEnd = false;
    this.#list = all.sort((a, b) => compareLabels(a.labels, b.labels));
  }
}

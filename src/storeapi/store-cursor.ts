/** Walks over the series that one store sent, in order of labels, each checked against the one before. */
import { errorText, OperationError } from '../base/errors.ts';
import { sampleCount } from '../chunk/encoding.ts';
import type { Labels } from '../model/labels.ts';
import { compareLabels, dropLabels, NO_LABELS } from '../model/labels.ts';
import { printLabels } from '../model/labels-text.ts';
import type { EndpointAccount } from '../storage/read-account.ts';
import type { SeriesTable } from '../wire/series-response.ts';
import { createSeriesTable, readSeriesTable } from '../wire/series-response.ts';
import type { TextCache } from '../wire/text-cache.ts';
import type { StoreAnswer } from './fan-out.ts';
import { framesOf } from './frame-batches.ts';
import type { RowSource, SourcedRows } from './sourced-rows.ts';

/** One series of a message. */
interface Place {
  readonly labels: Labels;
  readonly table: SeriesTable;
  /** Number of the series in the table. */
  readonly index: number;
  readonly source: RowSource;
}

export class StoreCursor {
  readonly store: string;
  readonly #frames: Iterator<Uint8Array>;
  readonly #texts: TextCache;
  readonly #onFault: (text: string) => void;
  readonly #account: EndpointAccount | undefined;
  #table: SeriesTable = createSeriesTable();
  #source: RowSource;
  /** Series in their order where that is not the order of the messages. */
  #sorted: readonly Place[] | undefined;
  #at = -1;
  #labels: Labels = NO_LABELS;
  #isFirst = true;
  #isAtEnd = false;

  /**
   * @param replicaLabels to be removed when the store did not.
   * @param onFault told once when the rest of what the store sent cannot be used.
   * @param account where series, chunks and samples are counted.
   */
  constructor(
    answer: StoreAnswer,
    options: {
      readonly replicaLabels: readonly string[];
      readonly texts: TextCache;
      readonly onFault: (text: string) => void;
      readonly account: EndpointAccount | undefined;
    },
  ) {
    this.store = answer.store;
    this.#texts = options.texts;
    this.#onFault = options.onFault;
    this.#account = options.account;
    this.#frames = framesOf(answer.batches);
    this.#source = { bytes: new Uint8Array(), store: answer.store };
    if (answer.hasReplicaLabels) this.#sortWithout(new Set(options.replicaLabels));
  }

  get labels(): Labels {
    return this.#labels;
  }

  /** Adds the chunks of the series that it stands on. */
  addChunks(target: SourcedRows): void {
    const place = this.#sorted?.[this.#at];
    const { table, index, source } = place ?? {
      table: this.#table,
      index: this.#at,
      source: this.#source,
    };
    const first = table.ends[index - 1] ?? 0;
    const end = table.ends[index] as number;
    target.add(source, table.rows, first, end);
    if (this.#account !== undefined) countRows(this.#account, table, source, { first, end });
  }

  /** May stand on the same labels several times: a store may send parts of a series one after another. */
  next(): boolean {
    if (this.#isAtEnd) return false;
    this.#at++;
    const labels = this.#sorted === undefined ? this.#nextRead() : this.#sorted[this.#at]?.labels;
    if (labels === undefined) return this.#end();
    if (!this.#isFirst && compareLabels(this.#labels, labels) > 0) {
      const pair = `${printLabels(labels)} after ${printLabels(this.#labels)}`;
      return this.#fault(`the series are out of order: ${pair}`);
    }
    this.#isFirst = false;
    this.#labels = labels;
    return true;
  }

  #nextRead(): Labels | undefined {
    while (this.#at >= this.#table.labels.length) {
      if (!this.#readFrame()) return undefined;
      this.#at = 0;
    }
    return this.#table.labels[this.#at];
  }

  #readFrame(): boolean {
    const frame = this.#frames.next();
    if (frame.done === true) return false;
    try {
      readSeriesTable(frame.value, this.#texts, this.#table);
      this.#source = { bytes: frame.value, store: this.store };
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
    return false;
  }

  /** A store that knows nothing of removing replica labels: all its series at once, in their new order. */
  #sortWithout(replicaLabels: ReadonlySet<string>): void {
    const all: Place[] = [];
    while (this.#readFrame()) {
      const table = this.#table;
      const source = this.#source;
      for (const [index, labels] of table.labels.entries()) {
        all.push({ labels: dropLabels(labels, replicaLabels), table, index, source });
      }
      this.#table = createSeriesTable();
    }
    this.#isAtEnd = false;
    this.#sorted = all.sort((a, b) => compareLabels(a.labels, b.labels));
  }
}

function countRows(
  account: EndpointAccount,
  { rows }: SeriesTable,
  { bytes }: RowSource,
  { first, end }: { readonly first: number; readonly end: number },
): void {
  account.series++;
  account.chunks += end - first;
  for (let row = first; row < end; row++) {
    const at = rows.offsets[row] as number;
    const encoding = rows.encodings[row] as number;
    if ((rows.lengths[row] as number) < 2) continue;
    account.samples += sampleCount(encoding, bytes[at] as number, bytes[at + 1] as number);
  }
}

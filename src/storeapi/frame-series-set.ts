/** What several stores sent, unread, as one set of series: merged by labels and, if wanted, deduplicated. */

import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { LoserTree } from '../base/loser-tree.ts';
import type { Labels } from '../model/labels.ts';
import { compareLabels, NO_LABELS } from '../model/labels.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { DeduplicateOptions } from '../storage/deduplicate.ts';
import type { SeriesSet } from '../storage/queryable.ts';
import type { EndpointAccount, ReadAccount } from '../storage/read-account.ts';
import { TextCache } from '../wire/text-cache.ts';
import type { WireSeries } from '../wire/wire-series.ts';
import type { AggregateChoice } from './aggregate-columns.ts';
import { orderChunks } from './chunk-order.ts';
import type { FanOutAnswer } from './fan-out.ts';
import { readPlainSeries } from './plain-series.ts';
import { readChunks } from './series-columns.ts';
import { SourcedRows } from './sourced-rows.ts';
import { StoreCursor } from './store-cursor.ts';

export interface FrameSeriesSetOptions {
  readonly answer: FanOutAnswer;
  /** Within these, replicas are folded. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly replicaLabels: readonly string[];
  /** What is taken of downsampled chunks. */
  readonly aggregate: AggregateChoice;
  /** Undefined where replicas stay apart. */
  readonly deduplicate: DeduplicateOptions | undefined;
  /** What cannot be used becomes a warning, or throws OperationError 'execution'. */
  readonly partialResponse: boolean;
  /** 0 is all. */
  readonly limit: number;
  /** Takes a part of the series, the same for each who asks. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  /** Where to write down what is read. */
  readonly account: ReadAccount | undefined;
}

export class FrameSeriesSet implements SeriesSet {
  readonly #options: FrameSeriesSetOptions;
  readonly #warnings: string[];
  readonly #tree: LoserTree<StoreCursor>;
  #labels: Labels = NO_LABELS;
  readonly #chunks = new SourcedRows();
  #count = 0;

  constructor(options: FrameSeriesSetOptions) {
    this.#options = options;
    this.#warnings = [...options.answer.warnings];
    const { replicaLabels } = options;
    const texts = new TextCache();
    const onFault = (text: string): void => this.#warn(text);
    const endpoints = options.answer.answers.map(({ answered }): EndpointAccount => {
      return { ...answered, series: 0, chunks: 0, samples: 0 };
    });
    if (options.account !== undefined) options.account.endpoints = endpoints;
    const cursors = options.answer.answers.map((answer, i) => {
      const account = options.account === undefined ? undefined : endpoints[i];
      return new StoreCursor(answer, { replicaLabels, texts, onFault, account });
    });
    this.#tree = new LoserTree(cursors, (a, b) => compareLabels(a.labels, b.labels));
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  get labels(): Labels {
    return this.#labels;
  }

  next(): boolean {
    const { limit, shard } = this.#options;
    if (limit > 0 && this.#count >= limit) return false;
    while (this.#merge()) {
      if (shard !== undefined && hashLabels(this.#labels) % shard.count !== shard.index) continue;
      this.#count++;
      return true;
    }
    return false;
  }

  /** The current series as it would be sent on: chunks in order, each once. */
  get series(): WireSeries {
    const chunks = orderChunks(this.#chunks.chunks()).flatMap(({ chunk, more }) => [
      chunk,
      ...more,
    ]);
    return { labels: this.#labels, chunks };
  }

  read(kernel: Kernel): SampleColumns {
    const plain = this.#readPlain(kernel);
    if (plain !== undefined) return plain;
    const chunks = orderChunks(this.#chunks.chunks());
    const { partialResponse } = this.#options;
    const onCorrupt = partialResponse ? (text: string): void => this.#warn(text) : undefined;
    return readChunks(kernel, chunks, { ...this.#options, labels: this.#labels, onCorrupt });
  }

  [Symbol.dispose](): void {
    this.#chunks.clear();
  }

  /** Undefined where chunks must be looked at one by one, also because one of them is broken. */
  #readPlain(kernel: Kernel): SampleColumns | undefined {
    const mark = kernel.arena.mark();
    try {
      return readPlainSeries(kernel, this.#chunks, this.#options);
    } catch (error) {
      if (!(error instanceof OperationError) || error.kind !== 'corrupt') throw error;
      kernel.arena.release(mark);
      return undefined;
    }
  }

  /** Collects the chunks of the smallest labels from all stores that have them. */
  #merge(): boolean {
    const first = this.#tree.winner;
    if (first === undefined) return false;
    this.#labels = first.labels;
    this.#chunks.clear();
    let cursor: StoreCursor | undefined = first;
    do {
      cursor.addChunks(this.#chunks);
      this.#tree.advance();
      cursor = this.#tree.winner;
    } while (cursor !== undefined && compareLabels(cursor.labels, this.#labels) === 0);
    return true;
  }

  #warn(text: string): void {
    if (!this.#options.partialResponse) throw new OperationError('execution', text);
    if (!this.#warnings.includes(text)) this.#warnings.push(text);
  }
}

/** FNV-1a over UTF-16 units. */
function hashLabels(labels: Labels): number {
  let hash = 0x811c9dc5;
  for (const text of labels) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  }
  return hash >>> 0;
}

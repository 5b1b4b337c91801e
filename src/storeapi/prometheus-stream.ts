/**
 * The answer to a remote read as StoreAPI messages. Everything from a piece of the body to finished messages
 * happens in the call that brings the piece; what the caller has not taken yet holds the connection back.
 *
 * The request holds several queries: one for each label that is added or dropped, for the series that have a
 * label of this name already, and last one for the series that have none of them. The latter stay in order but
 * for what SeriesOrder mends, and stream. The former, which are rare, lose their order: if there are any, all is
 * sorted in memory.
 */
import { type ErrorKind, OperationError, toOperationError } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import { ChunkedSeries } from '../remote/chunked-series.ts';
import { FrameReader } from '../remote/frame-reader.ts';
import { kindOfStatus } from '../remote/http-api.ts';
import { SAMPLES_CONTENT, STREAMED_CONTENT } from '../remote/read-request.ts';
import type { AnswerHead, BodySink } from '../transport/body-sink.ts';
import { TextCache } from '../wire/text-cache.ts';
import { varintBytes, writeVarint } from '../wire/varint.ts';
import { seriesBytes, writeSeries } from './prometheus-encode.ts';
import { type LabelRewrite, OwnLabels, rewriteLabels } from './prometheus-labels.ts';
import { SeriesOrder } from './prometheus-order.ts';
import type { SendSlabs } from './send-slabs.ts';
import { SeriesBatch } from './source-batch.ts';
import type { ShardFilter } from './source-shard.ts';
import { SeriesSort } from './source-sort.ts';

/** Finished messages that may wait for the caller before the connection is held back. */
const WAITING_BYTES_MAX = 1 << 20;
const FAULT_BYTES_MAX = 4096;
/** What a chunk counts in limits, whatever it holds: as Thanos counts. */
const SAMPLES_PER_CHUNK = 120;
const SERIES_FIELD = 0x0a;

export interface StreamOptions {
  /** For errors. */
  readonly url: string;
  readonly rewrite: LabelRewrite;
  /** Index of the query whose series have none of the rewritten labels. */
  readonly lastQuery: number;
  /** Most distinct series; 0 is all. */
  readonly limit: number;
  readonly batchSize: number;
  readonly slabs: SendSlabs;
  readonly shard: ShardFilter | undefined;
  /** Bytes that may be held for sorting, or for a SAMPLES answer. */
  readonly budgetBytes: number;
  /** Most series, and most samples, of one request; 0 is any number. */
  readonly seriesMax: number;
  readonly samplesMax: number;
  /** Makes series of a whole SAMPLES answer. */
  readonly samples: (body: Uint8Array, rewrite: LabelRewrite) => Iterable<EncodedSeries>;
}

export interface EncodedSeries {
  readonly labels: Labels;
  /** Field 1 of SeriesResponse. */
  readonly field: Uint8Array;
  readonly chunks: number;
}

type Content = 'none' | 'streamed' | 'samples' | 'fault';

export class ReadStream implements BodySink {
  readonly #options: StreamOptions;
  readonly #batch: SeriesBatch;
  readonly #order: SeriesOrder;
  readonly #sort: SeriesSort;
  readonly #series = new ChunkedSeries();
  readonly #labels: OwnLabels;
  readonly #texts = new TextCache();
  readonly #frames: FrameReader;
  #content: Content = 'none';
  #status = 0;
  /** The body of a SAMPLES answer or of an error. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #seriesCount = 0;
  #sampleCount = 0;
  #isDone = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#batch = new SeriesBatch(options.batchSize, options.slabs);
    this.#order = new SeriesOrder(options.rewrite, this.#batch);
    this.#sort = new SeriesSort(options.budgetBytes);
    this.#labels = new OwnLabels(options.rewrite);
    this.#frames = new FrameReader((bytes, start, end) => this.#frame(bytes, start, end));
  }

  /** Frames of the answer so far. */
  get frames(): number {
    return this.#frames.frames;
  }

  /** No more messages will come: the answer has ended, enough series came, or it failed. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The messages since the last call. Throws the OperationError that ended the answer, naming the URL. */
  take(): Uint8Array[] {
    const messages = this.#batch.take();
    if (messages.length === 0 && this.#failure !== undefined) throw this.#failure;
    return messages;
  }

  /** Resolves when there is something to take or the stream is done. */
  changed(): Promise<void> {
    if (this.#isDone || this.#batch.waitingBytes > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  head({ status, headers }: AnswerHead): void {
    const content = headers.get('content-type') ?? '';
    this.#status = status;
    if (status < 200 || status > 299) this.#content = 'fault';
    else if (content.startsWith(STREAMED_CONTENT)) this.#content = 'streamed';
    else if (content.startsWith(SAMPLES_CONTENT)) this.#content = 'samples';
    else {
      const known = `"${STREAMED_CONTENT}" and "${SAMPLES_CONTENT}" are known`;
      this.fail(this.#cannotRead('corrupt', `it answers with content type "${content}", ${known}`));
    }
  }

  data(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isDone) return false;
    this.#attempt(() => {
      if (this.#content === 'streamed') this.#frames.push(bytes, start, end);
      else this.#collect(bytes.slice(start, end));
    });
    if (this.#batch.waitingBytes > 0) this.#notify();
    return !this.#isDone && this.#batch.waitingBytes < WAITING_BYTES_MAX;
  }

  end(): void {
    if (this.#isDone) return;
    this.#attempt(() => {
      if (this.#content === 'streamed') this.#frames.end();
      else if (this.#content === 'samples') this.#samples();
      else throw this.#fault();
      this.#finish();
    });
  }

  fail(error: Error): void {
    if (this.#isDone) return;
    this.#failure = error;
    this.#isDone = true;
    this.#notify();
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      const { kind, message } = toOperationError(error, 'internal');
      this.fail(this.#cannotRead(kind, message));
    }
  }

  #cannotRead(kind: ErrorKind, why: string): OperationError {
    return new OperationError(kind, `cannot read from ${this.#options.url}: ${why}`);
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #finish(): void {
    if (!this.#sort.isEmpty) this.#sort.moveTo(this.#batch, this.#options.limit);
    else this.#order.end();
    this.#batch.close();
    this.#isDone = true;
    this.#notify();
  }

  #frame(bytes: Uint8Array, start: number, end: number): void {
    this.#series.parse(bytes, start, end, () => {
      if (!this.#isDone) this.#oneSeries(bytes);
    });
  }

  #oneSeries(bytes: Uint8Array): void {
    const { lastQuery, limit, shard } = this.#options;
    const { queryIndex } = this.#series;
    if (queryIndex > lastQuery) {
      const found = `frame ${this.frames} answers query ${queryIndex}`;
      throw new OperationError('corrupt', `${found}, ${lastQuery} is the last one`);
    }
    if (queryIndex < lastQuery || !this.#sort.isEmpty || shard !== undefined) {
      const labels = this.#decodeLabels(bytes);
      if (shard?.(labels) === false) return;
      if (queryIndex < lastQuery || !this.#sort.isEmpty) {
        this.#sort.add(labels, this.#encodeField(bytes));
        this.#checkLimits(1);
        return;
      }
    }
    const before = this.#order.seriesCount;
    if (this.#order.add(bytes, this.#series, limit)) {
      this.#checkLimits(this.#order.seriesCount - before);
    } else this.#finish();
  }

  #checkLimits(newSeries: number): void {
    const { seriesMax, samplesMax } = this.#options;
    this.#seriesCount += newSeries;
    this.#sampleCount += this.#series.chunkCount * SAMPLES_PER_CHUNK;
    if (seriesMax > 0 && this.#seriesCount > seriesMax) {
      throw new OperationError('limit', `the request selects more than ${seriesMax} series`);
    }
    if (samplesMax > 0 && this.#sampleCount > samplesMax) {
      const how = `chunks counted as ${SAMPLES_PER_CHUNK} samples each`;
      throw new OperationError(
        'limit',
        `the request selects more than ${samplesMax} samples, ${how}`,
      );
    }
  }

  #decodeLabels(bytes: Uint8Array): Labels {
    this.#labels.load(bytes, this.#series);
    return rewriteLabels(this.#labels.decode(this.#texts), this.#options.rewrite);
  }

  /** The series whose labels were decoded last, as field 1 of SeriesResponse. */
  #encodeField(bytes: Uint8Array): Uint8Array {
    const size = seriesBytes(this.#series, this.#labels);
    const field = new Uint8Array(1 + varintBytes(size) + size);
    field[0] = SERIES_FIELD;
    const at = writeVarint(field, 1, size);
    writeSeries({ bytes, series: this.#series }, this.#labels, field, at);
    return field;
  }

  #collect(part: Uint8Array): void {
    if (this.#content === 'fault' && this.#partBytes > FAULT_BYTES_MAX) return;
    this.#parts.push(part);
    this.#partBytes += part.length;
    if (this.#partBytes > this.#options.budgetBytes) {
      const allowed = `${this.#options.budgetBytes} bytes are allowed`;
      throw new OperationError('limit', `the answer of samples is too large: ${allowed}`);
    }
  }

  #samples(): void {
    const { samples, shard, rewrite } = this.#options;
    for (const { labels, field, chunks } of samples(Buffer.concat(this.#parts), rewrite)) {
      if (shard?.(labels) === false) continue;
      this.#sort.add(labels, field);
      this.#series.chunkCount = chunks;
      this.#checkLimits(1);
    }
  }

  #fault(): OperationError {
    const text = Buffer.concat(this.#parts).subarray(0, FAULT_BYTES_MAX).toString('utf8').trim();
    return new OperationError(kindOfStatus(this.#status), `it answers ${this.#status}: ${text}`);
  }
}

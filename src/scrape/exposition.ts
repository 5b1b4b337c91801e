/**
 * Pages of targets in the text format (0.0.4, 1.0.0) and in OpenMetrics, as columns in kernel memory. The kernel reads
 * what it knows from the last page and the plain lines, the reader everything else; both write the same rows, so that it
 * cannot be seen who read a line.
 */
import { isUtf8 } from 'node:buffer';
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { type Labels, makeLabels } from '../model/labels.ts';
import type { MetricType } from '../model/metric-type.ts';
import type { ExpositionFormat } from './exposition-lexer.ts';
import {
  ExpositionReader,
  type PageEntry,
  type PageExemplar,
  type PageMetadata,
  pageFault,
  parsePageFloat,
  quoteBytes,
} from './exposition-reader.ts';
import {
  HAS_TIME,
  type PageLine,
  type PageMemory,
  PageRows,
  SLOW_TIME,
  SLOW_VALUE,
  TYPE_SHIFT,
} from './page-rows.ts';
import type { LabelPairs } from './sample-labels.ts';
import type { PageHistogram, ScrapedPage } from './scraped-page.ts';

const OPTION_OPEN_METRICS = 1;
const OPTION_IS_UTF8 = 2;

/** Numbered as in the flags of rows. */
const METRIC_TYPES: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

/** The samples of one page, until the reading is released. */
export interface SampleBatch {
  readonly count: number;
  readonly metadata: readonly PageMetadata[];
  /** By row. */
  readonly exemplars: ReadonlyMap<number, readonly PageExemplar[]>;
  /** In ms; undefined where the page gives none. */
  timeMs(row: number): number | undefined;
  value(row: number): number;
  type(row: number): MetricType;
  /** To be asked for once a new series, not once a sample. */
  labels(row: number): Labels;
}

const NO_HISTOGRAMS: ReadonlyMap<number, PageHistogram> = new Map();

/** Throws OperationError 'bad-data' naming line and byte of the first mistake, 'limit' when memory is short. */
export function parsePage(kernel: Kernel, page: Uint8Array, format: ExpositionFormat): PageReading {
  const reading = readPage(kernel, page, format);
  if (reading.fault === undefined) return reading;
  reading.release();
  throw reading.fault;
}

/** As parsePage, but a mistake is the reading's fault, beside the rows before it. */
export function readPage(
  kernel: Kernel,
  page: Uint8Array,
  format: ExpositionFormat,
  memory?: PageMemory,
): PageReading {
  const mark = kernel.arena.mark();
  try {
    const reading = new PageReading(kernel, page, format, memory);
    reading.run();
    return reading;
  } catch (error) {
    kernel.arena.release(mark);
    throw error;
  }
}

/** One page being read and then looked at. It holds kernel memory from its making to `release`. */
export class PageReading implements SampleBatch, ScrapedPage {
  /** Of the lines that the memory does not hold. */
  readonly metadata: PageMetadata[] = [];
  readonly exemplars: Map<number, readonly PageExemplar[]> = new Map();
  readonly histograms: ReadonlyMap<number, PageHistogram> = NO_HISTOGRAMS;
  readonly newLines: PageLine[] = [];
  readonly rows: PageRows;
  fault: OperationError | undefined;
  readonly #kernel: Kernel;
  readonly #page: Uint8Array;
  readonly #format: ExpositionFormat;
  #options: number;
  #host: ExpositionReader | undefined;

  constructor(kernel: Kernel, page: Uint8Array, format: ExpositionFormat, memory?: PageMemory) {
    this.#kernel = kernel;
    this.#page = page;
    this.#format = format;
    this.rows = new PageRows(kernel, page, memory);
    this.#options = format === 'openmetrics' ? OPTION_OPEN_METRICS : 0;
    // Without this the kernel leaves new series with bytes beyond ASCII to the host: few, when it knows the last page.
    if (memory === undefined && isUtf8(page)) this.#options |= OPTION_IS_UTF8;
  }

  /** Reads the page to its end or its first mistake. */
  run(): void {
    try {
      for (let at = 0; ; ) {
        const isAtLine = this.#host?.isAtLine !== false;
        if (isAtLine) at = this.rows.scan(at, this.#options);
        if (isAtLine && at === this.#page.length && this.#format === 'text') break;
        const next = this.#readOne(at);
        if (next === undefined) break;
        at = next;
      }
    } catch (error) {
      if (!(error instanceof OperationError) || error.kind !== 'bad-data') throw error;
      this.fault = error;
    }
    this.#mendSlow();
  }

  get count(): number {
    return this.rows.count;
  }

  timeMs(row: number): number | undefined {
    const hasTime = (this.rows.flags(row) & HAS_TIME) !== 0;
    return hasTime ? this.#kernel.f64[(this.rows.columns.times >>> 3) + row] : undefined;
  }

  value(row: number): number {
    return this.#kernel.f64[(this.rows.columns.values >>> 3) + row];
  }

  type(row: number): MetricType {
    return METRIC_TYPES[this.rows.flags(row) >>> TYPE_SHIFT];
  }

  labels(row: number): Labels {
    return makeLabels(this.labelPairs(row));
  }

  labelPairs(row: number): LabelPairs {
    return this.#reader.labelPairs(this.rows.offset(row), this.type(row));
  }

  release(): void {
    this.rows.release();
  }

  get #reader(): ExpositionReader {
    this.#host ??= new ExpositionReader(
      this.#format === 'openmetrics' ? this.#page : withNewline(this.#page),
      this.#format,
    );
    return this.#host;
  }

  /** Lets the reader read one entry; where the next one begins, undefined at the end. */
  #readOne(at: number): number | undefined {
    const reader = this.#reader;
    if (reader.isAtLine) reader.seek(at);
    const isLine = reader.isAtLine;
    const entry = reader.read();
    if (entry.kind === 'end') return undefined;
    this.#take(entry);
    if (isLine) this.#addLine(at, entry);
    return reader.at;
  }

  #take(entry: Exclude<PageEntry, { readonly kind: 'end' }>): void {
    if (entry.kind === 'sample') {
      if (entry.exemplar !== undefined) this.exemplars.set(this.count, [entry.exemplar]);
      this.rows.append({ ...entry, type: this.rows.type });
      return;
    }
    if (entry.kind === 'type') this.rows.type = METRIC_TYPES.indexOf(entry.type);
    this.metadata.push(entry);
  }

  /** What stands before a sample, or a line of metadata with what stands before it, is a line to know again. */
  #addLine(start: number, entry: Exclude<PageEntry, { readonly kind: 'end' }>): void {
    const isSample = entry.kind === 'sample';
    const end = isSample ? entry.start : this.#reader.at;
    const isWhole = (isSample || this.#reader.isAtLine) && this.#page[end - 1] === 10;
    if (end === start || end > this.#page.length || !isWhole) return;
    const type = entry.kind === 'type' ? this.rows.type : undefined;
    this.newLines.push({ start, end, type, metadata: isSample ? undefined : entry });
  }

  /** Converts the numbers that the kernel could not round with one operation. A mistake in one is the page's first. */
  #mendSlow(): void {
    if (this.rows.slowCount === 0) return;
    const { times, values, flags } = this.rows.columns;
    const { u32, f64 } = this.#kernel;
    for (let row = 0; row < this.count; row++) {
      const found = u32[(flags >>> 2) + row];
      if ((found & (SLOW_VALUE | SLOW_TIME)) === 0) continue;
      const value = (found & SLOW_VALUE) === 0 ? 0 : this.#slowNumber(values, row);
      const time = (found & SLOW_TIME) === 0 ? 0 : this.#slowNumber(times, row);
      if (value instanceof OperationError || time instanceof OperationError) {
        this.fault = value instanceof OperationError ? value : (time as OperationError);
        this.rows.cut(row);
        return;
      }
      if ((found & SLOW_VALUE) !== 0) f64[(values >>> 3) + row] = value;
      if ((found & SLOW_TIME) !== 0) f64[(times >>> 3) + row] = Math.trunc(time * 1000);
    }
  }

  #slowNumber(column: number, row: number): number | OperationError {
    const word = (column >>> 2) + row * 2;
    const start = this.#kernel.u32[word];
    const end = start + this.#kernel.u32[word + 1];
    // The kernel has checked that it is a number; it may only be too large.
    const plain = Number(this.rows.text(start, end));
    if (Number.isFinite(plain)) return plain;
    const value = parsePageFloat(this.#page.subarray(start, end));
    if (typeof value !== 'string') return value;
    const text = quoteBytes(this.#page.subarray(this.rows.offset(row), end));
    return pageFault(`${value} while parsing: ${text}`, this.#page, start);
  }
}

function withNewline(page: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(page.length + 1);
  bytes.set(page);
  bytes[page.length] = 10;
  return bytes;
}

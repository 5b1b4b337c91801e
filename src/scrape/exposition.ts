/**
 * Pages of targets in the text format (0.0.4, 1.0.0) and in OpenMetrics, as columns in kernel memory. The kernel reads
 * the plain lines, the reader everything else; both write the same rows, so that it cannot be seen who read a line.
 */
import { isUtf8 } from 'node:buffer';
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import type { Labels } from '../model/labels.ts';
import type { MetricType } from '../model/metric-type.ts';
import type { ExpositionFormat } from './exposition-lexer.ts';
import {
  ExpositionReader,
  type PageEntry,
  type PageExemplar,
  pageFault,
  parsePageFloat,
  quoteBytes,
} from './exposition-reader.ts';

/** Flags of a row, as kernel/exposition.ts writes them; the type of the family stands from bit 8. */
const HAS_TIME = 1;
const SLOW_VALUE = 2;
const SLOW_TIME = 4;
const TYPE_SHIFT = 8;

const OPTION_OPEN_METRICS = 1;
const OPTION_IS_UTF8 = 2;
const NORMAL_NAN_HIGH = 0x7ff80000;

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

export type PageMetadata = Extract<PageEntry, { readonly kind: 'help' | 'type' | 'unit' }>;

/** The samples of one page, until the parser reads another or is closed. */
export interface SampleBatch {
  readonly count: number;
  readonly metadata: readonly PageMetadata[];
  /** By row. */
  readonly exemplars: ReadonlyMap<number, PageExemplar>;
  /** In ms; undefined where the page gives none. */
  timeMs(row: number): number | undefined;
  value(row: number): number;
  type(row: number): MetricType;
  /** The series as it stands in the page: the key of a cache from series to refs. */
  seriesBytes(row: number): Uint8Array;
  /** Hash of these bytes, as two 32-bit halves: low, high. */
  seriesHash(row: number): readonly [number, number];
  /** To be asked for once a new series, not once a sample. */
  labels(row: number): Labels;
}

/** Addresses of the columns of a page with room for `capacity` samples. */
interface Columns {
  readonly capacity: number;
  readonly hashes: number;
  readonly times: number;
  readonly values: number;
  readonly offsets: number;
  readonly lengths: number;
  readonly flags: number;
}

/** Throws OperationError 'bad-data' naming line and byte of the first mistake, 'limit' when memory is short. */
export function parsePage(kernel: Kernel, page: Uint8Array, format: ExpositionFormat): PageReading {
  const mark = kernel.arena.mark();
  try {
    const reading = new PageReading(kernel, page, format);
    reading.run();
    return reading;
  } catch (error) {
    kernel.arena.release(mark);
    throw error;
  }
}

/** One page being read and then looked at. It holds kernel memory from `parsePage` to `release`. */
export class PageReading implements SampleBatch {
  readonly metadata: PageMetadata[] = [];
  readonly exemplars: Map<number, PageExemplar> = new Map();
  readonly #kernel: Kernel;
  readonly #mark: number;
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #state: number;
  readonly #columns: Columns;
  readonly #reader: ExpositionReader;
  readonly #options: number;
  #type = 0;

  constructor(kernel: Kernel, page: Uint8Array, format: ExpositionFormat) {
    const { arena } = kernel;
    this.#kernel = kernel;
    this.#mark = arena.mark();
    const isOpen = format === 'openmetrics';
    this.#bytes = isOpen ? page : withNewline(page);
    this.#base = arena.alloc(page.length + 17);
    this.#state = arena.alloc(16);
    this.#columns = allocateColumns(kernel, countLines(this.#bytes));
    kernel.u8.set(this.#bytes, this.#base);
    kernel.u8[this.#base + this.#bytes.length] = 10;
    kernel.u32.fill(0, this.#state >>> 2, (this.#state >>> 2) + 2);
    this.#reader = new ExpositionReader(this.#bytes, format);
    this.#options = (isOpen ? OPTION_OPEN_METRICS : 0) | (isUtf8(page) ? OPTION_IS_UTF8 : 0);
  }

  /** Reads the page to its end. */
  run(): void {
    const end = this.#base + this.#bytes.length;
    for (;;) {
      if (this.#reader.isAtLine) this.#reader.seek(this.#scan(this.#reader.at, end));
      const entry = this.#read();
      if (entry.kind === 'end') break;
      this.#take(entry);
    }
    this.#mendSlow();
  }

  /** A mistake in a number that was put off comes before one further down. */
  #read(): PageEntry {
    try {
      return this.#reader.read();
    } catch (error) {
      this.#mendSlow();
      throw error;
    }
  }

  get count(): number {
    return this.#kernel.u32[this.#state >>> 2];
  }

  timeMs(row: number): number | undefined {
    const hasTime = (this.#flags(row) & HAS_TIME) !== 0;
    return hasTime ? this.#kernel.f64[(this.#columns.times >>> 3) + row] : undefined;
  }

  value(row: number): number {
    return this.#kernel.f64[(this.#columns.values >>> 3) + row];
  }

  type(row: number): MetricType {
    return METRIC_TYPES[this.#flags(row) >>> TYPE_SHIFT];
  }

  seriesBytes(row: number): Uint8Array {
    const start = this.#kernel.u32[(this.#columns.offsets >>> 2) + row];
    return this.#bytes.subarray(
      start,
      start + this.#kernel.u32[(this.#columns.lengths >>> 2) + row],
    );
  }

  seriesHash(row: number): readonly [number, number] {
    const word = (this.#columns.hashes >>> 2) + row * 2;
    return [this.#kernel.u32[word], this.#kernel.u32[word + 1]];
  }

  labels(row: number): Labels {
    const start = this.#kernel.u32[(this.#columns.offsets >>> 2) + row];
    return this.#reader.labels(start, this.type(row));
  }

  release(): void {
    this.#kernel.arena.release(this.#mark);
  }

  #flags(row: number): number {
    return this.#kernel.u32[(this.#columns.flags >>> 2) + row];
  }

  #scan(at: number, end: number): number {
    const { hashes, capacity } = this.#columns;
    const options = this.#options | (this.#type << (TYPE_SHIFT * 2));
    const { exports } = this.#kernel;
    const base = this.#base;
    const stopped = exports.expositionScan(
      base + at,
      end,
      base,
      hashes,
      capacity,
      this.#state,
      options,
    );
    return (stopped >>> 0) - base;
  }

  #take(entry: Exclude<PageEntry, { readonly kind: 'end' }>): void {
    if (entry.kind === 'sample') {
      this.#append(entry);
      return;
    }
    if (entry.kind === 'type') this.#type = METRIC_TYPES.indexOf(entry.type);
    this.metadata.push(entry);
  }

  #append(entry: Extract<PageEntry, { readonly kind: 'sample' }>): void {
    const { u32, f64, exports } = this.#kernel;
    const { hashes, times, values, offsets, lengths, flags, capacity } = this.#columns;
    const row = this.count;
    if (row >= capacity) throw new OperationError('internal', 'more samples than lines in a page');
    u32[this.#state >>> 2] = row + 1;
    exports.expositionHash(this.#base + entry.start, entry.end - entry.start, hashes + row * 8);
    f64[(times >>> 3) + row] = entry.timeMs ?? 0;
    this.#setValue((values >>> 3) + row, entry.value);
    u32[(offsets >>> 2) + row] = entry.start;
    u32[(lengths >>> 2) + row] = entry.end - entry.start;
    const hasTime = entry.timeMs === undefined ? 0 : HAS_TIME;
    u32[(flags >>> 2) + row] = hasTime | (this.#type << TYPE_SHIFT);
    if (entry.exemplar !== undefined) this.exemplars.set(row, entry.exemplar);
  }

  /** NaN gets the bits of Go's; as one of V8's it could become the stale marker's neighbour. */
  #setValue(index: number, value: number): void {
    if (!Number.isNaN(value)) {
      this.#kernel.f64[index] = value;
      return;
    }
    this.#kernel.u32[index * 2] = 1;
    this.#kernel.u32[index * 2 + 1] = NORMAL_NAN_HIGH;
  }

  /** Converts the numbers that the kernel could not round with one operation. */
  #mendSlow(): void {
    if (this.#kernel.u32[(this.#state >>> 2) + 1] === 0) return;
    const { times, values, flags } = this.#columns;
    const { u32, f64 } = this.#kernel;
    for (let row = 0; row < this.count; row++) {
      const found = u32[(flags >>> 2) + row];
      if ((found & SLOW_VALUE) !== 0) f64[(values >>> 3) + row] = this.#slowNumber(values, row);
      if ((found & SLOW_TIME) === 0) continue;
      f64[(times >>> 3) + row] = Math.trunc(this.#slowNumber(times, row) * 1000);
    }
  }

  #slowNumber(column: number, row: number): number {
    const word = (column >>> 2) + row * 2;
    const start = this.#kernel.u32[word];
    const end = start + this.#kernel.u32[word + 1];
    const value = parsePageFloat(this.#bytes.subarray(start, end));
    if (typeof value === 'string') {
      const line = this.#kernel.u32[(this.#columns.offsets >>> 2) + row];
      const text = quoteBytes(this.#bytes.subarray(line, end));
      throw pageFault(`${value} while parsing: ${text}`, this.#bytes, start);
    }
    return value;
  }
}

/** A page may hold no more samples than lines. */
function countLines(bytes: Uint8Array): number {
  let lines = 1;
  for (let i = bytes.indexOf(10); i !== -1; i = bytes.indexOf(10, i + 1)) lines++;
  return lines;
}

function allocateColumns(kernel: Kernel, capacity: number): Columns {
  const hashes = kernel.arena.alloc(capacity * 36);
  const times = hashes + capacity * 8;
  const values = times + capacity * 8;
  const offsets = values + capacity * 8;
  const lengths = offsets + capacity * 4;
  return { capacity, hashes, times, values, offsets, lengths, flags: lengths + capacity * 4 };
}

function withNewline(page: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(page.length + 1);
  bytes.set(page);
  bytes[page.length] = 10;
  return bytes;
}

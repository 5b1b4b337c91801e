/**
 * Writer of a block's index file, version 2, in one pass over the series. Memory: the label pairs and a bounded part
 * of the postings. Long steps are generators, so that who must answer meanwhile can. Source: docs/formats/index.md.
 */
import { assert, must } from '../../base/assert.ts';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { SeriesBuffer } from '../block/series-buffer.ts';
import { allocSinkBuffer, ByteSink, RESERVED_BYTES_MAX } from '../byte-sink.ts';
import { PageCache, PagedFile } from '../page-cache.ts';
import { grown, LabelPairs, SYMBOLS_MAX } from './label-pairs.ts';
import { PostingsSpool } from './postings-spool.ts';
import { SYMBOL_STRIDE, Symbols } from './symbols.ts';
import { INDEX_MAGIC, writeToc } from './toc.ts';

/** The version written. */
const VERSION = 2;
const SERIES_ALIGNMENT = 16;
const LIST_ALIGNMENT = 4;
/** Longest number of a series entry. */
const NUMBER_BYTES_MAX = 10;
/** References that are put in order at once: 32 MiB. Each batch costs a walk over the spool. */
const BATCH_REFERENCES = 1 << 23;
/** What the spool keeps in memory: 64 MiB. */
const SPOOL_PIECES = 64;
/** Symbols or lists written between two pauses. */
const PAUSE_RECORDS = 4096;
/** Pages for reading the symbols back. */
const SYMBOL_PAGES_BYTES = 4 << 20;

/** As text, or as an address in the kernel's memory: u16 length, as many bytes of UTF-8. */
export type SymbolText = string | number;

/** Steps of work: whoever drives it may pause between any two. */
export type Steps<T = void> = Generator<void, T>;

export interface IndexLimits {
  /** Default 8 M. */
  readonly batchReferences?: number;
  /** Pieces of 1 MiB that the spool keeps in memory; default 64. */
  readonly spoolPieces?: number;
}

export class IndexWriter implements Disposable {
  readonly #files: FileSystem;
  readonly #path: string;
  readonly #kernel: Kernel;
  readonly #sink: ByteSink;
  readonly #pairs = new LabelPairs();
  readonly #spool: PostingsSpool;
  readonly #batchReferences: number;
  /** By pair, and that of all series. */
  #counts = new Uint32Array(1024);
  #seriesCount = 0;
  #symbolCount = 0;
  readonly #symbolOffsets: number[] = [];
  /** By symbol: how many bytes it takes. */
  #symbolBytes = new Uint32Array(1024);
  #symbolsAt = 0;
  #seriesAt = 0;

  /** A buffer in the kernel's memory is used until the end. */
  constructor(files: FileSystem, path: string, kernel: Kernel, limits: IndexLimits = {}) {
    this.#files = files;
    this.#path = path;
    this.#kernel = kernel;
    this.#sink = new ByteSink(files.openToWrite(path), kernel, allocSinkBuffer(kernel));
    this.#batchReferences = limits.batchReferences ?? BATCH_REFERENCES;
    this.#spool = new PostingsSpool(
      files,
      `${path}.postings.tmp`,
      limits.spoolPieces ?? SPOOL_PIECES,
    );
    this.#sink.u32(INDEX_MAGIC);
    this.#sink.u8(VERSION);
  }

  /** First: all label names and values, ascending, each once. They are asked for twice. */
  *symbols(symbols: () => Iterable<SymbolText>): Steps {
    const sink = this.#sink;
    let count = 0;
    let bytes = 4;
    for (const symbol of symbols()) {
      const ownBytes = this.#textBytes(symbol);
      if (count === this.#symbolBytes.length) this.#symbolBytes = grown(this.#symbolBytes);
      this.#symbolBytes[count] = ownBytes;
      bytes += ownBytes;
      if (++count % PAUSE_RECORDS === 0) yield;
    }
    if (count >= SYMBOLS_MAX || bytes >= 2 ** 32) {
      throw new OperationError('limit', `cannot write ${this.#path}: ${count} symbols`);
    }
    this.#symbolsAt = sink.position;
    sink.u32(bytes);
    sink.beginCrc();
    sink.u32(count);
    let written = 0;
    for (const symbol of symbols()) {
      if (written % SYMBOL_STRIDE === 0) this.#symbolOffsets.push(sink.position);
      this.#writeText(symbol);
      if (++written % PAUSE_RECORDS === 0) yield;
    }
    assert(written === count, `${written} symbols after ${count}`);
    this.#symbolCount = count;
    sink.endCrc();
    this.#seriesAt = sink.position;
  }

  /** Series must come in label order, with the references of their chunks. */
  series(series: SeriesBuffer): void {
    const { kernel, labels, labelCount, chunkCount } = series;
    const sink = this.#sink;
    sink.align(SERIES_ALIGNMENT);
    const reference = sink.position / SERIES_ALIGNMENT;
    if (reference >= 2 ** 32) {
      throw new OperationError('limit', `cannot write ${this.#path}: over 64 GiB of series`);
    }
    this.#writeEntry(series, NUMBER_BYTES_MAX * (3 + labelCount + 3 * chunkCount));
    this.#spool.begin(reference, labelCount / 2);
    const { u32 } = kernel;
    for (let at = labels >>> 2, end = at + labelCount; at < end; at += 2) {
      const pair = this.#pairs.numberOf(u32[at] as number, u32[at + 1] as number);
      if (pair === this.#counts.length) this.#counts = grown(this.#counts);
      this.#counts[pair] = (this.#counts[pair] as number) + 1;
      this.#spool.add(pair);
    }
    this.#seriesCount++;
  }

  #writeEntry(series: SeriesBuffer, bytesMax: number): void {
    const { kernel, labels, labelCount, times, chunkCount } = series;
    const sink = this.#sink;
    const isShort = bytesMax <= RESERVED_BYTES_MAX;
    const scratch = kernel.arena.alloc(bytesMax);
    const target = isShort ? sink.reserve(bytesMax) : kernel.arena.alloc(bytesMax);
    const { blockEntry } = kernel.exports;
    const length = blockEntry(labels, labelCount, times, chunkCount, scratch, target);
    assert(length > 0, `chunks of series ${this.#seriesCount} overlap`);
    if (isShort) sink.advance(length);
    else sink.bytes(kernel.u8.subarray(target, target + length));
  }

  #writeText(text: SymbolText): void {
    if (typeof text === 'string') this.#sink.text(text);
    else this.#sink.textAt(text);
  }

  #textBytes(text: SymbolText): number {
    const { u8 } = this.#kernel;
    const length =
      typeof text === 'string'
        ? Buffer.byteLength(text)
        : (u8[text] as number) + 256 * (u8[text + 1] as number);
    return length + uvarintBytes(length);
  }

  /** Last: postings, their table, the table of contents; fsyncs. Symbols are read back where nobody looks them up. */
  *finish(lookup?: (symbol: number) => SymbolText): Steps {
    const sink = this.#sink;
    const seriesEnd = sink.position;
    const sorted = this.#pairs.sorted();
    yield;
    const lists = new Float64Array(sorted.length + 1);
    yield* this.#writeLists(sorted, lists);
    const table = sink.position;
    yield* this.#writeTable(sorted, lists, lookup);
    writeToc(sink, {
      symbols: this.#symbolsAt,
      series: this.#seriesAt,
      seriesEnd,
      postingsTable: table,
    });
    sink.sync();
  }

  /** The list of all series, then those of the pairs; `offsets` takes where they are. */
  *#writeLists(sorted: Uint32Array, offsets: Float64Array): Steps {
    offsets[0] = yield* this.#writeAllSeries();
    for (let first = 0; first < sorted.length; ) {
      let end = first;
      let total = 0;
      for (; end < sorted.length; end++) {
        const count = this.#counts[sorted[end] as number] as number;
        if (end > first && total + count > this.#batchReferences) break;
        total += count;
      }
      const references = yield* this.#collect(sorted.subarray(first, end), total);
      const bytes = Buffer.from(references.buffer).swap32();
      for (let i = first, at = 0; i < end; i++) {
        const length = 4 * (this.#counts[sorted[i] as number] as number);
        offsets[i + 1] = this.#writeList(bytes.subarray(at, at + length));
        at += length;
        if (i % PAUSE_RECORDS === 0) yield;
      }
      first = end;
    }
  }

  *#writeAllSeries(): Steps<number> {
    const references = new Uint32Array(this.#seriesCount);
    let count = 0;
    yield* this.#eachSeries((reference) => {
      references[count++] = reference;
    });
    return this.#writeList(Buffer.from(references.buffer).swap32());
  }

  /** The references of a batch of pairs, list behind list. */
  *#collect(batch: Uint32Array, total: number): Steps<Uint32Array<ArrayBuffer>> {
    const references = new Uint32Array(total);
    const next = new Int32Array(this.#pairs.count).fill(-1);
    let start = 0;
    for (const pair of batch) {
      next[pair] = start;
      start += this.#counts[pair] as number;
    }
    yield* this.#eachSeries((reference, words, at, end) => {
      for (let i = at; i < end; i++) {
        const place = next[words[i] as number] as number;
        if (place < 0) continue;
        references[place] = reference;
        next[words[i] as number] = place + 1;
      }
    });
    return references;
  }

  *#eachSeries(
    visit: (reference: number, words: Uint32Array, at: number, end: number) => void,
  ): Steps {
    for (const words of this.#spool.pieces()) {
      for (let at = 0; at < words.length && words[at] !== 0; ) {
        const end = at + 2 + (words[at + 1] as number);
        visit(words[at] as number, words, at + 2, end);
        at = end;
      }
      yield;
    }
  }

  /** Takes references as they are written; returns the offset of the list. */
  #writeList(references: Buffer): number {
    const sink = this.#sink;
    sink.align(LIST_ALIGNMENT);
    const offset = sink.position;
    sink.u32(4 + references.length);
    sink.beginCrc();
    sink.u32(references.length / 4);
    sink.bytes(references);
    sink.endCrc();
    return offset;
  }

  *#writeTable(
    sorted: Uint32Array,
    lists: Float64Array,
    lookup: ((symbol: number) => SymbolText) | undefined,
  ): Steps {
    const sink = this.#sink;
    using written = lookup === undefined ? this.#writtenSymbols() : undefined;
    const find = lookup ?? ((symbol) => must(written, 'symbols').symbols.lookup(symbol));
    sink.u32(this.#tableBytes(sorted, lists));
    sink.beginCrc();
    sink.u32(sorted.length + 1);
    const write = (name: SymbolText, value: SymbolText, list: number): void => {
      sink.u8(2);
      this.#writeText(name);
      this.#writeText(value);
      sink.uvarint(list);
    };
    write('', '', lists[0] as number);
    for (let i = 0; i < sorted.length; i++) {
      const pair = sorted[i] as number;
      const name = find(this.#pairs.nameOf(pair));
      write(name, find(this.#pairs.valueOf(pair)), lists[i + 1] as number);
      if (i % PAUSE_RECORDS === 0) yield;
    }
    sink.endCrc();
  }

  #writtenSymbols(): { readonly symbols: Symbols } & Disposable {
    this.#sink.flush();
    const paged = new PagedFile(this.#files.open(this.#path), new PageCache(SYMBOL_PAGES_BYTES));
    const symbols = new Symbols(paged, {
      section: { start: this.#symbolsAt + 4, end: this.#seriesAt - 4 },
      version: VERSION,
      count: this.#symbolCount,
      offsets: this.#symbolOffsets,
      shift: 0,
    });
    return { symbols, [Symbol.dispose]: () => paged[Symbol.dispose]() };
  }

  #tableBytes(sorted: Uint32Array, lists: Float64Array): number {
    // The count; the record of all series has two empty texts.
    let bytes = 4 + 3 + uvarintBytes(lists[0] as number);
    for (let i = 0; i < sorted.length; i++) {
      const name = this.#pairs.nameOf(sorted[i] as number);
      const value = this.#pairs.valueOf(sorted[i] as number);
      bytes += 1 + (this.#symbolBytes[name] as number) + (this.#symbolBytes[value] as number);
      bytes += uvarintBytes(lists[i + 1] as number);
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#spool[Symbol.dispose]();
    this.#sink[Symbol.dispose]();
  }
}

function uvarintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Reader of a block's index file, versions 1, 2 and 3. Source: docs/formats/index.md. */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem, ReadableFile } from '../../base/file-system.ts';
import { compareText, type Labels, labelValue } from '../../model/labels.ts';
import { ByteCursor } from '../byte-cursor.ts';
import { type BytesAt, type PageCache, PagedFile } from '../page-cache.ts';
import type { ChunkList } from './chunk-list.ts';
import { NO_POSTINGS, type Postings, PostingsLookup } from './postings.ts';
import { PostingsTable } from './postings-table.ts';
import { damaged } from './section.ts';
import { openSymbols, type Symbols } from './symbols.ts';
import { readToc, type Toc } from './toc.ts';

/** Series references of version 2 count steps of 16 bytes. */
const SERIES_ALIGNMENT = 16;
const MAX_UVARINT_BYTES = 10;

/** Where a series' chunks go, and which: those that overlap the times, both inclusive. */
export interface WantedChunks {
  readonly chunks: ChunkList;
  readonly minTime: number;
  readonly maxTime: number;
}

export class IndexReader implements Disposable {
  readonly #paged: PagedFile;
  readonly #toc: Toc;
  readonly #symbols: Symbols;
  readonly #table: PostingsTable;

  /** Takes the file over: disposing closes it. Throws OperationError 'corrupt' naming file and offset. */
  constructor(file: ReadableFile, cache: PageCache) {
    this.#toc = readToc(file);
    this.#paged = new PagedFile(file, cache);
    const { version, symbols, postingsTable } = this.#toc;
    const place = { offset: symbols, indexOffset: symbols };
    this.#symbols = openSymbols(this.#paged, place, version);
    const tablePlace = { offset: postingsTable, listsEnd: postingsTable };
    this.#table = new PostingsTable(this.#paged, tablePlace, version);
  }

  get path(): string {
    return this.#paged.file.path;
  }

  /** Ascending. */
  labelNames(): string[] {
    return this.#table.names();
  }

  /** Values of a name that a condition takes, ascending. */
  labelValues(name: string, prefix = '', accepts?: (value: string) => boolean): string[] {
    const values: string[] = [];
    this.#table.each(name, prefix, (value) => {
      if (accepts === undefined || accepts(value)) values.push(value);
    });
    return values;
  }

  allPostings(): Postings {
    return this.postings('', '');
  }

  /** Series with a label pair. */
  postings(name: string, value: string): Postings {
    const list = this.#table.find(name, value);
    return list === undefined ? NO_POSTINGS : this.#readList(list.start);
  }

  /** The lists of all values of a name that start with the prefix and that the condition takes. */
  postingsMatching(name: string, prefix: string, accepts: (value: string) => boolean): Postings[] {
    const offsets: number[] = [];
    this.#table.each(name, prefix, (value, list) => {
      if (accepts(value)) offsets.push(list);
    });
    return offsets.map((offset) => this.#readList(offset));
  }

  /** Values of a name that the condition takes and that at least one of the series has, ascending. */
  valuesOf(name: string, series: Postings, accepts: (value: string) => boolean): string[] {
    const values: string[] = [];
    const offsets: number[] = [];
    this.#table.each(name, '', (value, list) => {
      if (!accepts(value)) return;
      values.push(value);
      offsets.push(list);
    });
    // Reading a series costs about as much as reading the list of a value.
    if (series.length < values.length) return this.#valuesOfSeries(name, series, accepts);
    const wanted = new PostingsLookup(series);
    return values.filter((_, i) => {
      const { bytes, at, count } = this.#locateList(offsets[i] as number);
      for (let k = 0; k < count; k++) {
        if (wanted.has(bytes.readUInt32BE(at + 4 * k))) return true;
      }
      return false;
    });
  }

  #valuesOfSeries(name: string, series: Postings, accepts: (value: string) => boolean): string[] {
    const values = new Set<string>();
    for (const reference of series) values.add(labelValue(this.series(reference), name));
    values.delete('');
    return [...values].filter(accepts).sort(compareText);
  }

  #readList(offset: number): Postings {
    const { bytes, at, count } = this.#locateList(offset);
    const references = Buffer.allocUnsafeSlow(4 * count);
    bytes.copy(references, 0, at, at + 4 * count);
    references.swap32();
    return new Uint32Array(references.buffer, references.byteOffset, count);
  }

  /** Length, count, references (big endian), CRC of all but the length. Gives the references' bytes. */
  #locateList(offset: number): BytesAt & { readonly count: number } {
    const { file } = this.#paged;
    if (offset + 12 > this.#paged.sizeBytes) {
      throw damaged(file, 'postings', offset, 'the list starts after the end');
    }
    const head = this.#paged.read(offset, 8);
    const length = head.bytes.readUInt32BE(head.at);
    const count = head.bytes.readUInt32BE(head.at + 4);
    if (length !== 4 + 4 * count || offset + 8 + length > this.#paged.sizeBytes) {
      throw damaged(file, 'postings', offset, `${length} bytes for ${count} series`);
    }
    const { bytes, at } = this.#paged.read(offset + 4, length + 4);
    checkCrc(file, 'postings', offset, { bytes, at, length });
    return { bytes, at: at + 4, count };
  }

  /** Labels of a series; a list takes those of its chunks that overlap the range of times. */
  series(reference: number, wanted?: WantedChunks): Labels {
    return this.#visitEntry(reference, (cursor) => {
      const labels = this.#readLabels(cursor);
      if (wanted !== undefined) readChunks(cursor, wanted);
      return labels;
    });
  }

  #visitEntry<T>(reference: number, visit: (cursor: ByteCursor) => T): T {
    const offset = this.#toc.version === 1 ? reference : reference * SERIES_ALIGNMENT;
    const entry = this.#readEntry(offset);
    try {
      return visit(new ByteCursor(entry.bytes, entry.at, entry.at + entry.length));
    } catch (error) {
      if (!(error instanceof OperationError) || error.kind !== 'corrupt') throw error;
      throw damaged(this.#paged.file, 'series', offset, error.message);
    }
  }

  /** As `series`, but labels as symbol references; `each` gets name, value, name … */
  seriesSymbols(reference: number, wanted: WantedChunks, each: (symbol: number) => void): void {
    this.#visitEntry(reference, (cursor) => {
      const count = readLabelCount(cursor);
      for (let i = 0; i < 2 * count; i++) each(cursor.uvarint());
      readChunks(cursor, wanted);
    });
  }

  get symbols(): Symbols {
    return this.#symbols;
  }

  #readEntry(offset: number): BytesAt & { readonly length: number } {
    const { file } = this.#paged;
    const { series, seriesEnd } = this.#toc;
    if (offset < series || offset >= seriesEnd) {
      throw damaged(file, 'series', offset, `series lie from ${series} to ${seriesEnd}`);
    }
    const head = this.#paged.readUpTo(offset, MAX_UVARINT_BYTES);
    const cursor = new ByteCursor(head.bytes, head.at);
    const length = cursor.uvarint();
    const start = offset + cursor.at - head.at;
    if (start + length + 4 > seriesEnd) {
      throw damaged(file, 'series', offset, `${length} bytes go beyond ${seriesEnd}`);
    }
    const body = this.#paged.read(start, length + 4);
    checkCrc(file, 'series', offset, { ...body, length });
    return { ...body, length };
  }

  #readLabels(cursor: ByteCursor): Labels {
    const count = readLabelCount(cursor);
    const labels = new Array<string>(2 * count);
    for (let i = 0; i < 2 * count; i++) labels[i] = this.#symbols.lookup(cursor.uvarint());
    return labels;
  }

  [Symbol.dispose](): void {
    this.#paged[Symbol.dispose]();
  }
}

/** Throws OperationError 'not-found' or 'corrupt'; then no file is left open. */
export function openIndex(files: FileSystem, path: string, cache: PageCache): IndexReader {
  const file = files.open(path);
  try {
    return new IndexReader(file, cache);
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

function readLabelCount(cursor: ByteCursor): number {
  const count = cursor.uvarint();
  if (2 * count > cursor.left) throw new OperationError('corrupt', `it says ${count} labels`);
  return count;
}

/** Times are deltas to the chunk before, references too. Chunks ascend: behind the range none is read. */
function readChunks(cursor: ByteCursor, { chunks, minTime, maxTime }: WantedChunks): void {
  const count = cursor.uvarint();
  if (3 * count > cursor.left) throw new OperationError('corrupt', `it says ${count} chunks`);
  chunks.clear(count);
  let last = 0;
  let reference = 0;
  for (let i = 0; i < count; i++) {
    const first = i === 0 ? cursor.varint() : last + cursor.uvarint();
    if (i > 0 && first <= last) {
      throw new OperationError('corrupt', `chunk ${i} starts where the one before it ends`);
    }
    if (first > maxTime) break;
    last = first + cursor.uvarint();
    reference += i === 0 ? cursor.uvarint() : cursor.varint();
    if (last >= minTime) chunks.push(first, last, reference);
  }
}

function checkCrc(
  file: ReadableFile,
  what: string,
  offset: number,
  { bytes, at, length }: BytesAt & { readonly length: number },
): void {
  const crc = crc32c(bytes.subarray(at, at + length));
  const stored = bytes.readUInt32BE(at + length);
  if (stored !== crc) throw damaged(file, what, offset, `its CRC is ${crc}, ${stored} is stored`);
}

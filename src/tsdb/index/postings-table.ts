/**
 * The postings offset table of an index: for each label pair the offset of its list of series. Every 32nd
 * value of a name is kept in memory, with the last one; between them the file is scanned. Tables of version 1
 * are not sorted and are kept whole.
 */
import { OperationError } from '../../base/errors.ts';
import { compareText } from '../../model/labels.ts';
import type { ByteCursor } from '../byte-cursor.ts';
import type { PagedFile } from '../page-cache.ts';
import { checkSection, damaged, locateSection, type Section, scanRecords } from './section.ts';

const STRIDE = 32;
const WHAT = 'postings offset table';

/** Parallel lists of some values of a name, ascending: the first, every 32nd, the last. */
interface Samples {
  readonly values: string[];
  /** File offsets of the values' records, and behind them where the last one ends. */
  readonly offsets: number[];
  /** Offsets of the values' lists, and behind them where the last one ends. */
  readonly lists: number[];
}

/** Where a table is, and where the last of its lists ends in the index (or what follows it there). */
export interface TablePlace {
  readonly offset: number;
  readonly listsEnd: number;
}

/** Where in the index a list lies, its length and CRC included; after the last list may be more. */
export interface ListRange {
  readonly start: number;
  readonly end: number;
}

export class PostingsTable {
  readonly #paged: PagedFile;
  readonly #names = new Map<string, Samples>();
  readonly #whole: Map<string, Map<string, ListRange>> | undefined;
  readonly #section: Section;

  constructor(paged: PagedFile, { offset, listsEnd }: TablePlace, version: number) {
    const { file } = paged;
    const section = locateSection(file, offset, WHAT);
    checkSection(file, section, WHAT);
    this.#paged = paged;
    this.#section = section;
    const { bytes, at } = paged.read(section.start, 4);
    const count = bytes.readUInt32BE(at);
    this.#whole = version === 1 ? new Map() : undefined;
    const seen = count === 0 ? 0 : this.#load(count, listsEnd);
    if (seen < count) throw damaged(file, WHAT, offset, `${seen} of ${count} entries`);
  }

  #load(count: number, listsEnd: number): number {
    return this.#whole === undefined
      ? this.#loadSamples(count, listsEnd)
      : this.#loadWhole(this.#whole, count, listsEnd);
  }

  #scanEntries(count: number, visit: (entry: Entry, offset: number, end: number) => void): number {
    const body = { start: this.#section.start + 4, end: this.#section.end };
    let seen = 0;
    scanRecords(this.#paged, body, WHAT, (cursor, offset) => {
      const start = cursor.at;
      const entry = readEntry(cursor);
      visit(entry, offset, offset + cursor.at - start);
      return ++seen < count;
    });
    return seen;
  }

  #loadWhole(whole: Map<string, Map<string, ListRange>>, count: number, listsEnd: number): number {
    let last: Entry | undefined;
    const close = (end: number): void => {
      if (last === undefined) return;
      const values = whole.get(last.name) ?? new Map<string, ListRange>();
      whole.set(last.name, values.set(last.value, { start: last.list, end }));
    };
    const seen = this.#scanEntries(count, (entry) => {
      close(entry.list);
      last = entry;
    });
    close(listsEnd);
    return seen;
  }

  #loadSamples(count: number, listsEnd: number): number {
    let name: string | undefined;
    let samples = noSamples();
    let ofName = 0;
    let last = { value: '', list: 0, offset: 0, end: 0 };
    const closeName = (list: number): void => {
      if (ofName % STRIDE !== 1 && ofName > 0) addSample(samples, last, last.offset);
      samples.offsets.push(last.end);
      samples.lists.push(list);
    };
    const seen = this.#scanEntries(count, (entry, offset, end) => {
      if (entry.name !== name) {
        closeName(entry.list);
        name = entry.name;
        ofName = 0;
        samples = noSamples();
        this.#names.set(name, samples);
      }
      if (ofName++ % STRIDE === 0) addSample(samples, entry, offset);
      last = { value: entry.value, list: entry.list, offset, end };
    });
    closeName(listsEnd);
    return seen;
  }

  /** Names of labels, ascending. */
  names(): string[] {
    const names = [...(this.#whole ?? this.#names).keys()];
    return names.filter((name) => name !== '').sort(compareText);
  }

  /** The list of a label pair; undefined if no series has it. ('', '') is all series. */
  find(name: string, value: string): ListRange | undefined {
    if (this.#whole !== undefined) return this.#whole.get(name)?.get(value);
    const samples = this.#names.get(name);
    if (samples === undefined) return undefined;
    const after = countUpTo(samples.values, value);
    if (after === 0) return undefined;
    let found: number | undefined;
    let next = samples.lists[after] as number;
    const [start = 0, end = 0] = samples.offsets.slice(after - 1, after + 1);
    scanRecords(this.#paged, { start, end }, WHAT, (cursor) => {
      const isFound = readValue(cursor) === value;
      const list = cursor.uvarint();
      if (found !== undefined) next = list;
      else if (isFound) found = list;
      return next !== list;
    });
    return found === undefined ? undefined : { start: found, end: next };
  }

  /** Visits the values that start with a prefix, ascending, with the offsets of their lists. */
  each(name: string, prefix: string, visit: (value: string, list: number) => void): void {
    this.eachRange(name, prefix, (value, { start }) => visit(value, start));
  }

  /** As `each`, but with where the lists end too. */
  eachRange(name: string, prefix: string, visit: (value: string, list: ListRange) => void): void {
    if (this.#whole !== undefined) {
      const values = [...(this.#whole.get(name) ?? [])];
      values.sort(([a], [b]) => compareText(a, b));
      for (const [value, list] of values) if (value.startsWith(prefix)) visit(value, list);
      return;
    }
    // A list ends where the one of the next value starts.
    let open: { readonly value: string; readonly start: number } | undefined;
    const close = (end: number): void => {
      if (open !== undefined) visit(open.value, { start: open.start, end });
      open = undefined;
    };
    this.#scan(name, prefix, (value, list) => {
      close(list);
      if (value.startsWith(prefix)) open = { value, start: list };
      return open !== undefined || compareText(value, prefix) < 0;
    });
    close(this.#names.get(name)?.lists.at(-1) ?? 0);
  }

  /** Visits the values of a name from the last sample not above `from` on, while the visitor says so. */
  #scan(name: string, from: string, visit: (value: string, list: number) => boolean): void {
    const samples = this.#names.get(name);
    if (samples === undefined) return;
    const start = samples.offsets[Math.max(0, countUpTo(samples.values, from) - 1)] as number;
    const range = { start, end: samples.offsets.at(-1) as number };
    scanRecords(this.#paged, range, WHAT, (cursor) => {
      const value = readValue(cursor);
      return visit(value, cursor.uvarint());
    });
  }
}

interface Entry {
  readonly name: string;
  readonly value: string;
  readonly list: number;
}

function noSamples(): Samples {
  return { values: [], offsets: [], lists: [] };
}

function addSample(samples: Samples, { value, list }: Omit<Entry, 'name'>, offset: number): void {
  samples.values.push(value);
  samples.offsets.push(offset);
  samples.lists.push(list);
}

function readEntry(cursor: ByteCursor): Entry {
  expectPair(cursor);
  return { name: cursor.text(), value: cursor.text(), list: cursor.uvarint() };
}

/** Of an entry whose name is known. */
function readValue(cursor: ByteCursor): string {
  expectPair(cursor);
  cursor.skipText();
  return cursor.text();
}

function expectPair(cursor: ByteCursor): void {
  if (cursor.uvarint() !== 2) throw new OperationError('corrupt', 'it is no label pair');
}

/** Number of values that are not above the text. */
function countUpTo(values: readonly string[], text: string): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareText(values[middle] as string, text) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

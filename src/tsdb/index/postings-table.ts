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
}

export class PostingsTable {
  readonly #paged: PagedFile;
  readonly #names = new Map<string, Samples>();
  readonly #whole: Map<string, Map<string, number>> | undefined;
  readonly #section: Section;

  constructor(paged: PagedFile, offset: number, version: number) {
    const { file } = paged;
    const section = locateSection(file, offset, WHAT);
    checkSection(file, section, WHAT);
    this.#paged = paged;
    this.#section = section;
    const { bytes, at } = paged.read(section.start, 4);
    const count = bytes.readUInt32BE(at);
    this.#whole = version === 1 ? new Map() : undefined;
    const seen = this.#load(count);
    if (seen < count) throw damaged(file, WHAT, offset, `${seen} of ${count} entries`);
  }

  #load(count: number): number {
    const body = { start: this.#section.start + 4, end: this.#section.end };
    let seen = 0;
    let name: string | undefined;
    let samples: Samples = { values: [], offsets: [] };
    let ofName = 0;
    let last = { value: '', offset: 0, end: 0 };
    const closeName = (): void => {
      if (ofName % STRIDE !== 1 && ofName > 0) addSample(samples, last.value, last.offset);
      samples.offsets.push(last.end);
    };
    if (count === 0) return 0;
    scanRecords(this.#paged, body, WHAT, (cursor, offset) => {
      const start = cursor.at;
      const entry = readEntry(cursor);
      if (this.#whole !== undefined) {
        const values = this.#whole.get(entry.name) ?? new Map<string, number>();
        this.#whole.set(entry.name, values.set(entry.value, entry.list));
        return ++seen < count;
      }
      if (entry.name !== name) {
        closeName();
        name = entry.name;
        ofName = 0;
        samples = { values: [], offsets: [] };
        this.#names.set(name, samples);
      }
      if (ofName++ % STRIDE === 0) addSample(samples, entry.value, offset);
      last = { value: entry.value, offset, end: offset + cursor.at - start };
      return ++seen < count;
    });
    closeName();
    return seen;
  }

  /** Names of labels, ascending. */
  names(): string[] {
    const names = [...(this.#whole ?? this.#names).keys()];
    return names.filter((name) => name !== '').sort(compareText);
  }

  /** Offset of the list of a label pair; undefined if no series has it. ('', '') is all series. */
  find(name: string, value: string): number | undefined {
    if (this.#whole !== undefined) return this.#whole.get(name)?.get(value);
    const samples = this.#names.get(name);
    if (samples === undefined) return undefined;
    const after = countUpTo(samples.values, value);
    if (after === 0) return undefined;
    let found: number | undefined;
    const [start = 0, end = 0] = samples.offsets.slice(after - 1, after + 1);
    scanRecords(this.#paged, { start, end }, WHAT, (cursor) => {
      const isFound = readValue(cursor) === value;
      const list = cursor.uvarint();
      if (isFound) found = list;
      return found === undefined;
    });
    return found;
  }

  /** Visits the values that start with a prefix, ascending, with the offsets of their lists. */
  each(name: string, prefix: string, visit: (value: string, list: number) => void): void {
    if (this.#whole !== undefined) {
      const values = [...(this.#whole.get(name) ?? [])];
      values.sort(([a], [b]) => compareText(a, b));
      for (const [value, list] of values) if (value.startsWith(prefix)) visit(value, list);
      return;
    }
    this.#scan(name, prefix, (value, list) => {
      if (value.startsWith(prefix)) visit(value, list);
      return value.startsWith(prefix) || compareText(value, prefix) < 0;
    });
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

function addSample({ values, offsets }: Samples, value: string, offset: number): void {
  values.push(value);
  offsets.push(offset);
}

function readEntry(cursor: ByteCursor): { name: string; value: string; list: number } {
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

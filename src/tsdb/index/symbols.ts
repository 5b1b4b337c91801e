/** The symbol table of an index: every label name and value once, found by number (version 1: by offset). */
import { OperationError } from '../../base/errors.ts';
import { ByteCursor } from '../byte-cursor.ts';
import type { PagedFile } from '../page-cache.ts';
import { checkSection, damaged, locateSection, type Section, scanRecords } from './section.ts';

/** Offsets of every 32nd symbol stay in memory. */
export const SYMBOL_STRIDE = 32;
const WHAT = 'symbol table';
/** Symbols kept as strings: at least as many, at most twice. */
const KEPT = 32768;

export interface SymbolEntry {
  readonly reference: number;
  readonly text: string;
}

/** Where the symbols of a file are. */
export interface SymbolTable {
  readonly section: Section;
  readonly version: number;
  readonly count: number;
  /** File offsets of every 32nd. */
  readonly offsets: readonly number[];
  /** What references of version 1 lack to be offsets in this file: it may hold a copy of the table. */
  readonly shift: number;
}

/** Where the table of a file is, and where it was in the index that series refer to. */
export interface SymbolsPlace {
  readonly offset: number;
  readonly indexOffset: number;
}

/** Reads the table through once. Throws OperationError 'corrupt'. */
export function openSymbols(
  paged: PagedFile,
  { offset, indexOffset }: SymbolsPlace,
  version: number,
): Symbols {
  const { file } = paged;
  const section = locateSection(file, offset, WHAT);
  checkSection(file, section, WHAT);
  const { bytes, at } = paged.read(section.start, 4);
  const count = bytes.readUInt32BE(at);
  const offsets: number[] = [];
  let seen = 0;
  const body = { start: section.start + 4, end: section.end };
  scanRecords(paged, body, WHAT, (cursor, position) => {
    if (seen % SYMBOL_STRIDE === 0) offsets.push(position);
    cursor.skipText();
    return ++seen < count;
  });
  if (seen < count) throw damaged(file, WHAT, offset, `${seen} of ${count} symbols`);
  return new Symbols(paged, { section, version, count, offsets, shift: offset - indexOffset });
}

export class Symbols {
  readonly #paged: PagedFile;
  readonly #section: Section;
  readonly #version: number;
  readonly #count: number;
  readonly #offsets: Float64Array;
  readonly #shift: number;
  #recent = new Map<number, string>();
  #older = new Map<number, string>();

  constructor(paged: PagedFile, { section, version, count, offsets, shift }: SymbolTable) {
    this.#paged = paged;
    this.#section = section;
    this.#version = version;
    this.#count = count;
    this.#offsets = Float64Array.from(offsets);
    this.#shift = shift;
  }

  /** The symbol that a series refers to. Throws OperationError 'corrupt' if there is none. */
  lookup(reference: number): string {
    const known = this.#recent.get(reference);
    if (known !== undefined) return known;
    const symbol = this.#older.get(reference) ?? this.#read(reference);
    if (this.#recent.size >= KEPT) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(reference, symbol);
    return symbol;
  }

  /** All symbols, ascending, with what series call them. */
  *all(): Generator<SymbolEntry> {
    const { end } = this.#section;
    for (let group = 0; group < this.#offsets.length; group++) {
      const from = this.#offsets[group] as number;
      const to = this.#offsets[group + 1] ?? end;
      const { bytes, at } = this.#paged.read(from, to - from);
      const cursor = new ByteCursor(bytes, at, at + to - from);
      const last = Math.min(this.#count - group * SYMBOL_STRIDE, SYMBOL_STRIDE);
      for (let i = 0; i < last; i++) {
        const offset = from + cursor.at - at;
        const reference = this.#version === 1 ? offset - this.#shift : group * SYMBOL_STRIDE + i;
        yield { reference, text: cursor.text() };
      }
    }
  }

  /** Every reference is below it. */
  get referencesEnd(): number {
    return this.#version === 1 ? this.#section.end - this.#shift : this.#count;
  }

  #read(reference: number): string {
    if (this.#version === 1) return this.#readAt(reference + this.#shift, 0);
    if (reference >= this.#count) {
      throw new OperationError('corrupt', `there is no symbol ${reference} of ${this.#count}`);
    }
    const offset = this.#offsets[Math.floor(reference / SYMBOL_STRIDE)] as number;
    return this.#readAt(offset, reference % SYMBOL_STRIDE);
  }

  /** The text that comes after `skip` others from an offset on. */
  #readAt(offset: number, skip: number): string {
    const { start, end } = this.#section;
    if (offset < start || offset >= end) {
      throw new OperationError('corrupt', `there is no symbol at offset ${offset}`);
    }
    for (let length = 4096; ; length *= 16) {
      const { bytes, at } = this.#paged.readUpTo(offset, Math.min(length, end - offset));
      const cursor = new ByteCursor(bytes, at, Math.min(bytes.length, at + end - offset));
      try {
        for (let i = 0; i < skip; i++) cursor.skipText();
        return cursor.text();
      } catch (error) {
        // Long symbols do not fit into the first try.
        if (length >= end - offset) throw error;
      }
    }
  }
}

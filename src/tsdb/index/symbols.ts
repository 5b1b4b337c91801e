/** The symbol table of an index: every label name and value once, found by number (version 1: by offset). */
import { OperationError } from '../../base/errors.ts';
import { ByteCursor } from '../byte-cursor.ts';
import type { PagedFile } from '../page-cache.ts';
import { checkSection, damaged, locateSection, type Section, scanRecords } from './section.ts';

/** Offsets of every 32nd symbol stay in memory. */
const STRIDE = 32;
const WHAT = 'symbol table';
/** Symbols kept as strings: at least as many, at most twice. */
const KEPT = 32768;

export class Symbols {
  readonly #paged: PagedFile;
  readonly #section: Section;
  readonly #version: number;
  readonly #count: number;
  readonly #offsets: Float64Array;
  #recent = new Map<number, string>();
  #older = new Map<number, string>();

  constructor(paged: PagedFile, offset: number, version: number) {
    const { file } = paged;
    const section = locateSection(file, offset, WHAT);
    checkSection(file, section, WHAT);
    this.#paged = paged;
    this.#section = section;
    this.#version = version;
    const { bytes, at } = paged.read(section.start, 4);
    this.#count = bytes.readUInt32BE(at);
    const offsets: number[] = [];
    let seen = 0;
    const body = { start: section.start + 4, end: section.end };
    scanRecords(paged, body, WHAT, (cursor, position) => {
      if (seen % STRIDE === 0) offsets.push(position);
      cursor.skipText();
      return ++seen < this.#count;
    });
    if (seen < this.#count) throw damaged(file, WHAT, offset, `${seen} of ${this.#count} symbols`);
    this.#offsets = Float64Array.from(offsets);
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

  #read(reference: number): string {
    if (this.#version === 1) return this.#readAt(reference, 0);
    if (reference >= this.#count) {
      throw new OperationError('corrupt', `there is no symbol ${reference} of ${this.#count}`);
    }
    const offset = this.#offsets[Math.floor(reference / STRIDE)] as number;
    return this.#readAt(offset, reference % STRIDE);
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

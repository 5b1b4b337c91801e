/**
 * The label texts of a head as the symbols of a block. They are copied, sorted and numbered as bytes in the memory of the
 * block's kernel: strings would take longer than all else that is done with the labels.
 */
import type { Kernel } from '../base/kernel.ts';
import { OTHER_NAME } from './head/head-index.ts';
import { type HeadMemory, SCRATCH_BYTES } from './head/head-memory.ts';
import type { Steps } from './index/index-writer.ts';

/** Pairs that one step reads. */
const STEP_PAIRS = 8192;
/** u32 pair, name, series, bytes. */
const PAIR_ROW_WORDS = 4;
/** Pairs' numbers lie at the start of the scratch space, their texts behind. */
const TEXTS_AT = 4 * STEP_PAIRS;
/** u32 address of a text, index in the table of numbers. */
const ROW_BYTES = 8;
const STATE_BYTES = 20;
/** Rows that one step sorts, merges or numbers. */
const STEP_ROWS = 32_768;

export class HeadSymbols {
  readonly #kernel: Kernel;
  /** Addresses of the symbols' texts, ascending. */
  readonly #texts: number;
  readonly #count: number;
  /** Address of u32 by pair: numbers of the symbols of its name and of its value. */
  readonly numbers: number;

  constructor(kernel: Kernel, table: { texts: number; count: number; numbers: number }) {
    this.#kernel = kernel;
    this.#texts = table.texts;
    this.#count = table.count;
    this.numbers = table.numbers;
  }

  /** Addresses of u16 length and bytes in UTF-8, ascending, each once. */
  *texts(): Generator<number> {
    for (let i = 0; i < this.#count; i++) yield this.text(i);
  }

  /** One of them. */
  text(symbol: number): number {
    return this.#kernel.u32[(this.#texts >>> 2) + symbol] as number;
  }
}

/** What it takes of the kernel's arena is used as long as its result. */
export function* headSymbols(memory: HeadMemory, kernel: Kernel): Steps<HeadSymbols> {
  const { exports } = memory.kernel;
  const pairs = exports.headPairs(memory.head) >>> 0;
  const { arena } = kernel;
  const numbers = arena.alloc(4 * 2 * pairs);
  // A row for each value, and one for each name or, beyond the 65,535th, for each pair's.
  const rows = arena.alloc(ROW_BYTES * 2 * pairs);
  const spare = arena.alloc(ROW_BYTES * 2 * pairs);
  const collector = new Collector(memory, kernel, { rows, pairs });
  while (collector.step()) yield;
  const sorted = yield* sortRows(kernel, collector.count, rows, spare);
  const texts = arena.alloc(4 * (collector.count + 1));
  // Prometheus' head has the empty text among its symbols, too.
  const empty = arena.alloc(2);
  kernel.u8.fill(0, empty, empty + 2);
  kernel.u32[texts >>> 2] = empty;
  let count = 1;
  for (let at = 0; at < collector.count; at += STEP_ROWS) {
    const length = Math.min(STEP_ROWS, collector.count - at);
    const before = kernel.u32[(texts >>> 2) + count - 1] as number;
    const from = sorted + ROW_BYTES * at;
    count = kernel.exports.textsNumber(from, length, before, count, numbers, texts) >>> 0;
    yield;
  }
  collector.copyNames(numbers);
  return new HeadSymbols(kernel, { texts, count, numbers });
}

/** Copies the texts of all pairs and makes rows of them. */
class Collector {
  readonly #memory: HeadMemory;
  readonly #kernel: Kernel;
  readonly #rows: number;
  /** Of the numbers of pairs: those that are made from now on belong to series that are not written. */
  readonly #end: number;
  /** By number of the name: the first pair that has it. */
  readonly #firstPairs = new Map<number, number>();
  /** Pairs whose name has a row of another pair, and that one. */
  readonly #sharing: number[] = [];
  #from = 0;
  count = 0;

  constructor(memory: HeadMemory, kernel: Kernel, room: { rows: number; pairs: number }) {
    this.#memory = memory;
    this.#kernel = kernel;
    this.#rows = room.rows;
    this.#end = room.pairs;
  }

  /** False when there are no more pairs. */
  step(): boolean {
    const { kernel, head, scratch } = this.#memory;
    const listed = kernel.exports.headPairRows(head, this.#from, scratch, STEP_PAIRS);
    const found = kernel.u32.slice(scratch >>> 2, (scratch >>> 2) + PAIR_ROW_WORDS * listed);
    let count = listed;
    while (count > 0 && (found[PAIR_ROW_WORDS * (count - 1)] as number) >= this.#end) count--;
    for (let done = 0; done < count; ) done += this.#copy(found, done, count);
    if (count < STEP_PAIRS) return false;
    this.#from = (found[PAIR_ROW_WORDS * (count - 1)] as number) + 1;
    return true;
  }

  /** Takes as many pairs as the scratch space has room for. */
  #copy(found: Uint32Array, from: number, end: number): number {
    const { kernel, head, scratch } = this.#memory;
    for (let i = from; i < end; i++) {
      kernel.u32[(scratch >>> 2) + i - from] = found[PAIR_ROW_WORDS * i] as number;
    }
    const target = scratch + TEXTS_AT;
    const room = SCRATCH_BYTES - TEXTS_AT;
    const length = kernel.exports.headCopyPairs(head, scratch, end - from, target, room);
    const copy = this.#kernel.arena.alloc(length);
    this.#kernel.u8.set(kernel.u8.subarray(target, target + length), copy);
    const { u8 } = this.#kernel;
    let i = from;
    for (let at = copy; at < copy + length; i++) {
      const pair = found[PAIR_ROW_WORDS * i] as number;
      this.#addName(pair, found[PAIR_ROW_WORDS * i + 1] as number, at);
      at += 2 + (u8[at] as number) + 256 * (u8[at + 1] as number);
      this.#addRow(at, 2 * pair + 1);
      at += 2 + (u8[at] as number) + 256 * (u8[at + 1] as number);
    }
    return i - from;
  }

  #addName(pair: number, name: number, text: number): void {
    const first = name === OTHER_NAME ? undefined : this.#firstPairs.get(name);
    if (first !== undefined) {
      this.#sharing.push(pair, first);
      return;
    }
    this.#firstPairs.set(name, pair);
    this.#addRow(text, 2 * pair);
  }

  #addRow(text: number, index: number): void {
    const at = (this.#rows + ROW_BYTES * this.count++) >>> 2;
    this.#kernel.u32[at] = text;
    this.#kernel.u32[at + 1] = index;
  }

  /** Numbers of names that were not sorted as they are those of other pairs. */
  copyNames(numbers: number): void {
    const { u32 } = this.#kernel;
    const sharing = this.#sharing;
    for (let i = 0; i < sharing.length; i += 2) {
      const pair = sharing[i] as number;
      u32[(numbers >>> 2) + 2 * pair] = u32[
        (numbers >>> 2) + 2 * (sharing[i + 1] as number)
      ] as number;
    }
  }
}

/** Sorts short runs, then merges pairs of them until one is left; where it lies. */
function* sortRows(kernel: Kernel, count: number, rows: number, spare: number): Steps<number> {
  const { textsSort, textsMerge } = kernel.exports;
  const state = kernel.arena.alloc(STATE_BYTES);
  for (let at = 0; at < count; at += STEP_ROWS) {
    const offset = ROW_BYTES * at;
    textsSort(rows + offset, Math.min(STEP_ROWS, count - at), spare + offset, state);
    yield;
  }
  let from = rows;
  let to = spare;
  for (let width = STEP_ROWS; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(middle + width, count);
      const runs = [start, middle, middle, end].map((row) => from + ROW_BYTES * row);
      kernel.u32.set([...runs, to + ROW_BYTES * start], state >>> 2);
      while (textsMerge(state, STEP_ROWS) !== 0) yield;
    }
    [from, to] = [to, from];
  }
  return from;
}

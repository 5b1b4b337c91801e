/**
 * Sets of series as ascending lists of references, and their algebra. An intersection gallops through the
 * longer list; a union of many lists is a bitmap where they lie densely.
 */
export type Postings = Uint32Array;

export const NO_POSTINGS: Postings = new Uint32Array(0);

/** References that are in both lists. */
export function intersect(a: Postings, b: Postings): Postings {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const result = new Uint32Array(short.length);
  let count = 0;
  let at = 0;
  for (let i = 0; i < short.length; i++) {
    const reference = short[i] as number;
    at = seek(long, reference, at);
    if (at === long.length) break;
    if (long[at] === reference) result[count++] = reference;
  }
  return result.subarray(0, count);
}

/** References of the first list that are not in the second. */
export function subtract(a: Postings, b: Postings): Postings {
  if (b.length === 0 || a.length === 0) return a;
  const result = new Uint32Array(a.length);
  let count = 0;
  let at = 0;
  for (let i = 0; i < a.length; i++) {
    const reference = a[i] as number;
    at = seek(b, reference, at);
    if (b[at] !== reference) result[count++] = reference;
  }
  return result.subarray(0, count);
}

/** References that are in any list. */
export function unite(lists: readonly Postings[]): Postings {
  const filled = lists.filter(({ length }) => length > 0);
  const [first = NO_POSTINGS] = filled;
  if (filled.length <= 1) return first;
  let total = 0;
  let low = first[0] as number;
  let high = 0;
  for (const list of filled) {
    total += list.length;
    low = Math.min(low, list[0] as number);
    high = Math.max(high, list[list.length - 1] as number);
  }
  // A bitmap costs a word for 32 possible references, sorting some 10 ns for each that is there.
  return high - low < Math.min(total * 256, BITMAP_BITS_MAX)
    ? uniteByBitmap(filled, low, high)
    : uniteBySorting(filled, total);
}

function uniteByBitmap(lists: readonly Postings[], low: number, high: number): Postings {
  const words = new Uint32Array(wordsOf(high - low));
  for (const list of lists) setBits(words, list, low);
  let count = 0;
  for (let i = 0; i < words.length; i++) count += countBits(words[i] as number);
  const result = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < words.length; i++) {
    for (let word = words[i] as number; word !== 0; word &= word - 1) {
      result[at++] = low + i * 32 + (31 - Math.clz32(word & -word));
    }
  }
  return result;
}

function uniteBySorting(lists: readonly Postings[], total: number): Postings {
  const all = new Uint32Array(total);
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  all.sort();
  let count = 0;
  for (let i = 0; i < total; i++) {
    if (i === 0 || all[i] !== all[i - 1]) all[count++] = all[i] as number;
  }
  return all.subarray(0, count);
}

/** Most bits of a bitmap: 16 MiB, for series within 2 GiB of an index. */
const BITMAP_BITS_MAX = 2 ** 27;

/** A list of references that is asked many times whether it holds one. */
export class PostingsLookup {
  readonly #list: Postings;
  readonly #low: number;
  readonly #high: number;
  readonly #words: Uint32Array | undefined;

  constructor(list: Postings) {
    this.#list = list;
    this.#low = list[0] ?? 1;
    this.#high = list[list.length - 1] ?? 0;
    if (list.length === 0 || this.#high - this.#low >= BITMAP_BITS_MAX) return;
    this.#words = new Uint32Array(wordsOf(this.#high - this.#low));
    setBits(this.#words, list, this.#low);
  }

  has(reference: number): boolean {
    if (reference < this.#low || reference > this.#high) return false;
    if (this.#words === undefined) {
      return this.#list[seek(this.#list, reference, 0)] === reference;
    }
    const bit = reference - this.#low;
    return ((this.#words[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
  }
}

function wordsOf(lastBit: number): number {
  return (lastBit >>> 5) + 1;
}

function setBits(words: Uint32Array, list: Postings, low: number): void {
  for (let i = 0; i < list.length; i++) {
    const bit = (list[i] as number) - low;
    words[bit >>> 5] = (words[bit >>> 5] as number) | (1 << (bit & 31));
  }
}

/** Index of the first element not below the reference, from `start` on: steps that double, then halves. */
function seek(list: Postings, reference: number, start: number): number {
  if (start >= list.length || (list[start] as number) >= reference) return start;
  let step = 1;
  let low = start;
  while (low + step < list.length && (list[low + step] as number) < reference) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, list.length);
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as number) < reference) low = middle;
    else high = middle;
  }
  return high;
}

function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

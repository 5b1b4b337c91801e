/** Numbers for label pairs: an open hash table over typed arrays, because a large block has millions of pairs. */

const DIGIT_BITS = 13;
const DIGIT_VALUES = 2 ** DIGIT_BITS;
const DIGIT_MASK = DIGIT_VALUES - 1;

/** Symbol numbers have two digits. */
export const SYMBOLS_MAX: number = 2 ** (2 * DIGIT_BITS);

const FIRST_ROOM = 1024;

export class LabelPairs {
  /** By pair: symbol numbers. */
  #names = new Uint32Array(FIRST_ROOM);
  #values = new Uint32Array(FIRST_ROOM);
  /** Pair + 1 by hash; 0 is free. At most half of it is taken. */
  #table = new Uint32Array(2 * FIRST_ROOM);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Symbol number. */
  nameOf(pair: number): number {
    return this.#names[pair] as number;
  }

  /** Symbol number. */
  valueOf(pair: number): number {
    return this.#values[pair] as number;
  }

  /** The pair's number, from 0 in the order of first calls. */
  numberOf(name: number, value: number): number {
    const mask = this.#table.length - 1;
    let at = hash(name, value) & mask;
    for (;;) {
      const pair = (this.#table[at] as number) - 1;
      if (pair < 0) return this.#add(name, value, at);
      if (this.#values[pair] === value && this.#names[pair] === name) return pair;
      at = (at + 1) & mask;
    }
  }

  /** All pairs by name, then value: sorted by 13 bits at a time, from the lowest on. */
  sorted(): Uint32Array {
    const count = this.#count;
    let pairs = new Uint32Array(count);
    for (let pair = 0; pair < count; pair++) pairs[pair] = pair;
    let other = new Uint32Array(count);
    for (const [keys, shift] of this.#digits()) {
      const ends = new Uint32Array(DIGIT_VALUES + 1);
      for (let i = 0; i < count; i++) {
        const digit = ((keys[i] as number) >>> shift) & DIGIT_MASK;
        ends[digit + 1] = (ends[digit + 1] as number) + 1;
      }
      for (let i = 0; i < DIGIT_VALUES; i++) {
        ends[i + 1] = (ends[i + 1] as number) + (ends[i] as number);
      }
      for (let i = 0; i < count; i++) {
        const pair = pairs[i] as number;
        const digit = ((keys[pair] as number) >>> shift) & DIGIT_MASK;
        const at = ends[digit] as number;
        other[at] = pair;
        ends[digit] = at + 1;
      }
      [pairs, other] = [other, pairs];
    }
    return pairs;
  }

  #digits(): readonly (readonly [Uint32Array, number])[] {
    return [this.#values, this.#names].flatMap((keys) => [
      [keys, 0] as const,
      [keys, DIGIT_BITS] as const,
    ]);
  }

  #add(name: number, value: number, at: number): number {
    const pair = this.#count++;
    if (pair === this.#names.length) {
      this.#names = grown(this.#names);
      this.#values = grown(this.#values);
    }
    this.#names[pair] = name;
    this.#values[pair] = value;
    this.#table[at] = pair + 1;
    if (2 * this.#count > this.#table.length) this.#rehash();
    return pair;
  }

  #rehash(): void {
    const table = new Uint32Array(2 * this.#table.length);
    const mask = table.length - 1;
    for (let pair = 0; pair < this.#count; pair++) {
      let at = hash(this.nameOf(pair), this.valueOf(pair)) & mask;
      while (table[at] !== 0) at = (at + 1) & mask;
      table[at] = pair + 1;
    }
    this.#table = table;
  }
}

/** With twice the room. */
export function grown(list: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * list.length);
  larger.set(list);
  return larger;
}

function hash(name: number, value: number): number {
  const mixed = Math.imul(value, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

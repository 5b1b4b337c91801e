/**
 * Names to search while somebody types: 100,000 of them in a few milliseconds a key. All names lie one after the
 * other in one byte array in lower case, each with a mask of its letters that refuses most of them at once.
 */

/** How well a name fits; smaller is better. */
const PREFIX = 0;
const AT_WORD = 1;
const INSIDE = 2;
const SCATTERED = 3;

/** A key packs rank, width and length of a fit, then the number of the name: sorting keys sorts the fits. */
const RANK_UNIT = 2 ** 44;
const WIDTH_UNIT = 2 ** 34;
const LENGTH_UNIT = 2 ** 24;
const SIZE_MAX = 1023;

export class NameIndex {
  readonly names: readonly string[];
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #masks: Int32Array;
  /** What fitted the last pattern: whatever fits a longer one is among it. */
  #last: { readonly pattern: string; readonly fits: Uint32Array } | undefined;

  /** Names in the order in which equal fits are shown, each once; at most 2²⁴. */
  constructor(names: readonly string[]) {
    this.names = names;
    this.#bytes = new TextEncoder().encode(`${names.join('\n')}\n`.toLowerCase());
    this.#offsets = new Uint32Array(names.length + 1);
    this.#masks = new Int32Array(names.length);
    let name = 0;
    let mask = 0;
    for (let i = 0; i < this.#bytes.length; i++) {
      const byte = this.#bytes[i];
      if (byte !== NEWLINE) {
        mask |= 1 << (byte & 31);
        continue;
      }
      this.#masks[name] = mask;
      this.#offsets[++name] = i + 1;
      mask = 0;
    }
  }

  /** The best fits for what was typed: beginnings first, then words, parts, and letters in order. */
  search(typed: string, limit: number): readonly string[] {
    if (typed === '') return this.names.slice(0, limit);
    const pattern = typed.toLowerCase();
    const wanted = new TextEncoder().encode(pattern);
    const best = new BestKeys(limit);
    const candidates = this.#candidates(pattern);
    const count = candidates?.length ?? this.names.length;
    const fits = new Uint32Array(count);
    let fitCount = 0;
    const mask = maskOf(wanted);
    for (let i = 0; i < count; i++) {
      const name = candidates === undefined ? i : candidates[i];
      if ((this.#masks[name] & mask) !== mask) continue;
      const key = this.#fit(name, wanted);
      if (key < 0) continue;
      fits[fitCount++] = name;
      best.add(key);
    }
    this.#last = { pattern, fits: fits.subarray(0, fitCount) };
    return best.sorted().map((key) => this.names[key % LENGTH_UNIT]);
  }

  /** The name that somebody most likely meant by one that does not exist. */
  nearest(name: string): string | undefined {
    const wanted = new TextEncoder().encode(name.toLowerCase());
    const mask = maskOf(wanted);
    let most = Math.min(Math.ceil(wanted.length / 5) + 1, 6);
    let best: string | undefined;
    for (let i = 0; i < this.names.length && most > 0; i++) {
      const start = this.#offsets[i];
      const length = this.#offsets[i + 1] - 1 - start;
      if (Math.abs(length - wanted.length) >= most) continue;
      if (bitCount(this.#masks[i] ^ mask) > 2 * most) continue;
      const distance = editDistance(wanted, this.#bytes.subarray(start, start + length), most);
      if (distance < most) [best, most] = [this.names[i], distance];
    }
    return best;
  }

  #candidates(pattern: string): Uint32Array | undefined {
    return this.#last !== undefined && pattern.startsWith(this.#last.pattern)
      ? this.#last.fits
      : undefined;
  }

  /** The key of a fit; −1 if there is none. */
  #fit(name: number, wanted: Uint8Array): number {
    const bytes = this.#bytes;
    const start = this.#offsets[name];
    const end = this.#offsets[name + 1] - 1;
    const at = indexOf(bytes, start, end, wanted);
    const length = Math.min(end - start, SIZE_MAX);
    if (at >= 0) {
      const rank = at === start ? PREFIX : isWordStart(bytes, start, at) ? AT_WORD : INSIDE;
      return rank * RANK_UNIT + (rank === PREFIX ? 0 : length * LENGTH_UNIT) + name;
    }
    const width = scatter(bytes, start, end, wanted);
    if (width < 0) return -1;
    const shown = Math.min(width, SIZE_MAX) * WIDTH_UNIT;
    return SCATTERED * RANK_UNIT + shown + length * LENGTH_UNIT + name;
  }
}

/** Where the typed letters lie in a name: pairs of start and end, for showing them. */
export function fittingParts(name: string, typed: string): readonly number[] {
  const lower = name.toLowerCase();
  const pattern = typed.toLowerCase();
  if (pattern === '') return [];
  const at = lower.indexOf(pattern);
  if (at >= 0) return [at, at + pattern.length];
  const bytes = new TextEncoder().encode(lower);
  const wanted = new TextEncoder().encode(pattern);
  const parts: number[] = [];
  if (bytes.length !== lower.length) return parts;
  const first = firstOfScatter(bytes, 0, bytes.length, wanted);
  if (first < 0) return parts;
  for (let i = first, k = 0; k < wanted.length && i < bytes.length; i++) {
    if (bytes[i] !== wanted[k]) continue;
    if (parts[parts.length - 1] === i) parts[parts.length - 1] = i + 1;
    else parts.push(i, i + 1);
    k++;
  }
  return parts;
}

/** The smallest keys of many. */
class BestKeys {
  readonly #limit: number;
  readonly #keys: Float64Array;
  #count = 0;
  #worst: number = Number.POSITIVE_INFINITY;

  constructor(limit: number) {
    this.#limit = limit;
    this.#keys = new Float64Array(4 * limit + 1);
  }

  add(key: number): void {
    if (key >= this.#worst) return;
    this.#keys[this.#count++] = key;
    if (this.#count === this.#keys.length) this.#shrink();
  }

  sorted(): readonly number[] {
    this.#shrink();
    return [...this.#keys.subarray(0, this.#count)];
  }

  #shrink(): void {
    this.#keys.subarray(0, this.#count).sort();
    if (this.#count < this.#limit) return;
    this.#count = this.#limit;
    this.#worst = this.#keys[this.#limit - 1];
  }
}

const NEWLINE = 10;

function maskOf(bytes: Uint8Array): number {
  let mask = 0;
  for (let i = 0; i < bytes.length; i++) mask |= 1 << (bytes[i] & 31);
  return mask;
}

function bitCount(bits: number): number {
  let rest = bits;
  let count = 0;
  for (; rest !== 0; count++) rest &= rest - 1;
  return count;
}

function indexOf(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): number {
  const last = end - wanted.length;
  const first = wanted[0];
  for (let i = start; i <= last; i++) {
    if (bytes[i] !== first) continue;
    let k = 1;
    while (k < wanted.length && bytes[i + k] === wanted[k]) k++;
    if (k === wanted.length) return i;
  }
  return -1;
}

/** Letters and digits make words; everything else parts them. */
function isWordStart(bytes: Uint8Array, start: number, at: number): boolean {
  return at === start || !isWordByte(bytes[at - 1]);
}

function isWordByte(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || byte >= 128;
}

/** The bytes over which letters in order are spread from the start of a word on; −1 if they are not there. */
function scatter(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): number {
  const first = firstOfScatter(bytes, start, end, wanted);
  if (first < 0) return -1;
  let k = 0;
  let i = first;
  for (; k < wanted.length; i++) if (bytes[i] === wanted[k]) k++;
  return i - first;
}

/** The first start of a word from which on all wanted letters follow in order; −1 if there is none. */
function firstOfScatter(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): number {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== wanted[0] || !isWordStart(bytes, start, i)) continue;
    let k = 1;
    for (let at = i + 1; at < end && k < wanted.length; at++) if (bytes[at] === wanted[k]) k++;
    // A later start leaves fewer letters.
    return k === wanted.length ? i : -1;
  }
  return -1;
}

/** Edits from one text to the other; `most` if there are at least so many. */
function editDistance(a: Uint8Array, b: Uint8Array, most: number): number {
  let row = Uint16Array.from({ length: b.length + 1 }, (_, i) => i);
  let next = new Uint16Array(b.length + 1);
  for (let i = 1; i <= a.length; i++) {
    next[0] = i;
    let least = i;
    for (let k = 1; k <= b.length; k++) {
      const replaced = row[k - 1] + (a[i - 1] === b[k - 1] ? 0 : 1);
      next[k] = Math.min(replaced, row[k] + 1, next[k - 1] + 1);
      least = Math.min(least, next[k]);
    }
    if (least >= most) return most;
    [row, next] = [next, row];
  }
  return Math.min(row[b.length], most);
}

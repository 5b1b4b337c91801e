/**
 * The samples of one page as columns in kernel memory, read against what the target's last page looked like. Layout of
 * columns and state: kernel/exposition.ts and kernel/exposition-memory.ts.
 */
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import type { PageMetadata } from './exposition-reader.ts';

/** Flags of a row; the type of the family stands from bit 8. */
export const HAS_TIME = 1;
export const SLOW_VALUE = 2;
export const SLOW_TIME = 4;
/** The series stood in the page before. */
export const STOOD_BEFORE = 8;
export const TYPE_SHIFT = 8;

/** The entry of a row whose series the memory does not hold. */
export const UNKNOWN = 0xffffffff;

/** The second word of an entry. */
const LINE = 1;
const SETS_TYPE = 2;
const LENGTH_SHIFT = 5;

const ROWS = 0;
const SLOW = 1;
const TYPE = 2;
const TIMED = 3;
const FRESH = 4;
const REPEATED = 5;
const MEMORY = 7;
const WANTS_INDEX = 13;
const MOVED = 14;
const STATE_WORDS = 16;

const NORMAL_NAN_LOW = 1;
const NORMAL_NAN_HIGH = 0x7ff80000;
const ROW_BYTES = 32;
/** Of the shortest sample, `a 1`, with its newline. */
const SAMPLE_BYTES_MIN = 4;
/** Up to here rows get as much room as there could be samples, which is cheaper than to count lines. */
const ROOMY_BYTES = 4 << 20;

/** What a page looked like: its series and lines in order. */
export interface PageMemory {
  readonly bytes: Uint8Array;
  /** Two words an entry. */
  readonly entries: Uint32Array;
  /** By entry: what the lines say that are HELP, TYPE or UNIT. */
  readonly lines: ReadonlyMap<number, PageMetadata>;
}

/** Bytes of a page between samples; a newline is the last of them. */
export interface PageLine {
  readonly start: number;
  readonly end: number;
  /** Number of the type that a TYPE line gives. */
  readonly type: number | undefined;
  readonly metadata: PageMetadata | undefined;
}

/** A row that the host found; the bytes of its series stand in the page. */
export interface HostRow {
  readonly start: number;
  readonly end: number;
  /** NaN becomes Go's; the stale marker is not to be had this way. */
  readonly value: number;
  readonly timeMs: number | undefined;
  readonly type: number;
}

/** Addresses of the columns of a page with room for `capacity` samples. */
interface Columns {
  readonly capacity: number;
  readonly times: number;
  readonly values: number;
  readonly offsets: number;
  readonly lengths: number;
  readonly flags: number;
  readonly entries: number;
}

/** It holds kernel memory from its making to `release`. */
export class PageRows {
  readonly bytes: Uint8Array;
  readonly columns: Columns;
  readonly #buffer: Buffer;
  readonly #kernel: Kernel;
  readonly #mark: number;
  readonly #base: number;
  readonly #state: number;
  readonly #memory: PageMemory | undefined;
  readonly #seen: number;

  /** @param capacity most rows; undefined for the number of lines. Throws OperationError 'limit'. */
  constructor(kernel: Kernel, bytes: Uint8Array, memory?: PageMemory, capacity?: number) {
    const { arena } = kernel;
    this.bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#kernel = kernel;
    this.#mark = arena.mark();
    this.#memory = memory;
    this.#state = arena.alloc(STATE_WORDS * 4);
    this.#base = arena.alloc(bytes.length + 1);
    kernel.u8.set(bytes, this.#base);
    kernel.u8[this.#base + bytes.length] = 10;
    this.columns = allocateColumns(kernel, capacity ?? this.#mostSamples());
    kernel.u32.fill(0, this.#state >>> 2, (this.#state >>> 2) + STATE_WORDS);
    this.#seen = memory === undefined ? 0 : this.#loadMemory(memory);
  }

  get count(): number {
    return this.#word(ROWS);
  }

  get slowCount(): number {
    return this.#word(SLOW);
  }

  /** Rows of series that the memory does not hold. */
  get freshCount(): number {
    return this.#word(FRESH);
  }

  /** Whether each row is one of a known series, once, without a time of its own. */
  get isPlain(): boolean {
    return this.#word(FRESH) + this.#word(REPEATED) + this.#word(TIMED) === 0;
  }

  /** Whether what the memory holds stands in the page in the same order, as far as it does. */
  get isInOrder(): boolean {
    return this.#word(MOVED) === 0;
  }

  /** Number of the family's type at this place of the page. */
  get type(): number {
    return this.#word(TYPE);
  }

  set type(type: number) {
    this.#kernel.u32[(this.#state >>> 2) + TYPE] = type;
  }

  /** Reads from a byte on to where the host must look, or to the end. */
  scan(at: number, options: number): number {
    const { exports } = this.#kernel;
    const { times, capacity } = this.columns;
    const end = this.#base + this.bytes.length;
    let cursor = this.#base + at;
    for (;;) {
      const base = this.#base;
      const stopped = exports.expositionScan(
        cursor,
        end,
        base,
        times,
        capacity,
        this.#state,
        options,
      );
      cursor = stopped >>> 0;
      if (!this.#makeIndex()) return cursor - base;
    }
  }

  /** Adds a row. Throws OperationError 'internal' when there are more than the capacity. */
  append(row: HostRow): void {
    const { u32, f64 } = this.#kernel;
    const { times, values, offsets, lengths, flags, capacity } = this.columns;
    const at = this.count;
    if (at >= capacity) throw new OperationError('internal', 'more samples than lines in a page');
    u32[(this.#state >>> 2) + ROWS] = at + 1;
    f64[(times >>> 3) + at] = row.timeMs ?? 0;
    this.#setValue((values >>> 3) + at, row.value);
    u32[(offsets >>> 2) + at] = row.start;
    u32[(lengths >>> 2) + at] = row.end - row.start;
    u32[(flags >>> 2) + at] = (row.timeMs === undefined ? 0 : HAS_TIME) | (row.type << TYPE_SHIFT);
    this.#resolve(at);
  }

  /** Forgets the rows from this one on. */
  cut(row: number): void {
    this.#kernel.u32[(this.#state >>> 2) + ROWS] = row;
  }

  flags(row: number): number {
    return this.#kernel.u32[(this.columns.flags >>> 2) + row];
  }

  entry(row: number): number {
    return this.#kernel.u32[(this.columns.entries >>> 2) + row];
  }

  offset(row: number): number {
    return this.#kernel.u32[(this.columns.offsets >>> 2) + row];
  }

  /** The series as it stands in the page. */
  seriesBytes(row: number): Uint8Array {
    const start = this.offset(row);
    return this.bytes.subarray(start, start + this.#kernel.u32[(this.columns.lengths >>> 2) + row]);
  }

  /** The same as a text of one character a byte: a key. */
  seriesKey(row: number): string {
    const start = this.offset(row);
    return this.text(start, start + this.#kernel.u32[(this.columns.lengths >>> 2) + row]);
  }

  /** Bytes of the page, one character a byte. */
  text(start: number, end: number): string {
    return this.#buffer.toString('latin1', start, end);
  }

  /** By entry of the memory: where it was seen, 0 for not at all. A view, valid until the next allocation. */
  get seen(): Uint32Array {
    const count = (this.#memory?.entries.length ?? 0) / 2;
    return this.#kernel.u32.subarray(this.#seen >>> 2, (this.#seen >>> 2) + count);
  }

  release(): void {
    this.#kernel.arena.release(this.#mark);
  }

  #mostSamples(): number {
    const { length } = this.bytes;
    if (length <= ROOMY_BYTES) return Math.trunc(length / SAMPLE_BYTES_MIN) + 2;
    return this.#kernel.exports.expositionLines(this.#base, this.#base + length) + 1;
  }

  #loadMemory(memory: PageMemory): number {
    const { arena } = this.#kernel;
    const entries = arena.alloc(memory.entries.byteLength);
    const bytes = arena.alloc(memory.bytes.length);
    const seen = arena.alloc(memory.entries.byteLength / 2);
    const { u32, u8 } = this.#kernel;
    u32.set(memory.entries, entries >>> 2);
    u8.set(memory.bytes, bytes);
    const count = memory.entries.length / 2;
    u32.fill(0, seen >>> 2, (seen >>> 2) + count);
    u32.set([entries, count, bytes, seen], (this.#state >>> 2) + MEMORY);
    return seen;
  }

  /** Makes the index if the kernel stopped because it needs it. */
  #makeIndex(): boolean {
    if (this.#word(WANTS_INDEX) === 0) return false;
    const count = this.#word(MEMORY + 1);
    const slots = 1 << (33 - Math.clz32(count));
    const address = this.#kernel.arena.alloc(slots * 4);
    this.#kernel.u32.set([address, slots - 1], (this.#state >>> 2) + MEMORY + 4);
    this.#kernel.exports.expositionIndex(this.#state);
    return true;
  }

  #resolve(row: number): void {
    const { times, capacity } = this.columns;
    const { exports } = this.#kernel;
    const find = (): number =>
      exports.expositionResolve(this.#base, times, capacity, this.#state, row, row + 1);
    if (find() === row) {
      this.#makeIndex();
      find();
    }
  }

  #word(index: number): number {
    return this.#kernel.u32[(this.#state >>> 2) + index];
  }

  /** NaN gets the bits of Go's; as one of V8's it could become the stale marker's neighbour. */
  #setValue(index: number, value: number): void {
    if (!Number.isNaN(value)) {
      this.#kernel.f64[index] = value;
      return;
    }
    this.#kernel.u32[index * 2] = NORMAL_NAN_LOW;
    this.#kernel.u32[index * 2 + 1] = NORMAL_NAN_HIGH;
  }
}

function allocateColumns(kernel: Kernel, capacity: number): Columns {
  const times = kernel.arena.alloc(capacity * ROW_BYTES);
  const values = times + capacity * 8;
  const offsets = values + capacity * 8;
  const lengths = offsets + capacity * 4;
  const flags = lengths + capacity * 4;
  return { capacity, times, values, offsets, lengths, flags, entries: flags + capacity * 4 };
}

/** A page's memory, and for each of its entries the row that it comes from. */
export interface Remembered {
  readonly memory: PageMemory;
  /** UNKNOWN for a line. */
  readonly rows: Uint32Array;
}

/**
 * What to read the next page against. `newLines` are those of this page that `memory` did not hold, in order; of a
 * series that is given several times only one row may be kept.
 */
export function rememberPage(
  page: PageRows,
  memory: PageMemory | undefined,
  newLines: readonly PageLine[],
  isKept: (row: number) => boolean,
): Remembered {
  const lines = [...seenLines(page, memory), ...newLines].sort((a, b) => a.start - b.start);
  const entries = new Uint32Array((page.count + lines.length) * 2);
  const rows = new Uint32Array(page.count + lines.length);
  const said = new Map<number, PageMetadata>();
  let count = 0;
  let line = 0;
  const takeLinesTo = (offset: number): void => {
    for (; line < lines.length && lines[line].start < offset; line++) {
      const { start, end, type, metadata } = lines[line];
      if (metadata !== undefined) said.set(count, metadata);
      rows[count] = UNKNOWN;
      entries[count * 2] = start;
      entries[count * 2 + 1] = ((end - start) << LENGTH_SHIFT) | typeBits(type) | LINE;
      count++;
    }
  };
  for (let row = 0; row < page.count; row++) {
    if (!isKept(row)) continue;
    const offset = page.offset(row);
    takeLinesTo(offset);
    rows[count] = row;
    entries[count * 2] = offset;
    entries[count * 2 + 1] = page.seriesBytes(row).length << LENGTH_SHIFT;
    count++;
  }
  takeLinesTo(page.bytes.length);
  return {
    memory: { bytes: ownBytes(page.bytes), entries: entries.slice(0, count * 2), lines: said },
    rows: rows.subarray(0, count),
  };
}

/** Shared memory holds another page soon. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
}

/** The lines of the memory that stand in the page, at their places there. */
function seenLines(page: PageRows, memory: PageMemory | undefined): PageLine[] {
  const lines: PageLine[] = [];
  if (memory === undefined) return lines;
  const { seen } = page;
  for (let entry = 0; entry < seen.length; entry++) {
    const packed = memory.entries[entry * 2 + 1];
    if ((packed & LINE) === 0 || seen[entry] === 0) continue;
    const start = seen[entry] - 1;
    const end = start + (packed >>> LENGTH_SHIFT);
    const type = (packed & SETS_TYPE) === 0 ? undefined : (packed >>> 2) & 7;
    lines.push({ start, end, type, metadata: memory.lines.get(entry) });
  }
  return lines;
}

function typeBits(type: number | undefined): number {
  return type === undefined ? 0 : (type << 2) | SETS_TYPE;
}

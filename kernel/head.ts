/**
 * The head: series with their labels, open chunks and posting lists in one linear memory that belongs to it. Only
 * its owner may call these functions, one at a time. A function that lacks memory or room for output stops before
 * it has changed anything that is not complete, says why (headFailure), and goes on when called again.
 *
 *   head     slabs: 128 bytes (head-slab.ts) │ own words: 128 bytes, below │ table of series │ table of pairs
 *   series   64 bytes: a cache line, below. Its labels are numbers of pairs
 *   pair     a label's name and value, once for all series that have it, and the list of these series
 *   labels   u16 length, name, u16 length, value, …, ascending by name, as bytes
 *
 * An open chunk is a chain of blocks of seven words each; the word that is being filled is in the series. So no
 * chunk ever moves, series that grow in step need no slabs of growing sizes, and a block is taken every 56 bytes.
 * Full chunks leave as entries of a chunks_head file (docs/decisions/0002-head-in-kernel-memory.md).
 */
import { crc32c } from './crc';
import {
  addPosting,
  isPair,
  markDead,
  pairLength,
  PAIR_SHIFT,
  postingBytes,
  fillPair,
} from './head-postings';
import {
  freeBytes,
  giveChain,
  giveSlab,
  hasSlabs,
  sizeFor,
  sizeOf,
  SLAB_BYTES_MAX,
  takeSlab,
} from './head-slab';
import {
  bytesForRecords,
  findRecord,
  freeRecord,
  hasNumbers,
  initTable,
  liveCount,
  newRecord,
  recordAt,
  recordCount,
  removeRecord,
  TABLE_BYTES,
} from './head-table';

const OUTPUT: usize = 128;
const OUTPUT_AT: usize = 132;
const OUTPUT_END: usize = 136;
const FAILURE: usize = 140;
const NEEDED: usize = 144;
const LAST_REF: usize = 152;
const SERIES: usize = 256;
const PAIRS: usize = SERIES + TABLE_BYTES;
const STATE_BYTES: usize = PAIRS + TABLE_BYTES;

const NO_MEMORY: u32 = 1;
const OUTPUT_FULL: u32 = 2;
const BAD_LABELS: u32 = 3;
const NO_NUMBERS: u32 = 4;

const S_REF: usize = 8;
const S_LAST_TIME: usize = 16;
const S_LAST_VALUE: usize = 24;
const S_WORD: usize = 32;
const S_DELTA: usize = 40;
const S_FIRST: usize = 44;
const S_LAST: usize = 48;
const S_LABELS: usize = 52;
const S_BITS: usize = 56;
const S_LEADING: usize = 58;
const S_TRAILING: usize = 59;
const S_COUNT: usize = 60;
const S_LABEL_COUNT: usize = 61;
const S_STATE: usize = 62;
const SERIES_SHIFT: u32 = 6;
const ALIVE: u8 = 1;
const DEAD: u8 = 2;

/** Outcomes of a sample. */
const APPENDED: u8 = 0;
const SAME: u8 = 1;
const TOO_OLD: u8 = 2;
const DUPLICATE: u8 = 3;
const NO_SERIES: u8 = 4;
const BAD_TIME: u8 = 5;

const CHUNK_SAMPLES: u32 = 120;
const BLOCK_SIZE: u32 = 3;
const BLOCK_WORDS: u32 = 7;
const BLOCK_DATA: usize = 8;
const NO_WINDOW: u8 = 255;
/** An entry's bytes beside its data: ref, two times, encoding, length, CRC, and what copyChunk writes too many. */
const ENTRY_BYTES: u32 = 48;
const TIME_MAX: f64 = 9007199254740992;

export function headStateBytes(): u32 {
  return <u32>STATE_BYTES;
}

export function headInit(head: usize, output: usize, outputLength: u32): void {
  memory.fill(head, 0, STATE_BYTES);
  store<u32>(head, <u32>output, OUTPUT);
  store<u32>(head, <u32>output, OUTPUT_AT);
  store<u32>(head, <u32>output + outputLength, OUTPUT_END);
  initTable(head + SERIES, SERIES_SHIFT);
  initTable(head + PAIRS, PAIR_SHIFT);
}

/** Why the last call that stopped did so: 1 memory, 2 output is full, 3 labels, 4 more series than numbers. */
export function headFailure(head: usize): u32 {
  return load<u32>(head, FAILURE);
}

/** Bytes that the call which stopped for memory needs at most. */
export function headNeeded(head: usize): u32 {
  return load<u32>(head, NEEDED);
}

export function headUnused(head: usize): u32 {
  return freeBytes(head);
}

export function headLive(head: usize): u32 {
  return liveCount(head + SERIES);
}

export function headPairs(head: usize): u32 {
  return recordCount(head + PAIRS);
}

/** The series' number for ever, in the entries of its chunks; a slot serves one series after another. */
export function headRef(head: usize, slot: u32): f64 {
  return <f64>load<u64>(recordAt(head + SERIES, slot), S_REF);
}

/** Bytes of finished entries at the output's address; they are taken as read. */
export function headTakeOutput(head: usize): u32 {
  const length = load<u32>(head, OUTPUT_AT) - load<u32>(head, OUTPUT);
  store<u32>(head, load<u32>(head, OUTPUT), OUTPUT_AT);
  return length;
}

/** Notes why a call stops; 0. */
function fail(head: usize, code: u32, needed: u32): u32 {
  store<u32>(head, code, FAILURE);
  store<u32>(head, needed, NEEDED);
  return 0;
}

// ── series ──

/** Slot + 1 of the series with these labels; 0 if there is none. */
export function headFind(head: usize, labels: usize, length: u32): u32 {
  return find(head, labels, length, hashOf(labels, length));
}

/** The same, but a series that is not there is made. 0 says that it could not be. */
export function headFindOrCreate(head: usize, labels: usize, length: u32): u32 {
  const hash = hashOf(labels, length);
  const found = find(head, labels, length, hash);
  if (found != 0) return found;
  const count = countLabels(labels, length);
  if (count == 0) return fail(head, BAD_LABELS, 0);
  if (!hasNumbers(head + SERIES, 1) || !hasNumbers(head + PAIRS, count)) {
    return fail(head, NO_NUMBERS, 0);
  }
  const needed = bytesToCreate(head, labels, length, count);
  if (freeBytes(head) < needed) return fail(head, NO_MEMORY, needed);
  return create(head, labels, length, hash) + 1;
}

function find(head: usize, labels: usize, length: u32, hash: u64): u32 {
  return findRecord(head + SERIES, head, hash, labels, length, hasLabels);
}

/** Number of labels; 0 if the bytes are not what they should be or too long for slabs. */
function countLabels(labels: usize, length: u32): u32 {
  let count: u32 = 0;
  const end = labels + length;
  for (let at = labels; at < end; count++) {
    const pair = pairLength(at, end);
    if (pair == 0 || pair > SLAB_BYTES_MAX || count == 255) return 0;
    at += pair;
  }
  return count;
}

function bytesToCreate(head: usize, labels: usize, length: u32, count: u32): u32 {
  let needed = sizeOf(sizeFor(count << 2));
  needed += bytesForRecords(head + SERIES, 1) + bytesForRecords(head + PAIRS, count);
  const end = labels + length;
  for (let at = labels; at < end; ) {
    const pair = pairLength(at, end);
    needed += sizeOf(sizeFor(pair)) + postingBytes();
    at += pair;
  }
  return needed;
}

function create(head: usize, labels: usize, length: u32, hash: u64): u32 {
  const slot = newRecord(head + SERIES, head, hash);
  const series = recordAt(head + SERIES, slot);
  const end = labels + length;
  let count: u32 = 0;
  for (let at = labels; at < end; at += pairLength(at, end)) count++;
  const list = takeSlab(head, sizeFor(count << 2));
  let item = list;
  for (let at = labels; at < end; item += 4) {
    const bytes = pairLength(at, end);
    const pair = internPair(head, at, bytes);
    store<u32>(item, pair);
    addPosting(head, recordAt(head + PAIRS, pair), slot);
    at += bytes;
  }
  const ref = load<u64>(head, LAST_REF) + 1;
  store<u64>(head, ref, LAST_REF);
  store<u64>(series, ref, S_REF);
  store<u32>(series, <u32>list, S_LABELS);
  store<u8>(series, <u8>count, S_LABEL_COUNT);
  store<i64>(series, i64.MIN_VALUE, S_LAST_TIME);
  store<u8>(series, ALIVE, S_STATE);
  return slot;
}

function internPair(head: usize, bytes: usize, length: u32): u32 {
  const hash = hashOf(bytes, length);
  const found = findRecord(head + PAIRS, head, hash, bytes, length, isPair);
  if (found != 0) return found - 1;
  const number = newRecord(head + PAIRS, head, hash);
  const copy = takeSlab(head, sizeFor(length));
  memory.copy(copy, bytes, length);
  fillPair(recordAt(head + PAIRS, number), copy, length);
  return number;
}

function hasLabels(head: usize, series: usize, labels: usize, length: u32): bool {
  const list = <usize>load<u32>(series, S_LABELS);
  const count = <u32>load<u8>(series, S_LABEL_COUNT);
  const end = labels + length;
  let at = labels;
  for (let i: u32 = 0; i < count; i++) {
    const bytes = pairLength(at, end);
    if (bytes == 0) return false;
    const pair = recordAt(head + PAIRS, load<u32>(list + (<usize>i << 2)));
    if (!isPair(head, pair, at, bytes)) return false;
    at += bytes;
  }
  return at == end;
}

/** Not for the outside: fast, and good enough for tables that check what they find. */
export function hashOf(bytes: usize, length: u32): u64 {
  let hash: u64 = 0x9e3779b97f4a7c15 ^ <u64>length;
  const end = bytes + length;
  for (; bytes + 8 <= end; bytes += 8) hash = mixed(hash, load<u64>(bytes));
  let tail: u64 = 0;
  for (let shift: u64 = 0; bytes < end; bytes++, shift += 8) tail |= <u64>load<u8>(bytes) << shift;
  hash = mixed(hash, tail);
  return mixed(hash, hash >>> 31);
}

// @ts-ignore: decorator
@inline
function mixed(hash: u64, word: u64): u64 {
  const product = (hash ^ word) * 0x9fb21c651e98df25;
  return product ^ (product >>> 29);
}

// ── samples ──

/**
 * Appends samples in columns: u32 slots, float64 times (ms), value bits; a byte of outcome each. Returns how many
 * are dealt with; fewer than `count` when it stopped (headFailure: memory or output).
 * Outcomes: 0 appended, 1 there already with this value, 2 older than the last one, 3 there already with another
 * value, 4 no series has this slot, 5 no time.
 */
export function headAppend(
  head: usize,
  slots: usize,
  times: usize,
  values: usize,
  outcomes: usize,
  count: u32,
): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(slots + (<usize>i << 2));
    const time = load<f64>(times + (<usize>i << 3));
    const value = load<u64>(values + (<usize>i << 3));
    const outcome = appendTo(head, slot, time, value);
    if (outcome > 255) {
      fail(head, outcome >>> 8, sizeOf(BLOCK_SIZE) << 1);
      return i;
    }
    store<u8>(outcomes + i, <u8>outcome);
  }
  return count;
}

/** The outcome, or a failure in the second byte. */
function appendTo(head: usize, slot: u32, sampleTime: f64, value: u64): u32 {
  if (slot >= recordCount(head + SERIES)) return NO_SERIES;
  const series = recordAt(head + SERIES, slot);
  if (load<u8>(series, S_STATE) != ALIVE) return NO_SERIES;
  if (!(Math.abs(sampleTime) <= TIME_MAX)) return BAD_TIME;
  const time = <i64>sampleTime;
  const last = load<i64>(series, S_LAST_TIME);
  if (time < last) return TOO_OLD;
  if (time == last) return value == load<u64>(series, S_LAST_VALUE) ? SAME : DUPLICATE;
  let count = <u32>load<u8>(series, S_COUNT);
  // 49 days do not fit the delta's 32 bits: the next chunk begins.
  if (count == CHUNK_SAMPLES || (count > 0 && time - last > 0xffffffff)) {
    if (!finish(head, series)) return OUTPUT_FULL << 8;
    count = 0;
  }
  // A sample is at most 225 bits: four words, in at most two new blocks.
  if (!hasSlabs(head, BLOCK_SIZE, 2)) return NO_MEMORY << 8;
  if (count == 0) begin(head, series, time, value);
  else goOn(head, series, count, time - last, value);
  store<i64>(series, time, S_LAST_TIME);
  store<u64>(series, value, S_LAST_VALUE);
  store<u8>(series, <u8>(count + 1), S_COUNT);
  return APPENDED;
}

function begin(head: usize, series: usize, time: i64, value: u64): void {
  store<u32>(series, 0, S_FIRST);
  store<u32>(series, 0, S_LAST);
  store<u64>(series, 0, S_WORD);
  store<u16>(series, 16, S_BITS);
  store<u8>(series, NO_WINDOW, S_LEADING);
  writeVarint(head, series, (<u64>time << 1) ^ <u64>(time >> 63));
  write(head, series, value, 64);
}

function goOn(head: usize, series: usize, count: u32, delta: i64, value: u64): void {
  if (count == 1) writeVarint(head, series, <u64>delta);
  else writeDelta(head, series, delta - <i64>load<u32>(series, S_DELTA));
  writeValue(head, series, value ^ load<u64>(series, S_LAST_VALUE));
  store<u32>(series, <u32>delta, S_DELTA);
}

/** Appends the lower `count` bits of x, 1 … 64; higher ones must be zero. */
// @ts-ignore: decorator
@inline
function write(head: usize, series: usize, x: u64, count: u32): void {
  const bits = <u32>load<u16>(series, S_BITS);
  const room: u32 = 64 - (bits & 63);
  const word = load<u64>(series, S_WORD);
  if (count < room) store<u64>(series, word | (x << <u64>(room - count)), S_WORD);
  else {
    const rest: u32 = count - room;
    putWord(head, series, bits >>> 6, word | (x >>> <u64>rest));
    store<u64>(series, rest == 0 ? 0 : x << <u64>(64 - rest), S_WORD);
  }
  store<u16>(series, <u16>(bits + count), S_BITS);
}

function putWord(head: usize, series: usize, index: u32, word: u64): void {
  const at = index % BLOCK_WORDS;
  let block = <usize>load<u32>(series, S_LAST);
  if (at == 0) {
    const next = takeSlab(head, BLOCK_SIZE);
    store<u32>(next, 0);
    if (block == 0) store<u32>(series, <u32>next, S_FIRST);
    else store<u32>(block, <u32>next);
    store<u32>(series, <u32>next, S_LAST);
    block = next;
  }
  store<u64>(block + BLOCK_DATA + (<usize>at << 3), bswap(word));
}

function writeVarint(head: usize, series: usize, x: u64): void {
  for (; x >= 128; x >>>= 7) write(head, series, (x & 127) | 128, 8);
  write(head, series, x, 8);
}

function writeDelta(head: usize, series: usize, change: i64): void {
  if (change == 0) write(head, series, 0, 1);
  else if (change >= -8191 && change <= 8192) {
    write(head, series, 0x8000 | (<u64>change & 0x3fff), 16);
  } else if (change >= -65535 && change <= 65536) {
    write(head, series, 0xc0000 | (<u64>change & 0x1ffff), 20);
  } else if (change >= -524287 && change <= 524288) {
    write(head, series, 0xe00000 | (<u64>change & 0xfffff), 24);
  } else {
    write(head, series, 15, 4);
    write(head, series, <u64>change, 64);
  }
}

function writeValue(head: usize, series: usize, change: u64): void {
  if (change == 0) {
    write(head, series, 0, 1);
    return;
  }
  const leading = min(31, <u32>clz(change));
  const trailing = <u32>ctz(change);
  const windowLeading = <u32>load<u8>(series, S_LEADING);
  const windowTrailing = <u32>load<u8>(series, S_TRAILING);
  if (windowLeading != NO_WINDOW && leading >= windowLeading && trailing >= windowTrailing) {
    write(head, series, 2, 2);
    write(head, series, change >>> <u64>windowTrailing, 64 - windowLeading - windowTrailing);
    return;
  }
  store<u8>(series, <u8>leading, S_LEADING);
  store<u8>(series, <u8>trailing, S_TRAILING);
  const count: u32 = 64 - leading - trailing;
  write(head, series, (3 << 11) | (<u64>leading << 6) | <u64>(count & 63), 13);
  write(head, series, change >>> <u64>trailing, count);
}

// ── chunks ──

function chunkBytes(series: usize): u32 {
  return load<u8>(series, S_COUNT) == 0 ? 0 : (<u32>load<u16>(series, S_BITS) + 7) >>> 3;
}

/** Puts the open chunk together; up to eight bytes behind it are written too. Returns its length. */
function copyChunk(series: usize, target: usize): u32 {
  const bits = <u32>load<u16>(series, S_BITS);
  let words = bits >>> 6;
  let at = target;
  for (let block = <usize>load<u32>(series, S_FIRST); words > 0; block = <usize>load<u32>(block)) {
    const count = min(words, BLOCK_WORDS);
    memory.copy(at, block + BLOCK_DATA, <usize>count << 3);
    at += <usize>count << 3;
    words -= count;
  }
  store<u64>(at, bswap(load<u64>(series, S_WORD)));
  store<u8>(target, load<u8>(series, S_COUNT), 1);
  return (bits + 7) >>> 3;
}

/**
 * The open chunk becomes an entry of the output and its blocks are free; false when the output has no room.
 *
 *   u64 ref │ u64 min time │ u64 max time │ u8 encoding 1 │ uvarint length │ data │ u32 CRC-32C of all before
 */
function finish(head: usize, series: usize): bool {
  const length = chunkBytes(series);
  if (length == 0) return true;
  const start = <usize>load<u32>(head, OUTPUT_AT);
  if (load<u32>(head, OUTPUT_END) - <u32>start < length + ENTRY_BYTES) return false;
  store<u64>(start, bswap(load<u64>(series, S_REF)));
  store<u64>(start, bswap(load<i64>(series, S_LAST_TIME)), 16);
  store<u8>(start, 1, 24);
  let at = start + 25;
  let rest = length;
  for (; rest >= 128; rest >>>= 7) store<u8>(at++, <u8>(rest | 128));
  store<u8>(at++, <u8>rest);
  copyChunk(series, at);
  store<u64>(start, bswap(firstTime(at)), 8);
  at += length;
  store<u32>(at, bswap(crc32c(start, <u32>(at - start), 0)));
  store<u32>(head, <u32>at + 4, OUTPUT_AT);
  const first = <usize>load<u32>(series, S_FIRST);
  if (first != 0) giveChain(head, BLOCK_SIZE, first, <usize>load<u32>(series, S_LAST));
  store<u32>(series, 0, S_FIRST);
  store<u8>(series, 0, S_COUNT);
  return true;
}

/** The time of a chunk's first sample, which its data begin with. */
function firstTime(data: usize): i64 {
  let zigzag: u64 = 0;
  let at = data + 2;
  for (let shift: u64 = 0; ; shift += 7) {
    const byte = <u64>load<u8>(at++);
    zigzag |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  return <i64>(zigzag >>> 1) ^ -(<i64>(zigzag & 1));
}

/**
 * Copies open chunks for a reader: u32 slot, u32 length, data, padded to whole u32. Returns the bytes written;
 * stops before a chunk that might not fit, so that the last slot copied tells where to go on.
 */
export function headCopyOpen(
  head: usize,
  slots: usize,
  count: u32,
  target: usize,
  capacity: u32,
): u32 {
  let at = target;
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(slots + (<usize>i << 2));
    const series = recordAt(head + SERIES, slot);
    const length = chunkBytes(series);
    if (<u32>(at - target) + length + 24 > capacity) break;
    store<u32>(at, slot);
    store<u32>(at, length, 4);
    if (length > 0) copyChunk(series, at + 8);
    at += 8 + ((<usize>length + 3) & ~3);
  }
  return <u32>(at - target);
}

/** The series' labels as they were given; returns their length, or 0 when there is no such series or no room. */
export function headLabels(head: usize, slot: u32, target: usize, capacity: u32): u32 {
  if (!headIsAlive(head, slot)) return 0;
  const series = recordAt(head + SERIES, slot);
  const list = <usize>load<u32>(series, S_LABELS);
  let at = target;
  for (let i: u32 = 0; i < <u32>load<u8>(series, S_LABEL_COUNT); i++) {
    const pair = recordAt(head + PAIRS, load<u32>(list + (<usize>i << 2)));
    const bytes = <usize>load<u32>(pair, 8);
    const length = load<u32>(pair, 12);
    if (<u32>(at - target) + length > capacity) return 0;
    memory.copy(at, bytes, length);
    at += length;
  }
  return <u32>(at - target);
}

// ── death ──

/**
 * Ends series: their chunks go to the output, nobody finds them any more, posting lists name them until they are
 * swept (head-postings.ts). Returns how many are dealt with; fewer than `count` when the output is full.
 */
export function headKill(head: usize, slots: usize, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(slots + (<usize>i << 2));
    const series = recordAt(head + SERIES, slot);
    if (load<u8>(series, S_STATE) != ALIVE) continue;
    if (!finish(head, series)) {
      fail(head, OUTPUT_FULL, 0);
      return i;
    }
    removeRecord(head + SERIES, slot);
    const list = <usize>load<u32>(series, S_LABELS);
    const labels = <u32>load<u8>(series, S_LABEL_COUNT);
    for (let k: u32 = 0; k < labels; k++) {
      markDead(recordAt(head + PAIRS, load<u32>(list + (<usize>k << 2))));
    }
    giveSlab(head, sizeFor(labels << 2), list);
    store<u8>(series, DEAD, S_STATE);
  }
  return count;
}

/** After a whole sweep: the slots of series that were dead before it can be used again. */
export function headRelease(head: usize, slots: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    freeRecord(head + SERIES, load<u32>(slots + (<usize>i << 2)));
  }
}

export function headIsAlive(head: usize, slot: u32): bool {
  if (slot >= recordCount(head + SERIES)) return false;
  return load<u8>(recordAt(head + SERIES, slot), S_STATE) == ALIVE;
}

export function isDead(head: usize, slot: u32): bool {
  return load<u8>(recordAt(head + SERIES, slot), S_STATE) == DEAD;
}

export function pairTable(head: usize): usize {
  return head + PAIRS;
}

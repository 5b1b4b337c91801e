/**
 * Samples of the head: a batch is checked, then logged by the host, then appended or undone. Chunks are cut where
 * Prometheus cuts them.
 *
 *   batch    columns of so many rows as its capacity: float64 handles, which become refs │ float64 times (ms) │ value bits
 *            │ i64 time and bits of the sample before, each series' own │ u32 slots │ u8 outcomes
 *
 * A check accepts rows by moving them to the front of all columns but the outcomes, and by noting their times and values
 * in the series: so rows of one series are checked against each other, too. Until they are appended, or undone from the
 * last one back, nothing else may be asked of the series.
 */
import { chunkBytes, finishOpen, openTime } from './head-chunks';
import { BLOCK_SIZE, lackOfSlabs, takeSlab } from './head-slab';
import {
  BEGUN,
  CHUNK_RANGE,
  fail,
  HISTOGRAM,
  MAX_TIME,
  MIN_TIME,
  NEXT_MIN_TIME,
  NO_MEMORY,
  NO_SLOT,
  OPEN,
  OPEN_BLOCKS,
  OUTPUT_FULL,
  refOf,
  S_BITS,
  S_BLOCK,
  S_COUNT,
  S_DELTA,
  S_LAST_TIME,
  S_LAST_VALUE,
  S_LEADING,
  S_LEFT,
  S_STATE,
  S_TRAILING,
  S_WORD,
  seriesAt,
  slotOf,
} from './head-state';

/** Outcomes of a sample, numbered as in src/storage/appender.ts. */
const APPENDED: u8 = 0;
const SAME: u8 = 1;
const TOO_OLD: u8 = 2;
const OUT_OF_ORDER: u8 = 3;
const DUPLICATE: u8 = 4;
const NO_SERIES: u8 = 5;
const BAD_TIME: u8 = 6;

/** Prometheus aims at 120 samples: with a quarter of them the end of the chunk is foreseen. */
const FORESEE_AT: u32 = 30;
const SAMPLES_MAX: u32 = 240;
/** Before a sample that may take 19 bytes, so that none exceeds 1024. */
const BYTES_MAX: u32 = 1005;
export const BLOCK_WORDS: u32 = 7;
export const BLOCK_DATA: usize = 8;
const NO_WINDOW: u8 = 255;
const TIME_MAX: f64 = 9007199254740992;

/** Bytes of a batch for so many rows, a multiple of 8. */
export function headBatchBytes(capacity: u32): u32 {
  return capacity * 45 + 8;
}

/**
 * Accepts rows. `minTime` is the least time that a sample may have. Returns how many are accepted; the outcomes say what
 * became of each row of the `count`, under the condition that the accepted ones will be appended.
 */
export function headCheck(
  head: usize,
  batch: usize,
  capacity: u32,
  count: u32,
  minTime: f64,
): u32 {
  const column = <usize>capacity << 3;
  const outcomes = batch + column * 5 + (<usize>capacity << 2);
  const least = <i64>minTime;
  let kept = batch;
  let slots = batch + column * 5;
  for (let i: u32 = 0; i < count; i++) {
    const row = batch + (<usize>i << 3);
    const sampleTime = load<f64>(row + column);
    const slot = slotOf(head, load<f64>(row));
    let outcome = APPENDED;
    if (slot == NO_SLOT) outcome = NO_SERIES;
    else if (!(abs<f64>(sampleTime) <= TIME_MAX) || floor<f64>(sampleTime) != sampleTime) {
      outcome = BAD_TIME;
    } else {
      const series = seriesAt(head, slot);
      const time = <i64>sampleTime;
      const value = load<u64>(row + column * 2);
      const last = load<i64>(series, S_LAST_TIME);
      if (time < least) outcome = TOO_OLD;
      else if (time < last) outcome = OUT_OF_ORDER;
      else if (time == last) outcome = isSame(series, value) ? SAME : DUPLICATE;
      else {
        store<f64>(kept, <f64>refOf(series));
        store<f64>(kept + column, sampleTime);
        store<u64>(kept + column * 2, value);
        store<i64>(kept + column * 3, last);
        store<u64>(kept + column * 4, load<u64>(series, S_LAST_VALUE));
        store<u32>(slots, slot);
        store<i64>(series, time, S_LAST_TIME);
        store<u64>(series, value, S_LAST_VALUE);
        kept += 8;
        slots += 4;
      }
    }
    store<u8>(outcomes + i, outcome);
  }
  return <u32>(kept - batch) >>> 3;
}

function isSame(series: usize, value: u64): bool {
  return (
    (load<u8>(series, S_STATE) & HISTOGRAM) == 0 && value == load<u64>(series, S_LAST_VALUE)
  );
}

/** Whether the newest sample is a histogram. */
export function headIsHistogram(head: usize, slot: u32): bool {
  return (load<u8>(seriesAt(head, slot), S_STATE) & HISTOGRAM) != 0;
}

/** How many of the accepted rows are for series whose newest sample is a histogram. */
export function headMixed(head: usize, batch: usize, capacity: u32, count: u32): u32 {
  const slots = batch + ((<usize>capacity << 3) * 5);
  let mixed: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    mixed += <u32>headIsHistogram(head, load<u32>(slots + (<usize>i << 2)));
  }
  return mixed;
}

/** Takes accepted rows back, the last one first. */
export function headUndo(head: usize, batch: usize, capacity: u32, from: u32, count: u32): void {
  const column = <usize>capacity << 3;
  for (let i = count; i > from; i--) {
    const row = batch + (<usize>(i - 1) << 3);
    const slot = load<u32>(batch + column * 5 + (<usize>(i - 1) << 2));
    const series = seriesAt(head, slot);
    store<i64>(series, load<i64>(row + column * 3), S_LAST_TIME);
    store<u64>(series, load<u64>(row + column * 4), S_LAST_VALUE);
  }
}

/** Whether there is memory to append so many rows: a sample is at most three words and more, in one new block. */
export function headReserve(head: usize, count: u32): bool {
  const lack = lackOfSlabs(head, BLOCK_SIZE, count + 1);
  if (lack != 0) fail(head, NO_MEMORY, lack);
  return lack == 0;
}

/**
 * Appends accepted rows from one on; memory is reserved, none of the series has an open chunk of histograms. Returns how
 * many it has dealt with; fewer than there are when the output is full.
 */
export function headAppend(head: usize, batch: usize, capacity: u32, from: u32, count: u32): u32 {
  const column = <usize>capacity << 3;
  const slots = batch + column * 5;
  let least = i64.MAX_VALUE;
  let newest = i64.MIN_VALUE;
  for (let i = from; i < count; i++) {
    const row = batch + (<usize>i << 3);
    const time = <i64>load<f64>(row + column);
    const last = load<i64>(row + column * 3);
    const series = seriesAt(head, load<u32>(slots + (<usize>i << 2)));
    let samples = <u32>load<u8>(series, S_COUNT);
    if (samples > 0 && isCut(head, series, samples, last, time)) {
      if (!finishOpen(head, series, last)) {
        noteTimes(head, least, newest);
        fail(head, OUTPUT_FULL, 0);
        return i - from;
      }
      samples = 0;
    }
    const value = load<u64>(row + column * 2);
    if (samples == 0) begin(head, series, time, value);
    else goOn(head, series, samples, <u32>(time - last), value ^ load<u64>(row + column * 4));
    store<u8>(series, <u8>(samples + 1), S_COUNT);
    if (time < least) least = time;
    if (time > newest) newest = time;
  }
  noteTimes(head, least, newest);
  return count - from;
}

/** Samples of these times are in the head. */
export function noteTimes(head: usize, least: i64, newest: i64): void {
  if (least < load<i64>(head, MIN_TIME)) store<i64>(head, least, MIN_TIME);
  if (newest > load<i64>(head, MAX_TIME)) store<i64>(head, newest, MAX_TIME);
  if (least < load<i64>(head, NEXT_MIN_TIME)) store<i64>(head, least, NEXT_MIN_TIME);
}

/** A histogram was appended, whose chunk the host has: its time, and whether the next float meets a chunk of the host. */
export function headNoteHistogram(head: usize, slot: u32, sampleTime: f64): void {
  const series = seriesAt(head, slot);
  const time = <i64>sampleTime;
  store<i64>(series, time, S_LAST_TIME);
  store<u8>(series, load<u8>(series, S_STATE) | HISTOGRAM, S_STATE);
  noteTimes(head, time, time);
}

/** The host has finished its chunk. */
export function headNoteFloat(head: usize, slot: u32): void {
  const series = seriesAt(head, slot);
  store<u8>(series, load<u8>(series, S_STATE) & ~HISTOGRAM, S_STATE);
}

/** Whether the next sample begins a chunk; else what is left until then is less. */
function isCut(head: usize, series: usize, samples: u32, last: i64, time: i64): bool {
  let left = <i64>load<u32>(series, S_LEFT);
  if (samples == FORESEE_AT) {
    const start = openTime(series);
    left = foresee(start, last, last + left) - last;
  }
  const delta = time - last;
  if (delta >= left || samples >= SAMPLES_MAX || chunkBytes(series) > BYTES_MAX) return true;
  store<u32>(series, <u32>(left - delta), S_LEFT);
  return false;
}

/** When to end a chunk that is a quarter full so that those up to `end` get equal shares. */
function foresee(start: i64, last: i64, end: i64): i64 {
  const chunks = <f64>(end - start) / (<f64>(last - start + 1) * 4);
  if (chunks <= 1) return end;
  return <i64>(<f64>start + <f64>(end - start) / floor<f64>(chunks));
}

/** The end of the range that a time lies in; toward zero, as Prometheus divides. */
function endOfRange(head: usize, time: i64): i64 {
  const range = <i64>load<u32>(head, CHUNK_RANGE);
  return (time / range) * range + range;
}

function begin(head: usize, series: usize, time: i64, value: u64): void {
  store<u32>(series, 0, S_BLOCK);
  store<u64>(series, 0, S_WORD);
  store<u16>(series, 16, S_BITS);
  store<u8>(series, NO_WINDOW, S_LEADING);
  store<u32>(series, <u32>min(endOfRange(head, time) - time, <i64>0xffffffff), S_LEFT);
  store<u32>(head, load<u32>(head, OPEN) + 1, OPEN);
  store<u64>(head, load<u64>(head, BEGUN) + 1, BEGUN);
  writeVarint(head, series, (<u64>time << 1) ^ <u64>(time >> 63));
  write(head, series, value, 64);
}

function goOn(head: usize, series: usize, samples: u32, delta: u32, change: u64): void {
  if (samples == 1) writeVarint(head, series, <u64>delta);
  else writeDelta(head, series, <i64>delta - <i64>load<u32>(series, S_DELTA));
  writeValue(head, series, change);
  store<u32>(series, delta, S_DELTA);
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
  let block = <usize>load<u32>(series, S_BLOCK);
  if (at == 0) {
    const next = takeSlab(head, BLOCK_SIZE);
    store<u32>(head, load<u32>(head, OPEN_BLOCKS) + 1, OPEN_BLOCKS);
    if (block == 0) store<u32>(next, <u32>next);
    else {
      store<u32>(next, load<u32>(block));
      store<u32>(block, <u32>next);
    }
    store<u32>(series, <u32>next, S_BLOCK);
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

/**
 * Finding series of a head by their labels. Sets of series are bitmaps over slots, sets of pairs bitmaps over numbers of
 * pairs, lists are u32; a bitmap has a bit for each number that was ever used, rounded up to whole words.
 */
import { compareTexts } from './block-texts';
import {
  findName,
  isPair,
  markSeries,
  NAMES_MAX,
  nameLength,
  pairBytes,
  pairLengthOf,
  pairName,
  pairSeries,
} from './head-postings';
import { hashOf, isAlive, PAIRS, S_LABELS, SERIES, seriesAt } from './head-state';
import { findRecord, recordAt, recordCount } from './head-table';

/** Numbers of pairs that were ever used: they are all below it. */
export function headPairs(head: usize): u32 {
  return recordCount(head + PAIRS);
}

/** Number of a pair (u16 length, name, u16 length, value) + 1; 0 if there is none. */
export function headFindPair(head: usize, bytes: usize, length: u32): u32 {
  return findRecord(head + PAIRS, head, hashOf(bytes, length), bytes, length, isPair);
}

/** Living series with a pair. */
export function headPairSeries(head: usize, pair: u32): u32 {
  return pairSeries(recordAt(head + PAIRS, pair));
}

/** Lists the pairs with a name that living series have, from a number on; fewer than the capacity: that is all. */
export function headListPairs(
  head: usize,
  name: usize,
  length: u32,
  from: u32,
  target: usize,
  capacity: u32,
): u32 {
  const number = numberOfName(head, name, length);
  const end = recordCount(head + PAIRS);
  let count: u32 = 0;
  for (let i = from; i < end && count < capacity; i++) {
    const pair = recordAt(head + PAIRS, i);
    if (pairSeries(pair) == 0 || !hasName(pair, number, name, length)) continue;
    store<u32>(target + (<usize>count << 2), i);
    count++;
  }
  return count;
}

function numberOfName(head: usize, name: usize, length: u32): u32 {
  const found = findName(head, name, length);
  return found == 0 ? NAMES_MAX : found - 1;
}

// @ts-ignore: decorator
@inline
function hasName(pair: usize, number: u32, name: usize, length: u32): bool {
  if (pairName(pair) != number) return false;
  if (number != NAMES_MAX) return true;
  const bytes = pairBytes(pair);
  return nameLength(bytes) == length && memory.compare(bytes + 2, name, length) == 0;
}

/** Texts of pairs, one behind the other; stops before one that does not fit. Returns the bytes written. */
export function headCopyPairs(
  head: usize,
  pairs: usize,
  count: u32,
  target: usize,
  capacity: u32,
): u32 {
  let at = target;
  for (let i: u32 = 0; i < count; i++) {
    const pair = recordAt(head + PAIRS, load<u32>(pairs + (<usize>i << 2)));
    const length = pairLengthOf(pair);
    if (<u32>(at - target) + length > capacity) break;
    memory.copy(at, pairBytes(pair), length);
    at += length;
  }
  return <u32>(at - target);
}

/**
 * Rows of four u32 for the pairs from a number on that living series have: pair, name (65535: one of those beyond),
 * living series, bytes of name and value. Fewer than the capacity: that is all.
 */
export function headPairRows(head: usize, from: u32, target: usize, capacity: u32): u32 {
  const end = recordCount(head + PAIRS);
  let count: u32 = 0;
  for (let i = from; i < end && count < capacity; i++) {
    const pair = recordAt(head + PAIRS, i);
    const series = pairSeries(pair);
    if (series == 0) continue;
    const row = target + (<usize>count << 4);
    store<u32>(row, i);
    store<u32>(row, pairName(pair), 4);
    store<u32>(row, series, 8);
    store<u32>(row, pairLengthOf(pair) - 4, 12);
    count++;
  }
  return count;
}

/** Sets the bits of the series with any of the pairs. */
export function headMark(head: usize, pairs: usize, count: u32, bitmap: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    markSeries(head, recordAt(head + PAIRS, load<u32>(pairs + (<usize>i << 2))), bitmap);
  }
}

/** Lists the living series of a bitmap; no bitmap: all. */
export function headListSeries(head: usize, bitmap: usize, target: usize): u32 {
  const end = recordCount(head + SERIES);
  let count: u32 = 0;
  for (let slot: u32 = 0; slot < end; slot++) {
    if (bitmap != 0) {
      const word = load<u32>(bitmap + (<usize>(slot >>> 5) << 2)) >>> (slot & 31);
      if (word == 0) {
        slot |= 31;
        continue;
      }
      if ((word & 1) == 0) continue;
    }
    if (!isAlive(head, slot)) continue;
    store<u32>(target + (<usize>count << 2), slot);
    count++;
  }
  return count;
}

/** Keeps the series of a list whose bit is set (or, if `wanted` is 0, not). Returns how many are left. */
export function headFilterBits(slots: usize, count: u32, bitmap: usize, wanted: u32): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(slots + (<usize>i << 2));
    store<u32>(slots + (<usize>kept << 2), slot);
    const word = load<u32>(bitmap + (<usize>(slot >>> 5) << 2));
    kept += <u32>(((word >>> (slot & 31)) & 1) == wanted);
  }
  return kept;
}

/** Keeps the series of a list that have (or, if `wanted` is 0, have not) one of the pairs in a bitmap of pairs. */
export function headFilterPairs(
  head: usize,
  slots: usize,
  count: u32,
  bitmap: usize,
  wanted: u32,
): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(slots + (<usize>i << 2));
    const list = <usize>load<u32>(seriesAt(head, slot), S_LABELS);
    const end = list + 4 + (<usize>load<u32>(list) << 2);
    let found: u32 = 0;
    for (let at = list + 4; at < end; at += 4) {
      const pair = load<u32>(at);
      found = (load<u32>(bitmap + (<usize>(pair >>> 5) << 2)) >>> (pair & 31)) & 1;
      if (found != 0) break;
    }
    store<u32>(slots + (<usize>kept << 2), slot);
    kept += <u32>(found == wanted);
  }
  return kept;
}

/** Sets the bits of the pairs with a name, or, if its length is 0, of all pairs, that any of the series has. */
export function headMarkPairs(
  head: usize,
  slots: usize,
  count: u32,
  name: usize,
  length: u32,
  bitmap: usize,
): void {
  const number = numberOfName(head, name, length);
  for (let i: u32 = 0; i < count; i++) {
    const list = <usize>load<u32>(seriesAt(head, load<u32>(slots + (<usize>i << 2))), S_LABELS);
    const end = list + 4 + (<usize>load<u32>(list) << 2);
    for (let at = list + 4; at < end; at += 4) {
      const pair = load<u32>(at);
      if (length > 0 && !hasName(recordAt(head + PAIRS, pair), number, name, length)) continue;
      const word = bitmap + (<usize>(pair >>> 5) << 2);
      store<u32>(word, load<u32>(word) | (<u32>1 << (pair & 31)));
    }
  }
}

/** The numbers of set bits, ascending. */
export function headListBits(bitmap: usize, bits: u32, target: usize): u32 {
  let count: u32 = 0;
  for (let at: u32 = 0; at < bits; at += 32) {
    let word = load<u32>(bitmap + (<usize>(at >>> 5) << 2));
    for (; word != 0; word &= word - 1) {
      store<u32>(target + (<usize>count << 2), at + ctz(word));
      count++;
    }
  }
  return count;
}

// ── order ──

/** Sorts series by their labels. `spare` has as much room as the list. */
export function headSort(head: usize, slots: usize, count: u32, spare: usize): void {
  let from = slots;
  let to = spare;
  for (let width: u32 = 1; width < count; width <<= 1) {
    for (let i: u32 = 0; i < count; i += width << 1) {
      const middle = min(i + width, count);
      const end = min(middle + width, count);
      mergeRuns(head, from, i, middle, end, to);
    }
    const other = from;
    from = to;
    to = other;
  }
  if (from != slots) memory.copy(slots, from, <usize>count << 2);
}

function mergeRuns(head: usize, from: usize, a: u32, middle: u32, end: u32, to: usize): void {
  let b = middle;
  for (let k = a; k < end; k++) {
    const left = load<u32>(from + (<usize>a << 2));
    const takesLeft =
      a < middle && (b == end || compareSeries(head, left, load<u32>(from + (<usize>b << 2))) <= 0);
    store<u32>(to + (<usize>k << 2), takesLeft ? left : load<u32>(from + (<usize>b << 2)));
    if (takesLeft) a++;
    else b++;
  }
}

/**
 * Merges two sorted lists until one of them is used up. Writes how many of each went into the target, u32 each, then the
 * merged list.
 */
export function headMerge(
  head: usize,
  a: usize,
  aCount: u32,
  b: usize,
  bCount: u32,
  target: usize,
): void {
  let i: u32 = 0;
  let k: u32 = 0;
  let to = target + 8;
  while (i < aCount && k < bCount) {
    const left = load<u32>(a + (<usize>i << 2));
    const right = load<u32>(b + (<usize>k << 2));
    const takesLeft = compareSeries(head, left, right) <= 0;
    store<u32>(to, takesLeft ? left : right);
    to += 4;
    if (takesLeft) i++;
    else k++;
  }
  store<u32>(target, i);
  store<u32>(target, k, 4);
}

/** Label by label: name, then value, as bytes; one that ends first comes first. Dead ones have no labels. */
function compareSeries(head: usize, a: u32, b: u32): i32 {
  if (!isAlive(head, a) || !isAlive(head, b)) {
    return <i32>isAlive(head, a) - <i32>isAlive(head, b);
  }
  const aList = <usize>load<u32>(seriesAt(head, a), S_LABELS);
  const bList = <usize>load<u32>(seriesAt(head, b), S_LABELS);
  const aCount = load<u32>(aList);
  const bCount = load<u32>(bList);
  const count = min(aCount, bCount);
  for (let i: u32 = 1; i <= count; i++) {
    const aPair = load<u32>(aList + (<usize>i << 2));
    const bPair = load<u32>(bList + (<usize>i << 2));
    if (aPair == bPair) continue;
    const aBytes = pairBytes(recordAt(head + PAIRS, aPair));
    const bBytes = pairBytes(recordAt(head + PAIRS, bPair));
    const order = compareTexts(aBytes, bBytes);
    if (order != 0) return order;
    return compareTexts(aBytes + 2 + nameLength(aBytes), bBytes + 2 + nameLength(bBytes));
  }
  return <i32>aCount - <i32>bCount;
}

/**
 * Pairs of the head: a label's name and value with the list of the series that have it; and the names. A list is a
 * chain of blocks that get larger as it grows. Slots are in no order, and a list that is being swept holds some twice:
 * readers collect them in a bitmap.
 *
 *   pair    u64 hash │ u32 bytes │ u16 length │ u16 name │ u32 first block │ u32 last block │ u32 slots │ u32 dead slots
 *   name    u64 hash │ u32 bytes │ u32 length │ u32 pairs
 *   block   u32 next │ u16 slots │ u16 size   │ u32 slot …
 *
 * Names beyond the 65,535th have that number in common: whoever looks for one of them compares bytes.
 *
 * A sweep takes dead series out of all lists, some entries a call: nobody waits for the longest of them.
 */
import { giveSlab, sizeFor, sizeOf, takeSlab } from './head-slab';
import { hashOf, isDead, NAMES, PAIRS, SWEEP } from './head-state';
import { findRecord, freeRecord, newRecord, recordAt, recordCount, removeRecord } from './head-table';

export const PAIR_SHIFT: u32 = 5;
const BYTES: usize = 8;
const LENGTH: usize = 12;
const NAME: usize = 14;
const FIRST: usize = 16;
const LAST: usize = 20;
const COUNT: usize = 24;
const DEAD_COUNT: usize = 28;

export const NAME_SHIFT: u32 = 5;
const NAME_PAIRS: usize = 16;
export const NAMES_MAX: u32 = 65535;

const USED: usize = 4;
const SIZE: usize = 6;
const SLOTS: usize = 8;
/** Blocks have the sizes 16, 48, 96, 192, 384, 768, 1536 … */
const SIZE_STEP: u32 = 2;
const SIZE_MAX: u32 = 12;
export const NO_BLOCK: u32 = 0xffffffff;

/** The sweep's place (u32 from the head's address): pair, target block, slots in it, source block, next in it. */
const SWEEP_PAIR: usize = SWEEP;
const SWEEP_TARGET: usize = SWEEP + 4;
const SWEEP_PUT: usize = SWEEP + 8;
const SWEEP_SOURCE: usize = SWEEP + 12;
const SWEEP_NEXT: usize = SWEEP + 16;
const SWEEP_KEPT: usize = SWEEP + 20;
const SWEEP_REMOVED: usize = SWEEP + 24;

/** Length of the pair at an address, 0 if it does not end before `end`. */
// @ts-ignore: decorator
@inline
export function pairLength(at: usize, end: usize): u32 {
  const left = <u32>(end - at);
  if (left < 4) return 0;
  const name = <u32>load<u16>(at);
  if (left < name + 4) return 0;
  const length = name + 4 + <u32>load<u16>(at + name, 2);
  return length <= left ? length : 0;
}

/** Length of the name that a pair begins with. */
export function nameLength(bytes: usize): u32 {
  return load<u16>(bytes);
}

export function isPair(_head: usize, pair: usize, bytes: usize, length: u32): bool {
  if (pairLengthOf(pair) != length) return false;
  return memory.compare(pairBytes(pair), bytes, length) == 0;
}

export function pairBytes(pair: usize): usize {
  return <usize>load<u32>(pair, BYTES);
}

export function pairLengthOf(pair: usize): u32 {
  return load<u16>(pair, LENGTH);
}

export function pairName(pair: usize): u32 {
  return load<u16>(pair, NAME);
}

/** Living series with the pair. */
export function pairSeries(pair: usize): u32 {
  return load<u32>(pair, COUNT) - load<u32>(pair, DEAD_COUNT);
}

export function fillPair(pair: usize, bytes: usize, length: u32, name: u32): void {
  store<u32>(pair, <u32>bytes, BYTES);
  store<u16>(pair, <u16>length, LENGTH);
  store<u16>(pair, <u16>name, NAME);
}

function isName(_head: usize, name: usize, bytes: usize, length: u32): bool {
  if (load<u32>(name, LENGTH) != length) return false;
  return memory.compare(<usize>load<u32>(name, BYTES), bytes, length) == 0;
}

/** Number of a name + 1, 0 when no pair has it or it is one of those beyond the last number. */
export function findName(head: usize, bytes: usize, length: u32): u32 {
  return findRecord(head + NAMES, head, hashOf(bytes, length), bytes, length, isName);
}

/** Number of the name that a new pair has. */
export function internName(head: usize, pair: usize): u32 {
  const bytes = pair + 2;
  const length = nameLength(pair);
  const found = findName(head, bytes, length);
  let number = found - 1;
  if (found == 0) {
    // Numbers of names that are gone come first.
    number = newRecord(head + NAMES, head, hashOf(bytes, length));
    if (number >= NAMES_MAX) {
      removeRecord(head + NAMES, number);
      freeRecord(head + NAMES, number);
      return NAMES_MAX;
    }
    const copy = takeSlab(head, sizeFor(length));
    memory.copy(copy, bytes, length);
    store<u32>(recordAt(head + NAMES, number), <u32>copy, BYTES);
    store<u32>(recordAt(head + NAMES, number), length, LENGTH);
  }
  const name = recordAt(head + NAMES, number);
  store<u32>(name, load<u32>(name, NAME_PAIRS) + 1, NAME_PAIRS);
  return number;
}

function leaveName(head: usize, number: u32): void {
  if (number == NAMES_MAX) return;
  const name = recordAt(head + NAMES, number);
  const pairs = load<u32>(name, NAME_PAIRS) - 1;
  store<u32>(name, pairs, NAME_PAIRS);
  if (pairs > 0) return;
  giveSlab(head, sizeFor(load<u32>(name, LENGTH)), <usize>load<u32>(name, BYTES));
  removeRecord(head + NAMES, number);
  freeRecord(head + NAMES, number);
}

/** Size of the block that one more slot in a pair's list takes; NO_BLOCK when there is room. */
export function postingSize(pair: usize): u32 {
  const block = <usize>load<u32>(pair, LAST);
  if (block == 0) return 0;
  if (<u32>load<u16>(block, USED) < capacityOf(block)) return NO_BLOCK;
  return min(SIZE_MAX, <u32>load<u16>(block, SIZE) + SIZE_STEP);
}

function capacityOf(block: usize): u32 {
  return (sizeOf(load<u16>(block, SIZE)) - <u32>SLOTS) >>> 2;
}

export function addPosting(head: usize, pair: usize, slot: u32): void {
  let block = <usize>load<u32>(pair, LAST);
  const size = postingSize(pair);
  if (size != NO_BLOCK) {
    const next = takeSlab(head, size);
    store<u32>(next, 0);
    store<u16>(next, 0, USED);
    store<u16>(next, <u16>size, SIZE);
    if (block == 0) store<u32>(pair, <u32>next, FIRST);
    else store<u32>(block, <u32>next);
    store<u32>(pair, <u32>next, LAST);
    block = next;
  }
  const used = <u32>load<u16>(block, USED);
  store<u32>(block + SLOTS + (<usize>used << 2), slot);
  store<u16>(block, <u16>(used + 1), USED);
  store<u32>(pair, load<u32>(pair, COUNT) + 1, COUNT);
}

export function markDead(pair: usize): void {
  store<u32>(pair, load<u32>(pair, DEAD_COUNT) + 1, DEAD_COUNT);
}

/** Sets the bits of a pair's living series. */
export function markSeries(head: usize, pair: usize, bitmap: usize): void {
  let block = <usize>load<u32>(pair, FIRST);
  for (; block != 0; block = <usize>load<u32>(block)) {
    const end = block + SLOTS + (<usize>load<u16>(block, USED) << 2);
    for (let at = block + SLOTS; at < end; at += 4) {
      const slot = load<u32>(at);
      const word = bitmap + (<usize>(slot >>> 5) << 2);
      store<u32>(word, load<u32>(word) | (<u32>1 << (slot & 31)));
    }
  }
}

/** Goes on with the sweep for about `budget` entries; 1 when all lists are done, and the next call begins anew. */
export function headSweep(head: usize, budget: u32): u32 {
  const table = head + PAIRS;
  const end = recordCount(table);
  let number = load<u32>(head, SWEEP_PAIR);
  while (number < end) {
    const pair = recordAt(table, number);
    if (load<u32>(pair, DEAD_COUNT) != 0) {
      budget = sweepList(head, pair, budget);
      if (budget == 0) break;
      finishList(head, pair, number);
    }
    number++;
    if (--budget == 0) break;
  }
  const isDone = number >= end;
  store<u32>(head, isDone ? 0 : number, SWEEP_PAIR);
  return isDone ? 1 : 0;
}

/** Moves living slots to the front; what is left of the budget, 0 when the list is not through. */
function sweepList(head: usize, pair: usize, budget: u32): u32 {
  let source = <usize>load<u32>(head, SWEEP_SOURCE);
  if (source == 0) {
    source = <usize>load<u32>(pair, FIRST);
    store<u32>(head, <u32>source, SWEEP_TARGET);
    store<u32>(head, 0, SWEEP_PUT);
    store<u32>(head, 0, SWEEP_NEXT);
    store<u32>(head, 0, SWEEP_KEPT);
    store<u32>(head, 0, SWEEP_REMOVED);
  }
  let target = <usize>load<u32>(head, SWEEP_TARGET);
  let put = load<u32>(head, SWEEP_PUT);
  let next = load<u32>(head, SWEEP_NEXT);
  let kept = load<u32>(head, SWEEP_KEPT);
  for (; budget > 1; budget--) {
    while (source != 0 && next == <u32>load<u16>(source, USED)) {
      source = <usize>load<u32>(source);
      next = 0;
    }
    if (source == 0) break;
    const slot = load<u32>(source + SLOTS + (<usize>next << 2));
    next++;
    if (isDead(head, slot)) {
      store<u32>(head, load<u32>(head, SWEEP_REMOVED) + 1, SWEEP_REMOVED);
      continue;
    }
    if (put == capacityOf(target)) {
      target = <usize>load<u32>(target);
      put = 0;
    }
    store<u32>(target + SLOTS + (<usize>put << 2), slot);
    put++;
    kept++;
  }
  store<u32>(head, <u32>source, SWEEP_SOURCE);
  store<u32>(head, <u32>target, SWEEP_TARGET);
  store<u32>(head, put, SWEEP_PUT);
  store<u32>(head, next, SWEEP_NEXT);
  store<u32>(head, kept, SWEEP_KEPT);
  return source == 0 ? budget : 0;
}

/** Cuts the list behind what was kept; a pair that nobody has goes. */
function finishList(head: usize, pair: usize, number: u32): void {
  const target = <usize>load<u32>(head, SWEEP_TARGET);
  store<u16>(target, <u16>load<u32>(head, SWEEP_PUT), USED);
  let rest = <usize>load<u32>(target);
  store<u32>(target, 0);
  store<u32>(pair, <u32>target, LAST);
  while (rest != 0) {
    const next = <usize>load<u32>(rest);
    giveSlab(head, load<u16>(rest, SIZE), rest);
    rest = next;
  }
  store<u32>(pair, load<u32>(head, SWEEP_KEPT), COUNT);
  // Others may have died while this list was swept: the next sweep takes them.
  store<u32>(pair, load<u32>(pair, DEAD_COUNT) - load<u32>(head, SWEEP_REMOVED), DEAD_COUNT);
  if (load<u32>(head, SWEEP_KEPT) > 0) return;
  giveSlab(head, load<u16>(target, SIZE), target);
  giveSlab(head, sizeFor(pairLengthOf(pair)), pairBytes(pair));
  leaveName(head, pairName(pair));
  removeRecord(head + PAIRS, number);
  store<u16>(pair, 0, LENGTH);
  store<u32>(pair, 0, COUNT);
  store<u32>(pair, 0, DEAD_COUNT);
  store<u32>(pair, 0, FIRST);
  freeRecord(head + PAIRS, number);
}

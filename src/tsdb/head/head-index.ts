/**
 * Finding series of a head by their labels, and what labels there are. Series come as slots, which are valid until series
 * are made or end; all is synchronous. Memory for the work is taken from the kernel's arena and given back.
 */
import { must } from '../../base/assert.ts';
import { compareText } from '../../model/labels.ts';
import type { CompiledMatcher } from '../../model/matcher.ts';
import { type HeadMemory, readTexts, SCRATCH_BYTES } from './head-memory.ts';
import { MERGE_SERIES, SORT_SERIES } from './head-protocol.ts';

const LIST_PAIRS = 16_384;
/** Pairs' numbers lie at the start of the scratch space, their texts behind. */
const TEXTS = 4 * LIST_PAIRS;
/** The number that names beyond the 65,535th have in common. */
export const OTHER_NAME = 65_535;

/** Slots of the series that all matchers accept, ascending. */
export function selectSeries(
  memory: HeadMemory,
  matchers: readonly CompiledMatcher[],
): Uint32Array {
  const conditions = matchers.map((matcher) => conditionOf(memory, matcher));
  if (conditions.some(({ wanted, pairs }) => wanted && pairs.length === 0)) {
    return new Uint32Array(0);
  }
  return withArena(memory, () => applyConditions(memory, conditions));
}

/** That a series has one of the pairs, or has none of them. */
interface Condition {
  readonly wanted: boolean;
  readonly pairs: readonly number[];
  /** With one of them. */
  readonly series: number;
}

function conditionOf(memory: HeadMemory, matcher: CompiledMatcher): Condition {
  // Whoever lacks the label has the value ''.
  const wanted = !matcher.matches('');
  const isOne = (value: string): boolean => matcher.matches(value) === wanted;
  const isKnown = matcher.values !== undefined && matcher.negative !== wanted;
  const pairs = isKnown
    ? knownPairs(memory, matcher.name, must(matcher.values, 'values'))
    : pairsOfName(memory, matcher.name, isOne);
  const { headPairSeries } = memory.kernel.exports;
  const series = pairs.reduce((sum, pair) => sum + headPairSeries(memory.head, pair), 0);
  return { wanted, pairs, series };
}

function knownPairs(memory: HeadMemory, name: string, values: readonly string[]): number[] {
  const { headFindPair } = memory.kernel.exports;
  const pairs = values
    .filter((value) => value !== '')
    .map((value) => headFindPair(memory.head, memory.scratch, memory.putTexts([name, value])) - 1);
  return pairs.filter((pair) => pair >= 0);
}

function pairsOfName(
  memory: HeadMemory,
  name: string,
  isOne: (value: string) => boolean,
): number[] {
  const found: number[] = [];
  for (const part of listPairs(memory, name)) {
    const texts = pairTexts(memory, part);
    for (let i = 0; i < part.length; i++) {
      if (isOne(texts[2 * i + 1] as string)) found.push(part[i] as number);
    }
  }
  return found;
}

/** Numbers of the pairs with a name. */
function* listPairs(memory: HeadMemory, name: string): Generator<Uint32Array> {
  const { kernel, head, scratch } = memory;
  const { headListPairs } = kernel.exports;
  for (let from = 0; ; ) {
    const length = memory.putTexts([name]) - 2;
    const target = scratch + align4(2 + length);
    const count = headListPairs(head, scratch + 2, length, from, target, LIST_PAIRS);
    const pairs = kernel.u32.slice(target >>> 2, (target >>> 2) + count);
    if (count > 0) yield pairs;
    if (count < LIST_PAIRS) return;
    from = (pairs.at(-1) as number) + 1;
  }
}

/** Name, value, name, value … of pairs. */
function pairTexts(memory: HeadMemory, pairs: Uint32Array): string[] {
  const { kernel, head, scratch } = memory;
  const texts: string[] = [];
  for (let from = 0; from < pairs.length; from = texts.length / 2) {
    const part = pairs.subarray(from, from + LIST_PAIRS);
    kernel.u32.set(part, scratch >>> 2);
    const target = scratch + TEXTS;
    const room = SCRATCH_BYTES - TEXTS;
    const length = kernel.exports.headCopyPairs(head, scratch, part.length, target, room);
    for (const text of readTexts(kernel.u8.subarray(target, target + length))) texts.push(text);
  }
  return texts;
}

function applyConditions(memory: HeadMemory, conditions: readonly Condition[]): Uint32Array {
  const { kernel, head } = memory;
  const { exports } = kernel;
  const byWork = [...conditions].sort((a, b) => a.series - b.series);
  const base = byWork.find(({ wanted }) => wanted);
  const bitmap = base === undefined ? 0 : markSeries(memory, base.pairs);
  const slots = kernel.arena.alloc(4 * (exports.headSlots(head) >>> 0));
  let count = exports.headListSeries(head, bitmap, slots) >>> 0;
  for (const condition of byWork) {
    if (condition === base || count === 0) continue;
    const wanted = condition.wanted ? 1 : 0;
    if (condition.series < 4 * count) {
      const bits = markSeries(memory, condition.pairs);
      count = exports.headFilterBits(slots, count, bits, wanted) >>> 0;
    } else {
      const bits = bitmapOf(memory, condition.pairs);
      count = exports.headFilterPairs(head, slots, count, bits, wanted) >>> 0;
    }
  }
  return kernel.u32.slice(slots >>> 2, (slots >>> 2) + count);
}

/** A new bitmap of the series that have one of the pairs. */
function markSeries(memory: HeadMemory, pairs: readonly number[]): number {
  const { kernel, head, scratch } = memory;
  const bitmap = newBitmap(memory, kernel.exports.headSlots(head) >>> 0);
  for (let from = 0; from < pairs.length; from += LIST_PAIRS) {
    const part = pairs.slice(from, from + LIST_PAIRS);
    kernel.u32.set(part, scratch >>> 2);
    kernel.exports.headMark(head, scratch, part.length, bitmap);
  }
  return bitmap;
}

function bitmapOf(memory: HeadMemory, pairs: readonly number[]): number {
  const { kernel, head } = memory;
  const bitmap = newBitmap(memory, kernel.exports.headPairs(head) >>> 0);
  const { u32 } = kernel;
  for (const pair of pairs) {
    const word = (bitmap >>> 2) + (pair >>> 5);
    u32[word] = (u32[word] as number) | (1 << (pair & 31));
  }
  return bitmap;
}

function newBitmap({ kernel }: HeadMemory, bits: number): number {
  const words = Math.ceil(bits / 32);
  const bitmap = kernel.arena.alloc(4 * words);
  kernel.u32.fill(0, bitmap >>> 2, (bitmap >>> 2) + words);
  return bitmap;
}

function withArena<T>({ kernel }: HeadMemory, work: () => T): T {
  const mark = kernel.arena.mark();
  try {
    return work();
  } finally {
    kernel.arena.release(mark);
  }
}

// ── order ──

/** Sorts series by their labels, in place. */
export function sortSeries(memory: HeadMemory, slots: Uint32Array): void {
  const steps = sortSteps(memory, slots);
  while (steps.next().done !== true);
}

/** The same in steps of some ten milliseconds. Series that end meanwhile come somewhere. */
export function* sortSteps(memory: HeadMemory, slots: Uint32Array): Generator<void, void> {
  const { kernel, head, scratch } = memory;
  for (let from = 0; from < slots.length; from += SORT_SERIES) {
    const run = slots.subarray(from, from + SORT_SERIES);
    kernel.u32.set(run, scratch >>> 2);
    kernel.exports.headSort(head, scratch, run.length, scratch + 4 * SORT_SERIES);
    run.set(kernel.u32.subarray(scratch >>> 2, (scratch >>> 2) + run.length));
    yield;
  }
  let from = slots;
  let to: Uint32Array = new Uint32Array(slots.length > SORT_SERIES ? slots.length : 0);
  for (let width = SORT_SERIES; width < slots.length; width *= 2) {
    for (let i = 0; i < slots.length; i += 2 * width) {
      const a = from.subarray(i, i + width);
      const b = from.subarray(i + width, i + 2 * width);
      yield* mergeSteps(memory, [a, b], to.subarray(i, i + 2 * width));
    }
    [from, to] = [to, from];
  }
  if (from !== slots) slots.set(from);
}

function* mergeSteps(
  memory: HeadMemory,
  [a, b]: readonly [Uint32Array, Uint32Array],
  target: Uint32Array,
): Generator<void, void> {
  let i = 0;
  let k = 0;
  while (i < a.length && k < b.length) {
    const parts = [a.subarray(i, i + MERGE_SERIES), b.subarray(k, k + MERGE_SERIES)] as const;
    const { merged, taken } = mergeSeries(memory, parts);
    target.set(merged, i + k);
    i += taken[0];
    k += taken[1];
    yield;
  }
  target.set(a.subarray(i), i + k);
  target.set(b.subarray(k), a.length + k);
}

export interface MergedSeries {
  readonly merged: Uint32Array;
  /** How many of each list are in it. */
  readonly taken: readonly [number, number];
}

/** Merges two sorted lists of at most MERGE_SERIES series until one of them is used up. */
export function mergeSeries(
  { kernel, head, scratch }: HeadMemory,
  [a, b]: readonly [Uint32Array, Uint32Array],
): MergedSeries {
  const bAt = scratch + 4 * MERGE_SERIES;
  const out = bAt + 4 * MERGE_SERIES;
  kernel.u32.set(a, scratch >>> 2);
  kernel.u32.set(b, bAt >>> 2);
  kernel.exports.headMerge(head, scratch, a.length, bAt, b.length, out);
  const words = kernel.u32.subarray(out >>> 2);
  const taken = [words[0] as number, words[1] as number] as const;
  return { merged: words.slice(2, 2 + taken[0] + taken[1]), taken };
}

// ── labels ──

/** Values of a label that living series have, sorted; `slots`: only these series. */
export function labelValues(memory: HeadMemory, name: string, slots?: Uint32Array): string[] {
  const parts = slots === undefined ? listPairs(memory, name) : [pairsOf(memory, slots, name)];
  const values: string[] = [];
  for (const part of parts) {
    const texts = pairTexts(memory, part);
    for (let i = 1; i < texts.length; i += 2) values.push(texts[i] as string);
  }
  return values.sort(compareText);
}

/** Names of labels that living series have, sorted; `slots`: only these series. */
export function labelNames(memory: HeadMemory, slots?: Uint32Array): string[] {
  if (slots === undefined) return [...pairFigures(memory).byName.keys()].sort(compareText);
  const names = new Set<string>();
  const texts = pairTexts(memory, pairsOf(memory, slots, ''));
  for (let i = 0; i < texts.length; i += 2) names.add(texts[i] as string);
  return [...names].sort(compareText);
}

/** Pairs that any of the series has, of a name or, if it is empty, of all. */
function pairsOf(memory: HeadMemory, slots: Uint32Array, name: string): Uint32Array {
  return withArena(memory, () => {
    const { kernel, head, scratch } = memory;
    const { exports } = kernel;
    const pairs = exports.headPairs(head) >>> 0;
    const bitmap = newBitmap(memory, pairs);
    const list = kernel.arena.alloc(4 * Math.max(slots.length, pairs));
    const length = name === '' ? 0 : memory.putTexts([name]) - 2;
    kernel.u32.set(slots, list >>> 2);
    exports.headMarkPairs(head, list, slots.length, scratch + 2, length, bitmap);
    const count = exports.headListBits(bitmap, pairs, list) >>> 0;
    return kernel.u32.slice(list >>> 2, (list >>> 2) + count);
  });
}

export interface NameFigures {
  /** Values that the label has. */
  values: number;
  /** Bytes of name and value, for each series that has them. */
  bytes: number;
}

export interface PairFigures {
  readonly pairs: number;
  readonly byName: ReadonlyMap<string, NameFigures>;
  /** Those that most series have, in falling order. */
  readonly largest: readonly PairCount[];
}

export interface PairCount {
  readonly name: string;
  readonly value: string;
  readonly series: number;
}

/** Figures of all pairs; `most` of the largest ones are named. */
export function pairFigures(memory: HeadMemory, most: number = 0): PairFigures {
  const byNumber = new Map<number, NameFigures>();
  const byName = new Map<string, NameFigures>();
  const top = new Largest(most);
  let pairs = 0;
  eachPair(memory, (pair, name, series, bytes) => {
    pairs++;
    top.add(pair, series);
    let figures = name === OTHER_NAME ? undefined : byNumber.get(name);
    if (figures === undefined) {
      const key = nameOf(memory, pair);
      byName.set(key, (figures = byName.get(key) ?? { values: 0, bytes: 0 }));
      if (name !== OTHER_NAME) byNumber.set(name, figures);
    }
    figures.values++;
    figures.bytes += series * bytes;
  });
  return { pairs, byName, largest: countsOf(memory, top.items) };
}

/** The values of a label that most series have, in falling order. */
export function largestValues(memory: HeadMemory, name: string, most: number): PairCount[] {
  const top = new Largest(most);
  const { headPairSeries } = memory.kernel.exports;
  for (const part of listPairs(memory, name)) {
    for (const pair of part) top.add(pair, headPairSeries(memory.head, pair));
  }
  return countsOf(memory, top.items);
}

function eachPair(
  { kernel, head }: HeadMemory,
  take: (pair: number, name: number, series: number, bytes: number) => void,
): void {
  const mark = kernel.arena.mark();
  const rows = kernel.arena.alloc(16 * LIST_PAIRS);
  for (let from = 0; ; ) {
    const count = kernel.exports.headPairRows(head, from, rows, LIST_PAIRS);
    const words = kernel.u32.slice(rows >>> 2, (rows >>> 2) + 4 * count);
    const at = (i: number): number => words[i] as number;
    for (let i = 0; i < 4 * count; i += 4) take(at(i), at(i + 1), at(i + 2), at(i + 3));
    if (count < LIST_PAIRS) break;
    from = at(4 * count - 4) + 1;
  }
  kernel.arena.release(mark);
}

function nameOf(memory: HeadMemory, pair: number): string {
  return pairTexts(memory, Uint32Array.of(pair))[0] as string;
}

function countsOf(memory: HeadMemory, items: readonly (readonly [number, number])[]): PairCount[] {
  const texts = pairTexts(
    memory,
    Uint32Array.from(items, ([pair]) => pair),
  );
  return items.map(([, series], i) => ({
    name: texts[2 * i] as string,
    value: texts[2 * i + 1] as string,
    series,
  }));
}

/** The largest of many, in falling order; of equal ones the first. */
class Largest {
  readonly #most: number;
  readonly items: [number, number][] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(key: number, size: number): void {
    if (this.#most === 0) return;
    const isFull = this.items.length === this.#most;
    if (isFull && size <= (this.items.at(-1) as [number, number])[1]) return;
    if (isFull) this.items.pop();
    const at = this.items.findIndex(([, other]) => other < size);
    this.items.splice(at < 0 ? this.items.length : at, 0, [key, size]);
  }
}

function align4(length: number): number {
  return (length + 3) & ~3;
}

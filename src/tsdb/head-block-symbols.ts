/** The label texts of a head as the symbols of a block, and the labels of its series by their numbers. */
import { compareText } from '../model/labels.ts';
import { type HeadMemory, readTexts, SCRATCH_BYTES } from './head/head-memory.ts';
import type { Steps } from './index/index-writer.ts';

/** Pairs that one step reads. */
const STEP_PAIRS = 8192;
const ROW_WORDS = 4;
/** Pairs' numbers lie at the start of the scratch space, their texts behind. */
const TEXTS_AT = 4 * STEP_PAIRS;
const RUN_TEXTS = 4096;

export interface HeadSymbols {
  /** Ascending, each once. */
  readonly texts: readonly string[];
  /** By pair: numbers of the symbols of its name and of its value. */
  readonly numbers: Uint32Array;
}

export function* headSymbols(memory: HeadMemory): Steps<HeadSymbols> {
  const { kernel, head } = memory;
  const texts = new Set<string>();
  const pairTexts = new Map<number, readonly [string, string]>();
  for (let from = 0; ; ) {
    const pairs = readPairNumbers(memory, from);
    const found = readPairTexts(memory, pairs);
    for (let i = 0; i < pairs.length; i++) {
      const name = found[2 * i] as string;
      const value = found[2 * i + 1] as string;
      pairTexts.set(pairs[i] as number, [name, value]);
      texts.add(name).add(value);
    }
    if (pairs.length < STEP_PAIRS) break;
    from = (pairs.at(-1) as number) + 1;
    yield;
  }
  const sorted = yield* sortTexts([...texts]);
  const symbols = new Map<string, number>();
  for (let i = 0; i < sorted.length; i++) {
    symbols.set(sorted[i] as string, i);
    if (i % STEP_PAIRS === 0) yield;
  }
  const numbers = new Uint32Array(2 * (kernel.exports.headPairs(head) >>> 0));
  for (const [pair, [name, value]] of pairTexts) {
    numbers[2 * pair] = symbols.get(name) as number;
    numbers[2 * pair + 1] = symbols.get(value) as number;
    if (pair % STEP_PAIRS === 0) yield;
  }
  return { texts: sorted, numbers };
}

/** Numbers of pairs that living series have, from one on. */
function readPairNumbers({ kernel, head, scratch }: HeadMemory, from: number): Uint32Array {
  const count = kernel.exports.headPairRows(head, from, scratch, STEP_PAIRS);
  const { u32 } = kernel;
  const pairs = new Uint32Array(count);
  for (let i = 0; i < count; i++) pairs[i] = u32[(scratch >>> 2) + ROW_WORDS * i] as number;
  return pairs;
}

/** Name, value, name, value … */
function readPairTexts({ kernel, head, scratch }: HeadMemory, pairs: Uint32Array): string[] {
  const texts: string[] = [];
  while (texts.length < 2 * pairs.length) {
    const left = pairs.subarray(texts.length / 2);
    kernel.u32.set(left, scratch >>> 2);
    const target = scratch + TEXTS_AT;
    const room = SCRATCH_BYTES - TEXTS_AT;
    const length = kernel.exports.headCopyPairs(head, scratch, left.length, target, room);
    for (const text of readTexts(kernel.u8.subarray(target, target + length))) texts.push(text);
  }
  return texts;
}

/** Sorts short runs, then merges pairs of them until one is left. */
function* sortTexts(texts: readonly string[]): Steps<readonly string[]> {
  let runs: string[][] = [];
  for (let at = 0; at < texts.length; at += RUN_TEXTS) {
    runs.push(texts.slice(at, at + RUN_TEXTS).sort(compareText));
    yield;
  }
  while (runs.length > 1) {
    const merged: string[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(yield* mergeTexts(runs[i] as string[], runs[i + 1] ?? []));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergeTexts(a: readonly string[], b: readonly string[]): Steps<string[]> {
  const merged: string[] = [];
  let i = 0;
  for (const text of a) {
    while (i < b.length && compareText(b[i] as string, text) < 0) merged.push(b[i++] as string);
    merged.push(text);
    if (merged.length % RUN_TEXTS === 0) yield;
  }
  for (; i < b.length; i++) merged.push(b[i] as string);
  return merged;
}

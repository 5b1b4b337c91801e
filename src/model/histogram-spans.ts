/** Spans of native histograms and the bucket indices they stand for. Source: model/histogram (3.14). */
import type { Span } from './histogram.ts';

/** The bucket index of each count of the spans, ascending. */
export function bucketIndices(spans: readonly Span[]): number[] {
  const indices: number[] = [];
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) indices.push(index++);
  }
  return indices;
}

/** Spans without gaps inside for ascending bucket indices. */
export function spansOfIndices(indices: readonly number[]): Span[] {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of indices) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: last === undefined ? index : index - next, length: 1 });
    next = index + 1;
  }
  return spans;
}

/** Index of the bucket of a coarser schema that holds a bucket. */
export function coarserIndex(index: number, schema: number, coarser: number): number {
  return Math.floor((index - 1) / 2 ** (schema - coarser)) + 1;
}

/**
 * Downsampled chunks → sample columns: of each the aggregate that the function around the selector needs. Raw chunks
 * among them are taken as they are. Source: Thanos' chunk iterators and its counter reset iterator.
 */
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { decodeCounterChunk } from '../chunk/counter-chunk.ts';
import type { SampleColumns } from '../model/sample.ts';
import { isStaleAt } from '../model/stale.ts';
import type { Aggregate, WireChunk } from '../wire/wire-series.ts';
import type { SourcedChunk } from './chunk-order.ts';

export type AggregateChoice = 'average' | 'count' | 'sum' | 'min' | 'max' | 'counter';

/** What the function around a selector needs of downsampled data. */
export function aggregateChoice(func: string): AggregateChoice {
  if (func === 'min' || func.startsWith('min_')) return 'min';
  if (func === 'max' || func.startsWith('max_')) return 'max';
  if (func === 'count' || func.startsWith('count_')) return 'count';
  // A plain sum() is over samples, of which the average stands for each.
  if (func.startsWith('sum_')) return 'sum';
  const counters = ['increase', 'rate', 'irate', 'resets', 'xincrease', 'xrate'];
  return counters.includes(func) ? 'counter' : 'average';
}

export function isRaw(chunks: readonly SourcedChunk[]): boolean {
  return chunks.every(({ chunk }) => chunk.aggregate === 'raw');
}

/** Decodes one chunk of the kernel's encodings. */
export type DecodeOne = (chunk: WireChunk, store: string) => SampleColumns;

/**
 * One chunk by itself; not for counters, which depend on what was before. Throws OperationError 'corrupt' when the
 * store did not send what it was asked for.
 */
export function decodeAggregate(
  kernel: Kernel,
  sourced: SourcedChunk,
  choice: Exclude<AggregateChoice, 'counter'>,
  decode: DecodeOne,
): SampleColumns {
  const raw = find(sourced, 'raw');
  if (choice !== 'average') return decode(wanted(sourced, choice), sourced.store);
  if (raw !== undefined) return decode(raw, sourced.store);
  const counts = decode(wanted(sourced, 'count'), sourced.store);
  const sums = decode(wanted(sourced, 'sum'), sourced.store);
  const { f64 } = kernel;
  if (counts.count !== sums.count) throw missing(sourced, 'count for each sum');
  for (let i = 0; i < sums.count; i++) {
    const at = (sums.values >>> 3) + i;
    f64[at] = (f64[at] as number) / (f64[(counts.values >>> 3) + i] as number);
  }
  return sums;
}

/**
 * Chunks of one replica as a counter that never falls: resets within and between chunks are added up, stale markers
 * left out, and what overlaps the chunk before is skipped.
 */
export function decodeCounters(
  kernel: Kernel,
  chunks: readonly SourcedChunk[],
  decode: DecodeOne,
): SampleColumns {
  const parts = chunks.map((sourced) => counterSamples(kernel, sourced, decode));
  const capacity = parts.reduce((sum, { times }) => sum + times.length, 0);
  const times = kernel.arena.alloc(8 * capacity);
  const values = kernel.arena.alloc(8 * capacity);
  const { f64 } = kernel;
  let count = 0;
  let lastTime = Number.NEGATIVE_INFINITY;
  let lastValue = 0;
  let total = 0;
  for (const part of parts) {
    for (let i = 0; i < part.times.length; i++) {
      const time = part.times[i] as number;
      const value = part.values[i] as number;
      if (time > lastTime) {
        total += count === 0 || value < lastValue ? value : value - lastValue;
        f64[(times >>> 3) + count] = time;
        f64[(values >>> 3) + count] = total;
        count++;
      }
      if (time >= lastTime) {
        lastTime = time;
        lastValue = value;
      }
    }
  }
  return { times, values, count, startTimes: 0, histograms: [] };
}

interface PlainSamples {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

function counterSamples(kernel: Kernel, sourced: SourcedChunk, decode: DecodeOne): PlainSamples {
  const counter = find(sourced, 'counter');
  if (counter !== undefined) {
    const { bytes, offset, length } = counter;
    return decodeCounterChunk(bytes.subarray(offset, offset + length));
  }
  const raw = decode(wanted(sourced, 'counter'), sourced.store);
  const { f64, u32 } = kernel;
  const words = u32.subarray(raw.values >>> 2);
  const times: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < raw.count; i++) {
    if (isStaleAt(words, i)) continue;
    times.push(f64[(raw.times >>> 3) + i] as number);
    values.push(f64[(raw.values >>> 3) + i] as number);
  }
  return { times, values };
}

/** The aggregate, or raw samples in its place. */
function wanted(sourced: SourcedChunk, aggregate: Aggregate): WireChunk {
  const found = find(sourced, aggregate) ?? find(sourced, 'raw');
  if (found === undefined) throw missing(sourced, aggregate);
  return found;
}

function find({ chunk, more }: SourcedChunk, aggregate: Aggregate): WireChunk | undefined {
  return chunk.aggregate === aggregate ? chunk : more.find((part) => part.aggregate === aggregate);
}

function missing({ chunk, store }: SourcedChunk, what: string): OperationError {
  const range = `${chunk.minTime} to ${chunk.maxTime}`;
  const which = `the downsampled chunk from ${range} from ${store}`;
  return new OperationError('corrupt', `cannot decode ${which}: it has no ${what}`);
}

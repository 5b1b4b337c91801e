import type { Kernel } from '../../base/kernel.ts';
import { allocChunkTable, decodeChunks, setChunkRow } from '../../chunk/columns.ts';
import { printLabels } from '../../model/labels-text.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { ChunkQueryable } from '../../storage/chunk-queryable.ts';
import type { Queryable, SelectHints } from '../../storage/queryable.ts';

export const NO_HINTS: SelectHints = {
  stepMs: 0,
  rangeMs: 0,
  func: '',
  grouping: [],
  by: false,
  limit: 0,
};

export interface DumpRange {
  readonly matchers?: readonly Matcher[];
  readonly minTime?: number;
  readonly maxTime?: number;
}

const EVERYTHING: readonly Matcher[] = [{ type: '!=', name: '__name__', value: '' }];

/** All samples in a range, one line each: `{labels} value milliseconds`. */
export async function dump(
  storage: Queryable,
  kernel: Kernel,
  { matchers = EVERYTHING, minTime = -1e15, maxTime = 1e15 }: DumpRange = {},
): Promise<string[]> {
  const request = { matchers, minTime, maxTime, hints: NO_HINTS };
  using set = await storage.select(request, { signal: new AbortController().signal });
  const lines: string[] = [];
  while (set.next()) {
    const mark = kernel.arena.mark();
    const { times, values, count } = set.read(kernel);
    const labels = printLabels(set.labels);
    for (let i = 0; i < count; i++) {
      const time = kernel.f64[(times >>> 3) + i] as number;
      if (time < minTime || time > maxTime) continue;
      lines.push(`${labels} ${goNumber(kernel.f64[(values >>> 3) + i] as number)} ${time}`);
    }
    kernel.arena.release(mark);
  }
  return lines;
}

/** The same of chunks as they are handed on, each decoded by itself. */
export async function dumpChunks(storage: ChunkQueryable, kernel: Kernel): Promise<string[]> {
  const request = { matchers: EVERYTHING, minTime: -1e15, maxTime: 1e15, hints: NO_HINTS };
  using set = await storage.selectChunks(request, { signal: new AbortController().signal });
  const lines: string[] = [];
  while (set.next()) {
    const labels = printLabels(set.labels);
    for (const { data, encoding } of set.chunks()) {
      const mark = kernel.arena.mark();
      const table = allocChunkTable(kernel, 1);
      const address = kernel.arena.alloc(data.length);
      kernel.u8.set(data, address);
      setChunkRow(kernel, table, 0, { address, length: data.length, encoding });
      const { times, values, count } = decodeChunks(kernel, {
        table,
        count: 1,
        describe: () => labels,
      });
      for (let i = 0; i < count; i++) {
        const value = kernel.f64[(values >>> 3) + i] as number;
        lines.push(`${labels} ${goNumber(value)} ${kernel.f64[(times >>> 3) + i]}`);
      }
      kernel.arena.release(mark);
    }
  }
  return lines;
}

/** As Go prints a float with %g: shortest, with an exponent below 1e-4 and from 1e21 on. */
function goNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  const size = Math.abs(value);
  const text = size !== 0 && size < 1e-4 ? value.toExponential() : String(value);
  return Object.is(value, -0) ? '-0' : text.replace(/e([+-])(\d)$/, 'e$10$2');
}

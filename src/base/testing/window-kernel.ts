import { strict as assert } from 'node:assert';
import type { Kernel } from '../kernel.ts';
import type { WindowArguments } from '../kernel-exports.ts';
import { windowScratchBytes } from '../kernel-scratch.ts';

export interface Column {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface Steps {
  readonly start: number;
  readonly step: number;
  readonly steps: number;
  readonly range: number;
}

/** Undefined where the window has no result. */
export type Result = number | undefined;

export interface WindowCall {
  readonly column: Column;
  readonly steps: Steps;
  /** The quantile, or how far to predict. */
  readonly parameter: number;
}

/** Runs a window kernel over a series and sees that it keeps to the memory it was given. */
export function runWindow(kernel: Kernel, name: string, call: WindowCall): Result[] {
  const { column, parameter } = call;
  const { start, step, steps, range } = call.steps;
  const { arena } = kernel;
  const mark = arena.mark();
  const count = column.times.length;
  const times = arena.alloc(8 * count);
  const values = arena.alloc(8 * count);
  const out = arena.alloc(8 * steps);
  const present = arena.alloc(steps);
  const scratch = arena.alloc(windowScratchBytes(count));
  const guard = arena.alloc(16);
  kernel.u8.fill(0xa5, out, guard + 16);
  kernel.f64.set(column.times, times >>> 3);
  kernel.f64.set(column.values, values >>> 3);
  const run = kernel.exports[name as keyof Kernel['exports']] as unknown as (
    ...args: [...WindowArguments, ...number[]]
  ) => void;
  run(
    ...[times, values, count, start, step, steps, range, out, present, scratch],
    ...[parameter, start, step],
  );
  const results = Array.from({ length: steps }, (_, k) => {
    const found = kernel.u8[present + k];
    assert.ok(found === 0 || found === 1, `presence is ${found}`);
    return found === 1 ? kernel.f64[(out >>> 3) + k] : undefined;
  });
  assert.deepEqual([...kernel.u8.subarray(guard, guard + 16)], Array(16).fill(0xa5));
  arena.release(mark);
  return results;
}

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Kernel } from './kernel.ts';
import type { WindowArguments } from './kernel-exports.ts';
import { windowScratchBytes } from './kernel-scratch.ts';
import { testKernel } from './testing/kernel.ts';
import { type WindowFunction, windowFunctions } from './testing/window-oracle.ts';

interface Column {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

interface Steps {
  readonly start: number;
  readonly step: number;
  readonly steps: number;
  readonly range: number;
}

const kernel = testKernel();

/** Values as monitoring has them, and as nobody wants them. */
const specials = [Number.NaN, Infinity, -Infinity, -0, 0, 1e308, -1e308, 5e-324, 1e-300];
const anyValue = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(...specials) },
);
const valueColumns = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 150, size: 'max' }).map(toCounter),
  fc
    .array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 150, size: 'max' })
    .map(toCounter),
  fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 150, size: 'max' })
    .map(toGauge),
  fc.array(fc.constantFrom(0, 0, 0, 1, 5), { maxLength: 150, size: 'max' }),
  fc.array(fc.constantFrom(1e100, -1e100, 1, -1, 0.1), { maxLength: 60, size: 'max' }),
  fc.array(anyValue, { maxLength: 60, size: 'max' }),
);
const columns: fc.Arbitrary<Column> = fc
  .tuple(
    valueColumns,
    fc.array(fc.oneof(fc.constant(15_000), fc.integer({ min: 1, max: 90_000 })), {
      minLength: 150,
      maxLength: 150,
    }),
  )
  .map(([values, intervals]) => {
    let time = 1_700_000_000_000;
    return { values, times: values.map((_, i) => (time += intervals[i] ?? 1)) };
  });
const stepping: fc.Arbitrary<Steps> = fc.record({
  start: fc.integer({ min: 1_699_999_900_000, max: 1_700_002_000_000 }),
  step: fc.constantFrom(0, 1, 1000, 15_000, 60_000, 61_234, 600_000),
  steps: fc.integer({ min: 1, max: 150 }),
  range: fc.constantFrom(1, 15_000, 60_000, 90_001, 300_000, 1_234_567),
});

/** A draw of 0 restarts the counter. */
function toCounter(steps: readonly number[]): number[] {
  let value = 0;
  return steps.map((step) => (value = step === 0 ? 0 : value + step));
}

function toGauge(steps: readonly number[]): number[] {
  let value = 50;
  return steps.map((step) => (value += step));
}

function windowOf({ times, values }: Column, end: number, range: number): Column {
  const inside = times.flatMap((time, i) => (time > end - range && time <= end ? [i] : []));
  return {
    times: inside.map((i) => times[i] ?? 0),
    values: inside.map((i) => values[i] ?? 0),
  };
}

function runOracle(name: string, column: Column, steps: Steps, parameter: number): Result[] {
  const compute = windowFunctions[name] as WindowFunction;
  return Array.from({ length: steps.steps }, (_, k) => {
    const time = steps.start + k * steps.step;
    const { range } = steps;
    return compute(windowOf(column, time, range), { time, range, parameter });
  });
}

type Result = number | undefined;

function runKernel(name: string, column: Column, steps: Steps, parameter: number): Result[] {
  const { arena } = kernel;
  const mark = arena.mark();
  const count = column.times.length;
  const times = arena.alloc(8 * count);
  const values = arena.alloc(8 * count);
  const out = arena.alloc(8 * steps.steps);
  const present = arena.alloc(steps.steps);
  const scratch = arena.alloc(windowScratchBytes(count));
  const guard = arena.alloc(16);
  kernel.u8.fill(0xa5, out, guard + 16);
  kernel.f64.set(column.times, times >>> 3);
  kernel.f64.set(column.values, values >>> 3);
  const { start, step, range } = steps;
  const call = kernel.exports[name as keyof Kernel['exports']] as unknown as (
    ...args: [...WindowArguments, ...number[]]
  ) => void;
  call(
    ...[times, values, count, start, step, steps.steps, range, out, present, scratch],
    ...[parameter, start, step],
  );
  const results = Array.from({ length: steps.steps }, (_, k) => {
    const found = kernel.u8[present + k];
    assert.ok(found === 0 || found === 1, `presence is ${found}`);
    return found === 1 ? kernel.f64[(out >>> 3) + k] : undefined;
  });
  assert.deepEqual([...kernel.u8.subarray(guard, guard + 16)], Array(16).fill(0xa5));
  arena.release(mark);
  return results;
}

function isEqual(got: Result, want: Result, tolerance: number): boolean {
  if (got === undefined || want === undefined) return got === want;
  if (Object.is(got, want) || (got === 0 && want === 0)) return true;
  return Math.abs(got - want) <= tolerance * Math.abs(want);
}

/** Sums of overlapping windows are added in another order, therefore not always to the last bit. */
const tolerances: Readonly<Record<string, number>> = {
  windowSumOverTime: 1e-12,
  windowAvgOverTime: 1e-12,
  windowStdvarOverTime: 1e-12,
  windowStddevOverTime: 1e-12,
};

for (const name of Object.keys(windowFunctions)) {
  test(`${name} is what Prometheus' rule says, window by window`, () => {
    const parameters = fc.constantFrom(0.9, 0, 1, 0.5, -1, 2, Number.NaN, 3600);
    const property = fc.property(columns, stepping, parameters, (column, steps, parameter) => {
      const want = runOracle(name, column, steps, parameter);
      const got = runKernel(name, column, steps, parameter);
      const tolerance = tolerances[name] ?? 0;
      const k = want.findIndex((value, i) => !isEqual(got[i], value, tolerance));
      assert.equal(k, -1, `step ${k}: ${got[k]}, not ${want[k]}`);
    });
    fc.assert(property, { numRuns: 150 });
  });
}

import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { testKernel } from './testing/kernel.ts';
import { type Column, type Result, runWindow, type Steps } from './testing/window-kernel.ts';
import { type WindowFunction, windowFunctions } from './testing/window-oracle.ts';

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
      const got = runWindow(kernel, name, { column, steps, parameter });
      const tolerance = tolerances[name] ?? 0;
      const k = want.findIndex((value, i) => !isEqual(got[i], value, tolerance));
      assert.equal(k, -1, `step ${k}: ${got[k]}, not ${want[k]}`);
    });
    fc.assert(property, { numRuns: 150 });
  });
}

interface Golden {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
  readonly quantile: number;
  readonly predictSeconds: number;
  readonly series: Readonly<
    Record<string, { readonly times: number[]; readonly values: readonly (number | string)[] }>
  >;
  /** Kernel, series, range in ms, and the answers of all steps in one text. */
  readonly answers: readonly (readonly [string, string, number, string])[];
}

function goldenNumber(text: number | string): number {
  return Number(String(text).replace('Inf', 'Infinity'));
}

test('every window function answers what Prometheus 3.14 answered', () => {
  const path = new URL('../../test/golden/window-functions.json', import.meta.url);
  const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
  assert.equal(golden.answers.length, 360);
  for (const [name, seriesName, range, texts] of golden.answers) {
    const { times = [], values = [] } = golden.series[seriesName] ?? {};
    const column = { times, values: values.map(goldenNumber) };
    const steps = { start: golden.startMs, step: golden.stepMs, steps: golden.steps, range };
    const isQuantile = name === 'windowQuantileOverTime';
    const parameter = isQuantile ? golden.quantile : golden.predictSeconds;
    const got = runWindow(kernel, name, { column, steps, parameter });
    const want = texts.split(' ').map((text) => (text === '' ? undefined : goldenNumber(text)));
    const k = want.findIndex((value, i) => !isEqual(got[i], value, tolerances[name] ?? 0));
    assert.equal(k, -1, `${name} of ${seriesName} over ${range} ms at ${k}: ${got[k]}, ${want[k]}`);
  }
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { testKernel } from './testing/kernel.ts';
import { addCompensated, mean } from './testing/window-oracle.ts';

/** What one series has at every step: a number, 'histogram', or nothing. */
type Cell = number | 'histogram' | undefined;

const kernel = testKernel();
const { exports } = kernel;

const specials = [Number.NaN, Infinity, -Infinity, -0, 0, 1e308, -1e308, 1e100, -1e100, 5e-324];
const cells: fc.Arbitrary<Cell> = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(...specials) },
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant('histogram' as const) },
);
const dense: fc.Arbitrary<Cell> = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const groups = fc.integer({ min: 1, max: 40 }).chain((steps) => {
  const series = fc.oneof(
    fc.array(cells, { minLength: steps, maxLength: steps }),
    fc.array(dense, { minLength: steps, maxLength: steps }),
  );
  return fc.array(series, { maxLength: 12 }).map((members) => ({ steps, members }));
});

interface Aggregation {
  readonly fold: (values: number, present: number, steps: number, group: Group) => void;
  readonly finish: (steps: number, group: Group) => void;
  /** From the present cells of the group at one step, in order. */
  readonly want: (present: readonly (number | 'histogram')[]) => number | undefined;
}

interface Group {
  readonly columns: readonly [number, number, number];
  readonly present: number;
}

function floats(cells: readonly (number | 'histogram')[]): number[] {
  return cells.filter((cell) => cell !== 'histogram');
}

function ofFloats(compute: (values: readonly number[]) => number): Aggregation['want'] {
  return (cells) => (floats(cells).length === 0 ? undefined : compute(floats(cells)));
}

function sum(values: readonly number[]): number {
  const { sum, rest } = values.slice(1).reduce(addCompensated, { sum: values[0] ?? 0, rest: 0 });
  return sum + rest;
}

function variance(values: readonly number[]): number {
  let mean = values[0] ?? 0;
  let squares = Number.isFinite(mean) ? 0 : Number.NaN;
  values.slice(1).forEach((value, i) => {
    const delta = value - mean;
    mean += delta / (i + 2);
    squares += delta * (value - mean);
  });
  return squares / values.length;
}

const aggregations: Readonly<Record<string, Aggregation>> = {
  sum: {
    fold: (values, present, steps, { columns: [a, b], present: marks }) =>
      exports.foldSum(values, present, steps, a, b, marks),
    finish: (steps, { columns: [a, b] }) => exports.finishSum(a, b, steps),
    want: ofFloats(sum),
  },
  avg: {
    fold: (values, present, steps, { columns: [a, b, c] }) =>
      exports.foldAvg(values, present, steps, a, b, c),
    finish: (steps, { columns: [a, b, c], present }) => exports.finishAvg(a, b, c, steps, present),
    want: ofFloats(mean),
  },
  min: {
    fold: (values, present, steps, { columns: [a], present: marks }) =>
      exports.foldMin(values, present, steps, a, marks),
    finish: () => {},
    want: ofFloats((values) =>
      values.reduce((least, value) => (least > value || Number.isNaN(least) ? value : least)),
    ),
  },
  max: {
    fold: (values, present, steps, { columns: [a], present: marks }) =>
      exports.foldMax(values, present, steps, a, marks),
    finish: () => {},
    want: ofFloats((values) =>
      values.reduce((most, value) => (most < value || Number.isNaN(most) ? value : most)),
    ),
  },
  count: {
    fold: (_, present, steps, { columns: [a] }) => exports.foldCount(present, steps, a),
    finish: (steps, { columns: [a], present }) => exports.finishCount(a, steps, present),
    want: (cells) => (cells.length === 0 ? undefined : cells.length),
  },
  group: {
    fold: (_, present, steps, { columns: [a] }) => exports.foldCount(present, steps, a),
    finish: (steps, { columns: [a], present }) => exports.finishGroup(a, steps, present),
    want: (cells) => (cells.length === 0 ? undefined : 1),
  },
  stdvar: {
    fold: (values, present, steps, { columns: [a, b, c] }) =>
      exports.foldVariance(values, present, steps, a, b, c),
    finish: (steps, { columns: [a, , c], present }) => exports.finishStdvar(a, c, steps, present),
    want: ofFloats(variance),
  },
  stddev: {
    fold: (values, present, steps, { columns: [a, b, c] }) =>
      exports.foldVariance(values, present, steps, a, b, c),
    finish: (steps, { columns: [a, , c], present }) => exports.finishStddev(a, c, steps, present),
    want: ofFloats((values) => Math.sqrt(variance(values))),
  },
};

function aggregate(
  { fold, finish }: Aggregation,
  steps: number,
  members: readonly (readonly Cell[])[],
): (number | undefined)[] {
  const { arena } = kernel;
  const mark = arena.mark();
  const column = (): number => arena.alloc(8 * steps);
  const group: Group = { columns: [column(), column(), column()], present: arena.alloc(steps) };
  const values = column();
  const present = arena.alloc(steps);
  for (const address of group.columns) kernel.u8.fill(0, address, address + 8 * steps);
  kernel.u8.fill(0, group.present, group.present + steps);
  for (const member of members) {
    member.forEach((cell, k) => {
      kernel.u8[present + k] = cell === undefined ? 0 : cell === 'histogram' ? 2 : 1;
      kernel.f64[(values >>> 3) + k] = typeof cell === 'number' ? cell : Number.NaN;
    });
    fold(values, present, steps, group);
  }
  finish(steps, group);
  const results = Array.from({ length: steps }, (_, k) =>
    kernel.u8[group.present + k] === 1 ? kernel.f64[(group.columns[0] >>> 3) + k] : undefined,
  );
  arena.release(mark);
  return results;
}

for (const [name, aggregation] of Object.entries(aggregations)) {
  test(`${name} folds series one by one into what Prometheus' rule gives`, () => {
    const property = fc.property(groups, ({ steps, members }) => {
      const want = Array.from({ length: steps }, (_, k) =>
        aggregation.want(members.map((cells) => cells[k]).filter((cell) => cell !== undefined)),
      );
      const got = aggregate(aggregation, steps, members);
      const k = want.findIndex(
        (value, i) => !Object.is(got[i], value) && !(got[i] === 0 && value === 0),
      );
      assert.equal(k, -1, `step ${k}: ${got[k]}, not ${want[k]}`);
    });
    fc.assert(property, { numRuns: 150 });
  });
}

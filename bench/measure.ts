/** Interleaved pairs of both sides of a contest, and what they come to. */
import type { Contest, Side } from './row.ts';

export const PAIRS = 7;
/** CPU time that one measurement should at least take, given the coarse ticks of /proc. */
const ENOUGH_MS = 400;
const RUNS_MAX = 200;
/** CPU time that each side takes before it is measured: servers run for long, and compilers want to see code run. */
const WARM_MS = 5000;

export interface Figures {
  /** Medians, in the row's unit. */
  readonly ours: number;
  readonly peer: number;
  /** Median of the pairs' ratios peer / ours. */
  readonly ratio: number;
}

type Measured = Extract<Side, { kind: 'measured' }>;

export async function measurePairs(contest: Contest): Promise<Figures> {
  const ours = await measurer(contest.ours);
  const peer = await measurer(contest.peer);
  const pairs: { readonly ours: number; readonly peer: number }[] = [];
  for (let i = 0; i < PAIRS; i++) {
    // Who goes first takes turns, so that a drift of the machine meets both.
    const early = i % 2 === 0 ? await ours() : await peer();
    const late = i % 2 === 0 ? await peer() : await ours();
    pairs.push(i % 2 === 0 ? { ours: early, peer: late } : { ours: late, peer: early });
  }
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    peer: median(pairs.map((pair) => pair.peer)),
    ratio: median(pairs.map((pair) => pair.peer / pair.ours)),
  };
}

async function measurer(side: Side): Promise<() => Promise<number>> {
  if (side.kind === 'known') return async () => side.figure;
  let warmMs = 0;
  let warmRuns = 0;
  for (; warmRuns < RUNS_MAX && warmMs < WARM_MS; warmRuns++) warmMs += await cpuOfRuns(side, 1);
  const enough = Math.ceil((ENOUGH_MS * warmRuns) / Math.max(warmMs, 1));
  const runs = Math.min(RUNS_MAX, Math.max(1, enough));
  return async () => ((await cpuOfRuns(side, runs)) / runs) * side.scale;
}

async function cpuOfRuns(side: Measured, runs: number): Promise<number> {
  const before = side.cpuMs();
  for (let i = 0; i < runs; i++) await side.run();
  return side.cpuMs() - before;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

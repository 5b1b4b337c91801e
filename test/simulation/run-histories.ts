/** Runs histories of consecutive seeds, each by itself. */
import { runHistory } from './history.ts';
import { type Counts, type Kernels, noCounts, type Sabotage } from './world.ts';

export interface Batch {
  readonly firstSeed: number;
  readonly histories: number;
}

export interface BatchOutcome {
  readonly counts: Counts;
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly seed: number;
  readonly faults: readonly string[];
}

export async function runHistories(
  { firstSeed, histories }: Batch,
  kernels: Kernels,
  onDone: () => void = () => undefined,
): Promise<BatchOutcome> {
  const counts = noCounts();
  const failures: Failure[] = [];
  for (let i = 0; i < histories; i++) {
    const seed = firstSeed + i;
    const faults = await runHistory({ seed, kernels, counts });
    if (faults.length > 0) failures.push({ seed, faults });
    onDone();
  }
  return { counts, failures };
}

/** How many histories it took to notice the sabotage; undefined when none did. */
export async function historiesToCatch(
  sabotage: Sabotage,
  { firstSeed, histories }: Batch,
  kernels: Kernels,
): Promise<number | undefined> {
  const counts = noCounts();
  for (let i = 0; i < histories; i++) {
    const faults = await runHistory({ seed: firstSeed + i, kernels, counts, sabotage });
    if (faults.length > 0) return i + 1;
  }
  return undefined;
}

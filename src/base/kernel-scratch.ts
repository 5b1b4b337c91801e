/**
 * How many bytes of scratch space kernels need for one series of so many samples. The space must be 16-byte
 * aligned, as the arena gives it; its contents matter neither before nor after the call.
 */

/** windowRate, windowIncrease, windowDelta: five tiles of 64 doubles, one index a sample. */
export function rateScratchBytes(count: number): number {
  return 5 * 64 * 8 + 4 * count;
}

/** windowQuantileOverTime: five columns. */
export function quantileScratchBytes(count: number): number {
  return 5 * 8 * (count + 2);
}

/** Every window kernel: the most that any of them needs. */
export function windowScratchBytes(count: number): number {
  return Math.max(rateScratchBytes(count), quantileScratchBytes(count));
}

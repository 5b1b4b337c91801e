/**
 * The stale marker is a signalling NaN told from other NaNs by its bits alone. V8 loses NaN payloads in
 * plain arrays and arithmetic: test the two 32-bit halves in typed arrays, never a JavaScript number.
 */
export const STALE_HIGH = 0x7ff00000;
export const STALE_LOW = 0x00000002;
/** Go's math.NaN, written where Prometheus writes an ordinary NaN. */
export const NAN_HIGH = 0x7ff80000;
export const NAN_LOW = 0x00000001;

/** Whether the double at an index of a column is the stale marker. `words` views the same bytes. */
export function isStaleAt(words: Uint32Array, index: number): boolean {
  return words[2 * index] === STALE_LOW && words[2 * index + 1] === STALE_HIGH;
}

/** Writes the stale marker into a column. */
export function writeStale(words: Uint32Array, index: number): void {
  words[2 * index] = STALE_LOW;
  words[2 * index + 1] = STALE_HIGH;
}

/** Where Go's arithmetic gives other results than JavaScript's on special values. */

/** Go's math.Pow: 1 to any power is 1, and (−1)^±Inf is 1, where JavaScript gives NaN. */
export function goPow(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && (exponent === Infinity || exponent === -Infinity)) return 1;
  return base ** exponent;
}

/** Go's math.Max: +Inf wins over NaN. */
export function goMax(a: number, b: number): number {
  if (a === Infinity || b === Infinity) return Infinity;
  return Math.max(a, b);
}

/** Go's math.Min: −Inf wins over NaN. */
export function goMin(a: number, b: number): number {
  if (a === -Infinity || b === -Infinity) return -Infinity;
  return Math.min(a, b);
}

/*
 * Compensated sums after Kahan and Neumaier, to the bit as Prometheus 3 adds: beside each rounded sum stands what its
 * roundings have lost so far. An infinite sum has lost nothing.
 */

/** What is lost after total = sum + addend was rounded, with what was lost before. */
export function nextRest(sum: f64, addend: f64, total: f64, rest: f64): f64 {
  if (Math.abs(total) == Infinity) return 0;
  if (Math.abs(sum) >= Math.abs(addend)) return rest + (sum - total + addend);
  return rest + (addend - total + sum);
}

/** The same for two sums at once. */
export function nextRests(sums: v128, addends: v128, totals: v128, rests: v128): v128 {
  const isSumLarger = f64x2.ge(f64x2.abs(sums), f64x2.abs(addends));
  const larger = v128.bitselect(sums, addends, isSumLarger);
  const smaller = v128.bitselect(addends, sums, isSumLarger);
  const next = f64x2.add(rests, f64x2.add(f64x2.sub(larger, totals), smaller));
  const isFinite = f64x2.ne(f64x2.abs(totals), f64x2.splat(Infinity));
  return v128.and(next, isFinite);
}

/**
 * The q-quantile of values that are sorted ascending with NaN in front: linear between neighbours. −Inf below
 * q = 0, +Inf above 1, NaN for no values. Source: quantile in promql/quantile.go.
 */
export function sortedQuantile(
  q: number,
  sorted: Float64Array,
  length: number = sorted.length,
): number {
  if (length === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const rank = q * (length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return (sorted[lower] as number) * (1 - weight) + (sorted[upper] as number) * weight;
}

/** Sorts a column in place: NaN in front, then ascending. (Typed arrays put NaN last.) */
export function sortNaNFirst(values: Float64Array): Float64Array {
  values.sort();
  let nans = 0;
  while (nans < values.length && Number.isNaN(values[values.length - 1 - nans])) nans++;
  if (nans === 0) return values;
  values.copyWithin(nans, 0, values.length - nans);
  return values.fill(Number.NaN, 0, nans);
}

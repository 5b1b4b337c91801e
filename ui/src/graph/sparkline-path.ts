/** The outline of a small picture of one series. */

export interface SparkBox {
  readonly width: number;
  readonly height: number;
}

/** An SVG path; NaN is a gap. A flat line lies in the middle, zero at the bottom. */
export function sparklinePath(
  times: ArrayLike<number>,
  values: ArrayLike<number>,
  { width, height }: SparkBox,
): string {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    min = Math.min(min, values[i]);
    max = Math.max(max, values[i]);
  }
  if (min > max) return '';
  const span = max - min;
  const level = max === 0 ? 1 : 0.5;
  const start = times[0];
  const perMs = (width - 2) / (times[times.length - 1] - start || 1);
  const round = (value: number): number => Math.round(value * 10) / 10;
  let path = '';
  let inRun = false;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      inRun = false;
      continue;
    }
    const share = span === 0 ? level : 1 - (values[i] - min) / span;
    const place = `${round(1 + (times[i] - start) * perMs)} ${round(1.5 + share * (height - 3))}`;
    const isLone = !inRun && !Number.isFinite(values[i + 1]);
    path += inRun ? `L${place}` : `M${place}${isLone ? 'h0.1' : ''}`;
    inRun = true;
  }
  return path;
}

/**
 * A column of values as strokes on a canvas. With more steps than pixels each column of pixels gets its first, lowest,
 * highest and last value: the picture is the same, no spike is lost, and a million samples are a few strokes a pixel.
 */
import type { MatrixSeries } from './matrix.ts';

/** What part of the world a canvas of `width` × `height` device pixels shows. */
export interface View {
  readonly startMs: number;
  readonly endMs: number;
  readonly min: number;
  readonly max: number;
  readonly width: number;
  readonly height: number;
}

/** The time of step 0 and the distance of steps. */
export interface Grid {
  readonly firstMs: number;
  readonly stepMs: number;
}

export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  /** A sample between two gaps. */
  dot(x: number, y: number): void;
  /** A sample at +Inf (1) or -Inf (-1): beyond the edge. */
  beyond(x: number, sign: number): void;
}

/** Far enough off every canvas, near enough for the rasteriser. */
const FAR_PIXELS = 1e5;

export function xOf(view: View, timeMs: number): number {
  return ((timeMs - view.startMs) / (view.endMs - view.startMs)) * view.width;
}

export function yOf({ min, max, height }: View, value: number): number {
  const y = height - ((value - min) / (max - min)) * height;
  return Math.min(Math.max(y, -FAR_PIXELS), FAR_PIXELS);
}

/** The steps that lie in the view, and one more on either side, so that lines run off its edges. */
export function visibleSteps(
  view: View,
  { firstMs, stepMs }: Grid,
  steps: number,
): [number, number] {
  const from = Math.floor((view.startMs - firstMs) / stepMs) - 1;
  const to = Math.ceil((view.endMs - firstMs) / stepMs) + 1;
  return [Math.max(from, 0), Math.min(to + 1, steps)];
}

export function pixelsPerStep(view: View, { stepMs }: Grid): number {
  return (stepMs / (view.endMs - view.startMs)) * view.width;
}

export function traceLine(pen: Pen, series: MatrixSeries, grid: Grid, view: View): void {
  const { first, values } = series;
  const [from, to] = visibleSteps(view, grid, first + values.length);
  const start = Math.max(from - first, 0);
  const end = to - first;
  const x0 = xOf(view, grid.firstMs + first * grid.stepMs);
  const dx = pixelsPerStep(view, grid);
  if (dx < 0.5) traceColumns(pen, series, { start, end, x0, dx }, view);
  else traceSteps(pen, series, { start, end, x0, dx }, view);
}

/** Values `start` to `end` (exclusive) of a series; value `i` is drawn at x0 + i × dx. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly x0: number;
  readonly dx: number;
}

function traceSteps(pen: Pen, { values }: MatrixSeries, stretch: Stretch, view: View): void {
  const { start, end, x0, dx } = stretch;
  const scale = view.height / (view.max - view.min);
  let inRun = false;
  for (let i = start; i < end; i++) {
    const value = values[i];
    const x = x0 + i * dx;
    if (!Number.isFinite(value)) {
      if (!Number.isNaN(value)) pen.beyond(x, value > 0 ? 1 : -1);
      inRun = false;
      continue;
    }
    const raw = view.height - (value - view.min) * scale;
    const y = raw < -FAR_PIXELS ? -FAR_PIXELS : raw > FAR_PIXELS ? FAR_PIXELS : raw;
    if (inRun) pen.lineTo(x, y);
    else if (Number.isFinite(values[i + 1])) pen.moveTo(x, y);
    else pen.dot(x, y);
    inRun = true;
  }
}

function traceColumns(pen: Pen, { values }: MatrixSeries, stretch: Stretch, view: View): void {
  const { start, end, x0, dx } = stretch;
  let inRun = false;
  for (let i = start; i < end; ) {
    const column = Math.floor(x0 + i * dx);
    const next = Math.min(end, Math.max(i + 1, Math.ceil((column + 1 - x0) / dx)));
    inRun = traceColumn(pen, { values, from: i, to: next, x: column + 0.5, inRun }, view);
    i = next;
  }
}

interface Column {
  readonly values: Float64Array;
  readonly from: number;
  readonly to: number;
  readonly x: number;
  readonly inRun: boolean;
}

/** True when the line goes on from the last value. */
function traceColumn(pen: Pen, { values, from, to, x, inRun }: Column, view: View): boolean {
  let first = Number.NaN;
  let last = Number.NaN;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let infinity = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) {
      if (!Number.isNaN(value)) infinity = value;
      continue;
    }
    if (low > high) first = value;
    last = value;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (infinity !== 0) pen.beyond(x, infinity > 0 ? 1 : -1);
  if (low > high) return false;
  const continues = inRun && Number.isFinite(values[from]);
  if (continues) pen.lineTo(x, yOf(view, first));
  else if (low === high) pen.dot(x, yOf(view, low));
  if (!continues) pen.moveTo(x, yOf(view, first));
  if (low < high) {
    pen.lineTo(x, yOf(view, low));
    pen.lineTo(x, yOf(view, high));
    if (last !== high) pen.lineTo(x, yOf(view, last));
  }
  return Number.isFinite(values[to - 1]);
}

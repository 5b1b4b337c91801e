/**
 * Draws the series of a graph on a canvas, in slices of one frame each when there are many: a million samples must not
 * freeze the page. Lines of one device pixel cost a tenth of thicker ones, so where there are many they are thin.
 */
import type { GraphModel } from './graph-model.ts';
import {
  type Grid,
  type Pen,
  pixelsPerStep,
  traceLine,
  type View,
  visibleSteps,
  xOf,
  yOf,
} from './line-path.ts';
import { type Band, columnSteps, type Stack } from './stack.ts';

/** Strokes drawn in one frame: 6 ms of drawing, as much of rasterising. */
const SLICE_STROKES = 40_000;
const THICK_STROKES_MAX = 20_000;
const BAND_OPACITY = 0.72;

export interface Paint {
  readonly model: GraphModel;
  readonly view: View;
  /** By colour index. */
  readonly palette: readonly string[];
  readonly pixelRatio: number;
}

export function gridOf({ times, stepMs }: GraphModel['matrix']): Grid {
  return { firstMs: times[0] ?? 0, stepMs };
}

/** Each step of the generator is one slice of work. */
export function* paintSeries(context: CanvasRenderingContext2D, paint: Paint): Generator<void> {
  const { model, view } = paint;
  context.clearRect(0, 0, view.width, view.height);
  if (model.stack === undefined) yield* paintLines(context, paint);
  else yield* paintStack(context, paint, model.stack);
}

function* paintLines(context: CanvasRenderingContext2D, paint: Paint): Generator<void> {
  const { model, palette } = paint;
  const strokes = strokesOf(paint);
  const width = lineWidth(paint, strokes);
  const perSeries = strokes / Math.max(model.shown.length, 1);
  let drawn = 0;
  for (const index of model.shown) {
    paintLine(context, paint, { index, colour: palette[model.colours[index]], width });
    drawn += perSeries;
    if (drawn < SLICE_STROKES) continue;
    drawn = 0;
    yield;
  }
}

/** About how many strokes all shown series take. */
function strokesOf({ model, view }: Paint): number {
  const { matrix, shown } = model;
  const [from, to] = visibleSteps(view, gridOf(matrix), matrix.times.length);
  return shown.length * Math.min(Math.max(to - from, 1), view.width * 3);
}

function lineWidth({ pixelRatio }: Paint, strokes: number): number {
  if (strokes <= THICK_STROKES_MAX) return 1.5 * pixelRatio;
  return strokes <= 3 * SLICE_STROKES ? pixelRatio : 1;
}

interface Line {
  readonly index: number;
  readonly colour: string;
  readonly width: number;
}

export function paintLine(
  context: CanvasRenderingContext2D,
  { model, view, pixelRatio }: Paint,
  { index, colour, width }: Line,
): void {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = width;
  context.lineJoin = 'bevel';
  context.beginPath();
  const half = (width > 1 ? 2 : 1) * pixelRatio;
  const pen: Pen = {
    moveTo: (x, y) => context.moveTo(x, y),
    lineTo: (x, y) => context.lineTo(x, y),
    dot: (x, y) => context.fillRect(x - half, y - half, 2 * half, 2 * half),
    beyond: (x, sign) => paintArrow(context, view, { x, sign, size: 4 * pixelRatio }),
  };
  traceLine(pen, model.matrix.series[index], gridOf(model.matrix), view);
  context.stroke();
}

interface Arrow {
  readonly x: number;
  readonly sign: number;
  readonly size: number;
}

/** A filled triangle at the edge that an infinite sample lies beyond. */
function paintArrow(context: CanvasRenderingContext2D, view: View, arrow: Arrow): void {
  const { x, sign, size } = arrow;
  const tip = sign > 0 ? 0 : view.height;
  const triangle = new Path2D();
  triangle.moveTo(x, tip);
  triangle.lineTo(x - size, tip + sign * 1.5 * size);
  triangle.lineTo(x + size, tip + sign * 1.5 * size);
  triangle.closePath();
  context.fill(triangle);
}

function* paintStack(
  context: CanvasRenderingContext2D,
  paint: Paint,
  stack: Stack,
): Generator<void> {
  const steps = stackSteps(paint, stack);
  let drawn = 0;
  for (const band of stack.bands) {
    paintBand(context, paint, { band, steps, opacity: BAND_OPACITY });
    drawn += 3 * steps.length;
    if (drawn < SLICE_STROKES) continue;
    drawn = 0;
    yield;
  }
}

export function stackSteps({ model, view }: Paint, stack: Stack): Uint32Array {
  const grid = gridOf(model.matrix);
  const [from, to] = visibleSteps(view, grid, model.matrix.times.length);
  if (pixelsPerStep(view, grid) >= 0.5) {
    return Uint32Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i);
  }
  const columnOf = (step: number): number =>
    Math.floor(xOf(view, grid.firstMs + step * grid.stepMs));
  return columnSteps(stack, columnOf).filter((step) => step >= from && step < to);
}

/** NaN in a gap; 1 above zero, -1 below: there the band goes over to the other pile. */
function signAt({ first, bases, tops }: Band, step: number): number {
  return Math.sign(tops[step - first] - bases[step - first]);
}

interface BandPaint {
  readonly band: Band;
  readonly steps: Uint32Array;
  readonly opacity: number;
}

export function paintBand(
  context: CanvasRenderingContext2D,
  { model, view, palette, pixelRatio }: Paint,
  { band, steps, opacity }: BandPaint,
): void {
  const { first, bases, tops } = band;
  const grid = gridOf(model.matrix);
  const edge = new Path2D();
  const area = new Path2D();
  const place = (step: number): number => xOf(view, grid.firstMs + step * grid.stepMs);
  for (let from = 0; from < steps.length; from++) {
    if (!Number.isFinite(tops[steps[from] - first])) continue;
    const sign = signAt(band, steps[from]);
    let to = from + 1;
    while (to < steps.length && signAt(band, steps[to]) * sign >= 0) to++;
    // A lone step is as wide as two pixels.
    const wide = to - from === 1 ? pixelRatio : 0;
    for (let i = from; i < to; i++) {
      const x = place(steps[i]) - wide;
      const y = yOf(view, tops[steps[i] - first]);
      if (i === from) {
        edge.moveTo(x, y);
        area.moveTo(x, y);
      } else {
        edge.lineTo(x, y);
        area.lineTo(x, y);
      }
      if (wide > 0) {
        edge.lineTo(x + 2 * wide, y);
        area.lineTo(x + 2 * wide, y);
        area.lineTo(x + 2 * wide, yOf(view, bases[steps[i] - first]));
      }
    }
    for (let i = to - 1; i >= from; i--) {
      area.lineTo(place(steps[i]) - wide, yOf(view, bases[steps[i] - first]));
    }
    area.closePath();
    from = to - 1;
  }
  const colour = palette[model.colours[band.series]];
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = pixelRatio;
  context.lineJoin = 'bevel';
  context.globalAlpha = opacity;
  context.fill(area);
  context.globalAlpha = 1;
  context.stroke(edge);
}

/** What a graph draws, worked out once for a matrix: names, colours, what is shown, and how high it reaches. */
import { type Matrix, valueAt } from './matrix.ts';
import { colourIndexes, labelKey } from './palette.ts';
import { shortNames } from './series-name.ts';
import { bandAt, type Stack, stackSeries } from './stack.ts';
import { paddedRange, type ValueRange } from './ticks.ts';

export interface GraphModel {
  readonly matrix: Matrix;
  /** Indexes into the series, ascending. */
  readonly shown: readonly number[];
  /** Of each series. */
  readonly colours: Uint8Array;
  readonly stack: Stack | undefined;
  readonly range: ValueRange;
}

export interface SeriesFaces {
  readonly keys: readonly string[];
  readonly names: readonly string[];
  readonly colours: Uint8Array;
}

export function facesOf({ series }: Matrix): SeriesFaces {
  const labelSets = series.map(({ labels }) => labels);
  return {
    keys: labelSets.map(labelKey),
    names: shortNames(labelSets),
    colours: colourIndexes(labelSets),
  };
}

export interface GraphShape {
  readonly stacked: boolean;
  readonly zeroBased: boolean;
  /** Keys of the series to show; undefined for all. */
  readonly selected: ReadonlySet<string> | undefined;
}

export function modelOf(matrix: Matrix, faces: SeriesFaces, shape: GraphShape): GraphModel {
  const shown = shownSeries(faces.keys, shape.selected);
  const stack = shape.stacked ? stackSeries(matrix, shown) : undefined;
  const extent = stack === undefined ? extentOfLines(matrix, shown) : extentOfStack(stack);
  const range = paddedRange(extent, shape.zeroBased || shape.stacked);
  return { matrix, shown, colours: faces.colours, stack, range };
}

/** All, when none of the selected is there (any more). */
function shownSeries(
  keys: readonly string[],
  selected: ReadonlySet<string> | undefined,
): readonly number[] {
  const all = keys.map((_, i) => i);
  if (selected === undefined) return all;
  const shown = all.filter((i) => selected.has(keys[i]));
  return shown.length > 0 ? shown : all;
}

function extentOfLines({ series }: Matrix, shown: readonly number[]): ValueRange {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const i of shown) {
    const { stats } = series[i];
    if (stats.min < min) min = stats.min;
    if (stats.max > max) max = stats.max;
  }
  return { min, max };
}

function extentOfStack({ highs, lows }: Stack): ValueRange {
  let min = 0;
  let max = 0;
  for (let i = 0; i < highs.length; i++) {
    if (highs[i] > max) max = highs[i];
    if (lows[i] < min) min = lows[i];
  }
  return { min, max };
}

/** The shown series nearest to `value` at a step (of a stack the one whose band holds it), or -1. */
export function seriesNear(
  { matrix, shown, stack }: GraphModel,
  step: number,
  value: number,
): number {
  if (stack !== undefined) {
    const band = bandAt(stack, step, value);
    if (band >= 0) return stack.bands[band].series;
  }
  let nearest = -1;
  let best = Number.POSITIVE_INFINITY;
  for (const i of shown) {
    const own = heightAt({ matrix, stack }, i, step);
    if (own === undefined) continue;
    const distance = Math.abs(own - value);
    if (distance < best || nearest < 0) {
      best = distance;
      nearest = i;
    }
  }
  return nearest;
}

/** Where a series is drawn at a step: of a stack the top of its band. */
export function heightAt(
  { matrix, stack }: Pick<GraphModel, 'matrix' | 'stack'>,
  index: number,
  step: number,
): number | undefined {
  const series = matrix.series[index];
  if (stack === undefined) return valueAt(series, step);
  const top = stack.bandOf.get(index)?.tops[step - series.first];
  return top === undefined || Number.isNaN(top) ? undefined : top;
}

/** The next shown series upwards (1) or downwards (-1) at a step, for keyboards; -1 when there is none. */
export function neighbourSeries(
  model: GraphModel,
  index: number,
  step: number,
  direction: 1 | -1,
): number {
  const heights = model.shown
    .map((i) => ({ i, height: heightAt(model, i, step) ?? Number.NaN }))
    .filter(({ height }) => !Number.isNaN(height))
    .sort((a, b) => a.height - b.height || a.i - b.i);
  const at = heights.findIndex(({ i }) => i === index);
  if (at < 0) return heights[0]?.i ?? -1;
  return heights[Math.min(Math.max(at + direction, 0), heights.length - 1)].i;
}

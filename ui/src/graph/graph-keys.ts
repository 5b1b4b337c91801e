/** What keys do on a graph: move the crosshair, change the series, mark a range, zoom. */
import type { Exemplar } from './exemplars.ts';
import { type GraphModel, neighbourSeries } from './graph-model.ts';
import type { TimeRange } from './matrix.ts';

export interface KeyState {
  readonly model: GraphModel;
  readonly range: TimeRange;
  readonly exemplars: readonly Exemplar[];
  /** Where the crosshair is. */
  readonly hover: { readonly step: number; readonly series: number } | undefined;
  /** The step where the marked range began. */
  readonly anchor: number | undefined;
}

export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
}

export interface KeyAction {
  readonly point?: { readonly step: number; readonly series: number };
  /** Takes the crosshair away. */
  readonly clear?: boolean;
  readonly anchor: number | undefined;
  readonly marked: TimeRange | undefined;
  readonly picked?: Exemplar;
  readonly zoom?: TimeRange;
  readonly zoomOut?: boolean;
}

const JUMP_STEPS = 10;

/** Undefined for keys that mean nothing here. */
export function keyAction({ key, shiftKey }: KeyPress, state: KeyState): KeyAction | undefined {
  const { model, hover, anchor, range } = state;
  const steps = model.matrix.times.length;
  if (steps === 0) return undefined;
  const series = hover?.series ?? model.shown[0] ?? -1;
  const step = hover?.step ?? steps - 1;
  const to = targetStep(key, hover === undefined ? undefined : step, steps);
  if (to !== undefined) return moved(state, to, shiftKey ? (anchor ?? step) : undefined);
  const still = { anchor: undefined, marked: undefined };
  switch (key) {
    case 'ArrowUp':
    case 'ArrowDown': {
      const next = neighbourSeries(model, series, step, key === 'ArrowUp' ? 1 : -1);
      return { ...still, point: { step, series: hover === undefined ? series : next } };
    }
    case 'Enter': {
      const marked = anchor === undefined ? undefined : markedRange(model, anchor, step);
      return marked === undefined ? undefined : { ...still, zoom: marked };
    }
    case 'Escape':
      return hover === undefined ? undefined : { ...still, clear: true };
    case '-':
      return { ...still, zoomOut: true };
    case '+':
    case '=': {
      const middle = model.matrix.times[step];
      const quarter = (range.endMs - range.startMs) / 4;
      const zoom = { startMs: Math.round(middle - quarter), endMs: Math.round(middle + quarter) };
      return { ...still, zoom };
    }
    case 'e': {
      const timeMs = model.matrix.times[step];
      const away = (one: Exemplar): number => Math.abs(one.timeMs - timeMs);
      const nearest = [...state.exemplars].sort((a, b) => away(a) - away(b))[0];
      return nearest === undefined ? undefined : { ...still, picked: nearest };
    }
    default:
      return undefined;
  }
}

/** The first press of an arrow only shows the crosshair, at the last step. */
function targetStep(key: string, step: number | undefined, steps: number): number | undefined {
  const from = step ?? steps;
  const targets: Record<string, number> = {
    ArrowLeft: from - 1,
    ArrowRight: step === undefined ? steps - 1 : from + 1,
    PageUp: from - JUMP_STEPS,
    PageDown: from + JUMP_STEPS,
    Home: 0,
    End: steps - 1,
  };
  const to = targets[key];
  return to === undefined ? undefined : Math.min(Math.max(to, 0), steps - 1);
}

function moved({ model, hover }: KeyState, step: number, anchor: number | undefined): KeyAction {
  const series = hover?.series ?? model.shown[0] ?? -1;
  const marked = anchor === undefined ? undefined : markedRange(model, anchor, step);
  return { point: { step, series }, anchor, marked };
}

function markedRange({ matrix }: GraphModel, a: number, b: number): TimeRange | undefined {
  if (a === b) return undefined;
  return { startMs: matrix.times[Math.min(a, b)], endMs: matrix.times[Math.max(a, b)] };
}

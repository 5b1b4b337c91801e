/** What is drawn of a lane: stretches with samples, gaps, and a tick a sample where they are far enough apart. */
import { type Gap, type Lane, lowerBound, type Stretch, type Window } from './provenance.ts';

export interface Span {
  /** Pixels. */
  readonly x: number;
  readonly width: number;
  /** Whose colour it has; -1 is nobody's. */
  readonly lane: number;
}

export interface LaneShapes {
  readonly spans: readonly Span[];
  readonly gaps: readonly Span[];
  /** Of an SVG path; empty where ticks would run together. */
  readonly ticks: string;
}

export interface Scale {
  readonly view: Window;
  readonly widthPx: number;
}

export function toX({ view, widthPx }: Scale, timeMs: number): number {
  return ((timeMs - view.startMs) / (view.endMs - view.startMs)) * widthPx;
}

export function toTime({ view, widthPx }: Scale, x: number): number {
  return view.startMs + (x / widthPx) * (view.endMs - view.startMs);
}

const TICK_PX = 4;
const LEAST_PX = 2;

/** @param stretches of the result; of a replica, one for all of its samples. */
export function laneShapes(
  { times, gaps, intervalMs }: Pick<Lane, 'times' | 'gaps' | 'intervalMs'>,
  stretches: readonly Stretch[],
  scale: Scale,
  heightPx: number,
): LaneShapes {
  const { view, widthPx } = scale;
  const isSeen = (startMs: number, endMs: number): boolean =>
    endMs >= view.startMs && startMs <= view.endMs;
  const span = (startMs: number, endMs: number, lane: number): Span => {
    const x = Math.max(-LEAST_PX, toX(scale, startMs));
    const end = Math.min(widthPx + LEAST_PX, toX(scale, endMs));
    return { x, width: Math.max(LEAST_PX, end - x), lane };
  };
  const pieces = stretches.flatMap((stretch, i) =>
    cutAtGaps(stretch, stretches[i + 1]?.startMs, gaps),
  );
  const pxPerSample = (intervalMs / (view.endMs - view.startMs)) * widthPx;
  const from = lowerBound(times, view.startMs);
  const to = lowerBound(times, view.endMs + 1);
  const ticks =
    pxPerSample < TICK_PX
      ? ''
      : times
          .slice(from, to)
          .map((time) => `M${toX(scale, time).toFixed(1)} 0V${heightPx}`)
          .join('');
  return {
    spans: pieces
      .filter(({ startMs, endMs }) => isSeen(startMs, endMs))
      .map(({ startMs, endMs, lane }) => span(startMs, endMs, lane)),
    gaps: gaps
      .filter(({ startMs, endMs }) => isSeen(startMs, endMs))
      .map(({ startMs, endMs }) => span(startMs, endMs, -1)),
    ticks,
  };
}

/** A stretch reaches to the next one, unless a gap lies between or within. */
function cutAtGaps(
  { startMs, endMs, lane }: Stretch,
  nextMs: number | undefined,
  gaps: readonly Gap[],
): readonly (Window & { readonly lane: number })[] {
  const isGapBehind = gaps.some((gap) => gap.startMs === endMs);
  const lastMs = nextMs === undefined || isGapBehind ? endMs : nextMs;
  const inner = gaps.filter((gap) => gap.startMs >= startMs && gap.endMs <= endMs);
  const starts = [startMs, ...inner.map((gap) => gap.endMs)];
  const ends = [...inner.map((gap) => gap.startMs), lastMs];
  return starts.map((start, i) => ({ startMs: start, endMs: ends[i] ?? lastMs, lane }));
}

const ROUND_STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
  86_400_000, 172_800_000, 604_800_000,
];
const AXIS_LABEL_PX = 96;

/** Round times of the view, so many that their labels have room. */
export function axisTimes({ view, widthPx }: Scale): readonly number[] {
  const spanMs = view.endMs - view.startMs;
  const wantedMs = (spanMs * AXIS_LABEL_PX) / Math.max(1, widthPx);
  const stepMs = ROUND_STEPS_MS.find((step) => step >= wantedMs) ?? spanMs;
  const first = Math.ceil(view.startMs / stepMs) * stepMs;
  const count = Math.max(0, Math.floor((view.endMs - first) / stepMs) + 1);
  return Array.from({ length: count }, (_, i) => first + i * stepMs);
}

/** Nearer by the factor, around the time, never outside of the window and never below a tenth of a second. */
export function zoomed(view: Window, window: Window, factor: number, aroundMs: number): Window {
  const lengthMs = Math.max(100, (view.endMs - view.startMs) * factor);
  if (lengthMs >= window.endMs - window.startMs) return window;
  const share = (aroundMs - view.startMs) / (view.endMs - view.startMs);
  const startMs = Math.min(
    Math.max(window.startMs, aroundMs - lengthMs * share),
    window.endMs - lengthMs,
  );
  return { startMs, endMs: startMs + lengthMs };
}

/** Which stretch of time a store has, as text and as a bar on an axis that all stores share. */

/** Undefined where it is open. */
export interface TimeRange {
  readonly minMs: number | undefined;
  readonly maxMs: number | undefined;
}

export interface Axis {
  readonly minMs: number;
  readonly maxMs: number;
}

export interface Bar {
  /** Hundredths of the axis. */
  readonly left: number;
  readonly width: number;
}

/** Stores write "always" as the ends of int64, or as the year 0. */
const OPEN_MIN_MS = Date.UTC(1900, 0);
const OPEN_MAX_MS = Date.UTC(2500, 0);

export function rangeOf(minTime: number, maxTime: number): TimeRange {
  return {
    minMs: minTime <= OPEN_MIN_MS ? undefined : minTime,
    maxMs: maxTime >= OPEN_MAX_MS ? undefined : maxTime,
  };
}

/** A store that has nothing says so by a range that ends before it begins. */
export function isEmptyRange({ minTime, maxTime }: { minTime: number; maxTime: number }): boolean {
  return minTime > maxTime;
}

const SHORTEST_AXIS_MS = 3_600_000;

/** From the first known beginning to now; open beginnings lie at its left end. */
export function axisOf(ranges: readonly TimeRange[], nowMs: number): Axis {
  const known = ranges.flatMap(({ minMs, maxMs }) =>
    [minMs, maxMs].filter((time) => time !== undefined),
  );
  const minMs = Math.min(nowMs - SHORTEST_AXIS_MS, ...known);
  return { minMs, maxMs: Math.max(nowMs, ...known) };
}

export function barOf({ minMs, maxMs }: TimeRange, axis: Axis): Bar {
  const place = (time: number): number => ((time - axis.minMs) / (axis.maxMs - axis.minMs)) * 100;
  const left = place(minMs ?? axis.minMs);
  return { left, width: Math.max(0.5, place(maxMs ?? axis.maxMs) - left) };
}

/** Go's zero time stands for never. */
export function parseTime(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms <= OPEN_MIN_MS ? undefined : ms;
}

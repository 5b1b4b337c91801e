/** The samples of one series that a range function sees at one step. */
import type { HistogramSample } from '../../model/sample.ts';

/** A window moves over the columns of its series: entries `first` to `last` (exclusive) are inside. */
export interface Window {
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Whether start timestamps tell about counter resets. */
  readonly usesStartTimes: boolean;
  /** Of the floats, in milliseconds; 0 is unknown, undefined that none is known. */
  readonly startTimes: Float64Array | undefined;
  /** Without stale ones. */
  readonly histograms: readonly HistogramSample[];
  first: number;
  last: number;
  firstHistogram: number;
  lastHistogram: number;
  /** The range is (startMs, endMs]. */
  startMs: number;
  endMs: number;
}

/** Moves the window forward to (startMs, endMs]; with `before` > 0 it starts that much earlier. */
export function moveWindow(
  window: Window,
  startMs: number,
  endMs: number,
  beyond: { readonly beforeMs: number; readonly afterMs: number },
): void {
  const { times, histograms } = window;
  const from = startMs - beyond.beforeMs;
  const to = endMs + beyond.afterMs;
  window.startMs = startMs;
  window.endMs = endMs;
  while (window.last < times.length && (times[window.last] as number) <= to) window.last++;
  while (window.first < window.last && (times[window.first] as number) <= from) window.first++;
  const timeOf = (i: number): number => (histograms[i] as HistogramSample).time;
  while (window.lastHistogram < histograms.length && timeOf(window.lastHistogram) <= to) {
    window.lastHistogram++;
  }
  while (window.firstHistogram < window.lastHistogram && timeOf(window.firstHistogram) <= from) {
    window.firstHistogram++;
  }
}

export function floatCount(window: Window): number {
  return window.last - window.first;
}

export function histogramCount(window: Window): number {
  return window.lastHistogram - window.firstHistogram;
}

export function histogramAt(window: Window, i: number): HistogramSample {
  return window.histograms[i] as HistogramSample;
}

export function startTimeAt(window: Window, i: number): number {
  return window.usesStartTimes ? (window.startTimes?.[i] ?? 0) : 0;
}

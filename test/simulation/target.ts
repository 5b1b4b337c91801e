/**
 * Something with a page of metrics: counters that rise by the millisecond and begin anew when it is restarted. Now and
 * then it is down, slow, or loses its connections in the middle of a page, and some of its series are gone for a while.
 */
import { type Labels, labelsOf } from '../../src/model/labels.ts';

export const METRIC = 'work_total';

/** A page as it was sent, and what it says: values by the names of the model. */
export interface Page {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly rows: ReadonlyMap<string, number>;
  readonly kind: 'whole' | 'cut' | 'torn';
}

/** How a target answers for the time being: after so long, and cut off or not. */
export interface Mood {
  readonly slowMs: number;
  /** The connection is lost in the middle of the page. */
  readonly cuts: boolean;
  /** The page ends early, though nothing says so but that the end of OpenMetrics is missing. */
  readonly tears: boolean;
}

const GOOD_MOOD: Mood = { slowMs: 0, cuts: false, tears: false };

export class Target {
  /** Also its address. */
  readonly name: string;
  readonly seriesCount: number;
  readonly isOpenMetrics: boolean;
  /** What discovery says of it. */
  readonly discovered: Labels;
  /** Parts that are not on the page. */
  readonly hidden: Set<number> = new Set();
  mood: Mood = GOOD_MOOD;
  isUp = true;
  /** Whether discovery finds it. */
  isListed = true;
  #startedMs: number;

  constructor(options: {
    readonly number: number;
    readonly seriesCount: number;
    readonly isOpenMetrics: boolean;
    readonly startedMs: number;
  }) {
    this.name = `target-${options.number}`;
    this.seriesCount = options.seriesCount;
    this.isOpenMetrics = options.isOpenMetrics;
    this.discovered = labelsOf({ __address__: this.name });
    this.#startedMs = options.startedMs;
  }

  /** All counters begin anew. */
  restart(nowMs: number): void {
    this.#startedMs = nowMs;
  }

  calmDown(): void {
    this.mood = GOOD_MOOD;
  }

  page(nowMs: number): Page {
    const { mood, name, isOpenMetrics } = this;
    const parts = Array.from({ length: this.seriesCount }, (_, part) => part);
    const shown = parts.filter((part) => !this.hidden.has(part));
    const isTorn = mood.tears && isOpenMetrics;
    const sent = isTorn ? shown.slice(0, Math.floor(shown.length / 2)) : shown;
    const rows = new Map(
      sent.map((part) => [`${METRIC} ${name} ${part}`, this.#value(part, nowMs)]),
    );
    const lines = sent.map((part) => `${METRIC}{part="${part}"} ${this.#value(part, nowMs)}\n`);
    const family = isOpenMetrics ? METRIC.replace(/_total$/, '') : METRIC;
    const end = isOpenMetrics && !isTorn ? '# EOF\n' : '';
    return {
      bytes: new TextEncoder().encode(`# TYPE ${family} counter\n${lines.join('')}${end}`),
      contentType: isOpenMetrics
        ? 'application/openmetrics-text; version=1.0.0'
        : 'text/plain; version=0.0.4',
      rows,
      kind: mood.cuts ? 'cut' : isTorn ? 'torn' : 'whole',
    };
  }

  /** Tells moment, part and life apart. */
  #value(part: number, nowMs: number): number {
    return 16 * (nowMs - this.#startedMs) + part + 1;
  }
}

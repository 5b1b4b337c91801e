/**
 * One page on its way into the head: its rows go to an appender under the refs of their series, and what became of them
 * is noted by row. Known series without times of their own take the short way: no object and no string a sample.
 */
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { type Labels, labelsKey } from '../model/labels.ts';
import type { Exemplar } from '../model/sample.ts';
import { type Appender, type AppendResult, OUTCOMES, type SeriesRef } from '../storage/appender.ts';
import type { PageExemplar } from './exposition-reader.ts';
import { limitHistogram } from './histogram-limits.ts';
import type { IngestCounts, TargetSettings } from './ingest-port.ts';
import { HAS_TIME, STOOD_BEFORE, UNKNOWN } from './page-rows.ts';
import { LabelLimitError, type LabelPairs } from './sample-labels.ts';
import type { ScrapedPage } from './scraped-page.ts';

/** Samples further ahead of the clock are refused. */
const AHEAD_MAX_MS = 600_000;
/** Stands for the ref of a series that relabeling drops. */
const DROPPED = -1;
/** Stands for the ref of a series that the sample limit keeps out. */
const REFUSED = -2;

const APPENDED = OUTCOMES.indexOf('appended');
const SAME = OUTCOMES.indexOf('same');
const NO_SERIES = OUTCOMES.indexOf('no-series');
const DUPLICATE = OUTCOMES.indexOf('duplicate');
const OUT_OF_ORDER = OUTCOMES.indexOf('out-of-order');

export interface PassParts {
  readonly kernel: Kernel;
  readonly appender: Appender;
  readonly page: ScrapedPage;
  readonly settings: TargetSettings;
  readonly labelsOf: (pairs: LabelPairs) => Labels | undefined;
  /** By entry of the page's memory. */
  readonly knownRefs: Float64Array;
  /** Those of series, in order; none when one of them has no ref. */
  readonly seriesRefs: Float64Array;
  /** What the last exemplar of a series said that had no time of its own: it is stored once, not with each scrape. */
  readonly lastExemplars: Map<SeriesRef, string>;
  /** Of the samples that bring none. */
  readonly timeMs: number;
  readonly nowMs: number;
}

/** Of a page of which nothing is refused. */
export const NO_COUNTS: IngestCounts = {
  outOfOrder: 0,
  duplicate: 0,
  outOfBounds: 0,
  exemplarOutOfOrder: 0,
  sampleLimit: 0,
  labelLimit: 0,
  bucketLimit: 0,
};

export class PagePass {
  readonly page: ScrapedPage;
  /** By row; negative where there is none. */
  readonly refs: Float64Array;
  readonly counts: { -readonly [Name in keyof IngestCounts]: number } = { ...NO_COUNTS };
  /** Rows whose series the head has forgotten. */
  lost: number[] = [];
  /** Why nothing of the page may be appended. */
  fault: OperationError | undefined;
  /** Rows of the page, up to and including the one it failed with. */
  scraped = 0;
  /** Of them, those that relabeling keeps. */
  kept = 0;
  /** Of them, those of new series. */
  freshCount = 0;
  callCount = 0;
  failedCount = 0;
  readonly #parts: PassParts;
  /** By row of the batch: the page's row; undefined when they are the same. */
  #calls: Int32Array | undefined;
  #failed: Uint8Array | undefined;
  readonly #histogramRows: number[] = [];
  readonly #freshRefs: Map<string, SeriesRef> = new Map();
  #freshSet: ReadonlySet<SeriesRef> | undefined;
  readonly #repeated: Set<number> = new Set();
  /** Rows that count against the sample limit. */
  #attempts = 0;
  readonly #isSeenAll: boolean;
  /** The same series as in the memory, in the same order, each with a float for the time of the scrape. */
  readonly #isAgain: boolean;

  constructor(parts: PassParts) {
    const { page } = parts;
    this.#parts = parts;
    this.page = page;
    const { count } = page.rows;
    this.#isSeenAll = !page.rows.seen.includes(0);
    this.#isAgain = this.#isSeenAll && isAgain(parts);
    this.refs = this.#isAgain ? parts.seriesRefs : new Float64Array(count);
  }

  /** Hands all rows to the appender; when it ends with a fault, the batch is to be rolled back. */
  collect(): void {
    this.fault = faultOf(() => this.#collectRows()) ?? this.page.fault;
    if (this.fault instanceof LabelLimitError) this.counts.labelLimit = 1;
    const limit = this.#parts.settings.sampleLimit;
    if (limit > 0 && this.#attempts > limit) {
      this.counts.sampleLimit = 1;
      this.fault ??= new OperationError('limit', 'sample limit exceeded');
    }
    if (this.fault !== undefined) return;
    this.fault = faultOf(() => this.#collectHistograms());
    if (this.fault !== undefined) this.counts.bucketLimit = 1;
    else this.#collectExemplars();
  }

  /** Whether all that the memory holds stands in the page. */
  get sawAll(): boolean {
    return this.#isSeenAll && this.fault === undefined;
  }

  /** Whether an entry of the memory stands in the part of the page before its mistake. */
  hasSeen(entry: number): boolean {
    const place = this.page.rows.seen[entry];
    return place !== 0 && (this.fault === undefined || place <= this.scraped);
  }

  /** Whether a series is in the page in a spelling that the memory does not hold. */
  isFreshRef(ref: SeriesRef): boolean {
    this.#freshSet ??= new Set(this.#freshRefs.values());
    return this.#freshSet.has(ref);
  }

  hasTime(row: number): boolean {
    return this.#parts.settings.honorTimestamps && (this.page.rows.flags(row) & HAS_TIME) !== 0;
  }

  isAppended(row: number): boolean {
    return this.refs[row] > 0 && this.#failed?.[row] !== 1;
  }

  /** Whether a row of a new series is its first. */
  isFirst(row: number): boolean {
    return !this.#repeated.has(row);
  }

  /** Keys of new series, which tell them apart within the target. */
  freshKeys(): readonly string[] {
    return [...this.#freshRefs].filter(([, ref]) => ref > 0).map(([key]) => key);
  }

  /** New series whose sample was appended. */
  get freshAppended(): number {
    if (this.failedCount === 0) return this.freshCount;
    let count = 0;
    const { rows } = this.page;
    for (let row = 0; row < rows.count; row++) {
      if (rows.entry(row) === UNKNOWN && this.isFirst(row) && this.isAppended(row)) count++;
    }
    return count;
  }

  failedEntries(): readonly number[] {
    if (this.failedCount === 0) return [];
    const { rows } = this.page;
    const entries: number[] = [];
    for (let row = 0; row < rows.count; row++) {
      const isKnown = rows.entry(row) !== UNKNOWN && (rows.flags(row) & STOOD_BEFORE) === 0;
      if (isKnown && this.#failed?.[row] === 1) entries.push(rows.entry(row));
    }
    return entries;
  }

  /** Notes what became of the rows that were handed over last. */
  judge({ outcomes, appended, exemplarsOutOfOrder }: AppendResult): void {
    this.counts.exemplarOutOfOrder += exemplarsOutOfOrder;
    this.lost = [];
    if (appended === outcomes.length) return;
    for (let i = 0; i < this.callCount; i++) {
      const outcome = outcomes[i];
      if (outcome === APPENDED || outcome === SAME) continue;
      const row = this.#calls?.[i] ?? i;
      if (outcome === NO_SERIES) {
        this.lost.push(row);
        continue;
      }
      if (outcome === OUT_OF_ORDER) this.counts.outOfOrder++;
      else if (outcome === DUPLICATE) this.counts.duplicate++;
      else this.counts.outOfBounds++;
      this.#fail(row);
    }
  }

  /** Hands the lost rows over again, under new refs. */
  appendLost(): void {
    const { lost, page } = this;
    this.#calls = new Int32Array(lost.length);
    this.callCount = 0;
    for (const row of lost) {
      const labels = this.#parts.labelsOf(page.labelPairs(row));
      if (labels === undefined) continue;
      this.refs[row] = this.#parts.appender.seriesRef(labels);
      const entry = page.rows.entry(row);
      if (entry !== UNKNOWN) this.#parts.knownRefs[entry] = this.refs[row];
      if (!page.histograms.has(row)) this.#appendFloat(row);
    }
    for (const row of lost) if (page.histograms.has(row)) this.#appendHistogram(row);
  }

  #collectRows(): void {
    if (this.#isAgain) this.#collectAgain();
    else this.#collectEach();
  }

  #collectAgain(): void {
    const { kernel, appender, page, timeMs } = this.#parts;
    const { count, columns } = page.rows;
    const values = columns.values >>> 2;
    appender.floats(this.refs, timeMs, kernel.u32.subarray(values, values + 2 * count));
    this.scraped = count;
    this.kept = count;
    this.callCount = count;
  }

  #collectEach(): void {
    const calls = new Int32Array(this.page.rows.count);
    this.#calls = calls;
    const { kernel, appender, page, knownRefs, timeMs, settings } = this.#parts;
    const { count, columns } = page.rows;
    const { u32 } = kernel;
    const limit = settings.sampleLimit === 0 ? count : settings.sampleLimit;
    const hasHistograms = page.histograms.size > 0;
    const odd = HAS_TIME | STOOD_BEFORE;
    for (let row = 0; row < count; row++) {
      this.scraped = row + 1;
      const entry = u32[(columns.entries >>> 2) + row];
      const flags = u32[(columns.flags >>> 2) + row];
      if (entry === UNKNOWN || (flags & odd) !== 0 || hasHistograms) {
        this.#collectOdd(row, entry, flags);
        continue;
      }
      const ref = knownRefs[entry];
      this.refs[row] = ref;
      if (ref < 0) continue;
      this.kept++;
      if (++this.#attempts > limit) continue;
      const value = (columns.values >>> 2) + row * 2;
      appender.float(ref, timeMs, u32[value], u32[value + 1]);
      calls[this.callCount++] = row;
    }
  }

  #collectOdd(row: number, entry: number, flags: number): void {
    const { settings, nowMs, page } = this.#parts;
    const ref = entry === UNKNOWN ? this.#freshRef(row) : this.#parts.knownRefs[entry];
    this.refs[row] = ref;
    if (ref === DROPPED) return;
    this.kept++;
    const hasTime = this.hasTime(row);
    const isRepeated = (flags & STOOD_BEFORE) !== 0 || this.#repeated.has(row);
    if (isRepeated && !hasTime) {
      this.counts.duplicate++;
      this.#fail(row);
      return;
    }
    this.#attempts++;
    const isOver = settings.sampleLimit > 0 && this.#attempts > settings.sampleLimit;
    if (ref === REFUSED || isOver) {
      this.#fail(row);
    } else if (hasTime && this.#timeOf(row) > nowMs + AHEAD_MAX_MS) {
      this.counts.outOfBounds++;
      this.#fail(row);
    } else if (page.histograms.has(row)) {
      this.#histogramRows.push(row);
    } else {
      this.#appendFloat(row);
    }
  }

  /** The ref of a series that is not in the memory. */
  #freshRef(row: number): SeriesRef {
    const { page, labelsOf, appender, settings } = this.#parts;
    const key = page.rows.seriesKey(row);
    const known = this.#freshRefs.get(key);
    if (known !== undefined) {
      this.#repeated.add(row);
      return known;
    }
    const labels = labelsOf(page.labelPairs(row));
    const isFull = settings.sampleLimit > 0 && this.#attempts >= settings.sampleLimit;
    const ref = labels === undefined ? DROPPED : isFull ? REFUSED : appender.seriesRef(labels);
    if (ref > 0) this.freshCount++;
    this.#freshRefs.set(key, ref);
    return ref;
  }

  #timeOf(row: number): number {
    const { kernel, page, timeMs } = this.#parts;
    return this.hasTime(row) ? kernel.f64[(page.rows.columns.times >>> 3) + row] : timeMs;
  }

  #appendFloat(row: number): void {
    const { kernel, appender, page } = this.#parts;
    const value = (page.rows.columns.values >>> 2) + row * 2;
    const { u32 } = kernel;
    appender.float(this.refs[row], this.#timeOf(row), u32[value], u32[value + 1]);
    this.#call(row);
  }

  /** A row was handed over. */
  #call(row: number): void {
    if (this.#calls !== undefined) this.#calls[this.callCount++] = row;
  }

  /** Batches take histograms after floats. */
  #collectHistograms(): void {
    for (const row of this.#histogramRows) this.#appendHistogram(row);
  }

  #appendHistogram(row: number): void {
    const given = this.page.histograms.get(row);
    if (given === undefined) return;
    const histogram = limitHistogram(given.histogram, this.#parts.settings);
    this.#parts.appender.histogram(this.refs[row], this.#timeOf(row), histogram, given.isInteger);
    this.#call(row);
  }

  #collectExemplars(): void {
    const { lastExemplars, appender } = this.#parts;
    if (lastExemplars.size > 2 * this.page.exemplars.size + 1000) lastExemplars.clear();
    for (const [row, exemplars] of this.page.exemplars) {
      const ref = this.refs[row];
      if (!this.isAppended(row)) continue;
      const isHistogram = this.page.histograms.has(row);
      const timed = exemplars
        .filter((exemplar) => !this.#isRepeated(ref, exemplar, isHistogram))
        .map((exemplar) => this.#timedExemplar(exemplar, row))
        .sort((a, b) => a.time - b.time || a.value - b.value);
      for (const exemplar of timed) appender.exemplar(ref, exemplar);
    }
  }

  /** Those of native histograms need times to be told from repetitions. */
  #isRepeated(
    ref: SeriesRef,
    { labels, value, timeMs }: PageExemplar,
    isHistogram: boolean,
  ): boolean {
    if (timeMs !== undefined) return false;
    if (isHistogram) return true;
    const { lastExemplars } = this.#parts;
    const text = `${labelsKey(labels)}\u{ff}${value}`;
    if (lastExemplars.get(ref) === text) return true;
    lastExemplars.set(ref, text);
    return false;
  }

  #timedExemplar({ labels, value, timeMs }: PageExemplar, row: number): Exemplar {
    return { labels, value, time: timeMs ?? this.#timeOf(row) };
  }

  #fail(row: number): void {
    this.#failed ??= new Uint8Array(this.page.rows.count);
    this.#failed[row] = 1;
    this.failedCount++;
  }
}

function isAgain({ page, seriesRefs, settings }: PassParts): boolean {
  const { count, isPlain, isInOrder } = page.rows;
  const isWithin = settings.sampleLimit === 0 || count <= settings.sampleLimit;
  return (
    count === seriesRefs.length && isPlain && isInOrder && isWithin && page.histograms.size === 0
  );
}

/** The operating error that the call ends with. */
function faultOf(call: () => void): OperationError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof OperationError) return error;
    throw error;
  }
}

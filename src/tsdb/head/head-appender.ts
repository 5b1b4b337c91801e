/**
 * The Appender of a head. A commit checks all rows, then logs the good ones, then appends them: what readers can see is
 * in the log, and what could not be logged is nowhere.
 */
import { toSupportedSchema } from '../../chunk/histogram-layout.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { Metadata } from '../../model/metadata.ts';
import type { Exemplar } from '../../model/sample.ts';
import { STALE_HIGH, STALE_LOW } from '../../model/stale.ts';
import {
  type Appender,
  type AppendResult,
  OUTCOMES,
  type Outcome,
  type SeriesRef,
} from '../../storage/appender.ts';
import type {
  ExemplarRecord,
  HistogramRecord,
  MetadataRecord,
  SeriesRecord,
} from '../wal/wal-records.ts';
import { bucketsOf, isValidHistogram } from './head-histograms.ts';
import { clampTime, type HeadParts, slotOf, TIME_MAX } from './head-parts.ts';

interface HistogramRow {
  readonly row: number;
  readonly handle: SeriesRef;
  readonly time: number;
  readonly histogram: FloatHistogram;
  readonly isInteger: boolean;
}

interface AcceptedHistogram extends HistogramRow {
  readonly slot: number;
}

interface ExemplarRow {
  readonly handle: SeriesRef;
  readonly exemplar: Exemplar;
}

interface MadeSeries extends SeriesRecord {
  readonly handle: SeriesRef;
}

/** New series that are logged with one write. */
const SERIES_MAX = 4096;

export class HeadAppender implements Appender {
  readonly #parts: HeadParts;
  /** Not logged yet. */
  #made: MadeSeries[] = [];
  #histograms: HistogramRow[] = [];
  #exemplars: ExemplarRow[] = [];
  readonly #metadata = new Map<SeriesRef, Metadata>();
  /** Of this batch: not accepted because they are out of order. */
  #lateExemplars = 0;

  constructor(parts: HeadParts) {
    this.#parts = parts;
  }

  seriesRef(labels: Labels): SeriesRef {
    const { memory, counters } = this.#parts;
    const { exports } = memory.kernel;
    const last = exports.headLastRef(memory.head);
    const slot = memory.findOrCreate(labels);
    const handle = exports.headHandle(memory.head, slot);
    const ref = exports.headLastRef(memory.head);
    if (ref !== last) {
      this.#made.push({ handle, ref, labels });
      counters.seriesCreated++;
    }
    return handle;
  }

  float(ref: SeriesRef, time: number, low: number, high: number): void {
    const { batch, histograms } = this.#parts;
    if (low === STALE_LOW && high === STALE_HIGH) {
      // The end of a series of histograms is one, too.
      const kind = histograms.kindOf(slotOf(this.#parts, ref));
      if (kind !== undefined) {
        this.histogram(ref, time, STALE_HISTOGRAM, kind.isInteger);
        return;
      }
    }
    batch.push(ref, time, low, high);
  }

  floats(refs: Float64Array, time: number, values: Uint32Array): void {
    this.#parts.batch.pushAll(refs, time, values);
  }

  histogram(ref: SeriesRef, time: number, histogram: FloatHistogram, isInteger: boolean): void {
    const row = this.#parts.batch.count + this.#histograms.length;
    const supported = histogram.stale ? STALE_HISTOGRAM : toSupportedSchema(histogram);
    this.#histograms.push({ row, handle: ref, time, histogram: supported, isInteger });
  }

  exemplar(ref: SeriesRef, exemplar: Exemplar): void {
    this.#exemplars.push({ handle: ref, exemplar });
  }

  metadata(ref: SeriesRef, metadata: Metadata): void {
    this.#metadata.set(ref, metadata);
  }

  commit(): AppendResult {
    try {
      return this.#commit();
    } finally {
      this.rollback();
    }
  }

  rollback(): void {
    this.#parts.batch.clear();
    this.#histograms = [];
    this.#exemplars = [];
    this.#metadata.clear();
  }

  #commit(): AppendResult {
    const { batch, exemplars, metadata } = this.#parts;
    const minTime = this.#leastTime();
    const floats = batch.check(minTime).slice();
    let histograms: readonly AcceptedHistogram[] = [];
    let accepted: readonly (ExemplarRow & { readonly labels: Labels })[] = [];
    let outcomes = floats;
    try {
      if (this.#histograms.length > 0) {
        const checked = new Map<number, HistogramRow>();
        const own = this.#histograms.map((row) => this.#check(row, minTime, checked));
        histograms = this.#histograms
          .filter((_, i) => own[i] === 'appended')
          .map((row) => ({ ...row, slot: slotOf(this.#parts, row.handle) }));
        outcomes = this.#joined(floats, own);
      }
      accepted = this.#checkExemplars();
      this.#reserve(histograms);
      this.#log(histograms, accepted);
    } catch (error) {
      batch.undo();
      throw error;
    }
    this.#made = [];
    this.#append(histograms);
    const added = accepted.map(({ labels, exemplar }) => exemplars.add(labels, exemplar));
    for (const [handle, own] of this.#metadata) {
      if (slotOf(this.#parts, handle) >= 0) metadata.set(handle, own);
    }
    const appended = added.filter((outcome) => outcome === 'added').length;
    const late = added.filter((outcome) => outcome === 'out-of-order').length;
    const exemplarsOutOfOrder = this.#lateExemplars + late;
    this.#count(outcomes, histograms.length, appended, exemplarsOutOfOrder);
    return {
      outcomes,
      appended: batch.columns.count + histograms.length,
      exemplarsOutOfOrder,
    };
  }

  /** Of samples: what lies before it may be in a block soon. */
  #leastTime(): number {
    const { memory, batch, chunkRangeMs, minValidTime } = this.#parts;
    const maxTime = memory.kernel.exports.headMaxTime(memory.head);
    const first = batch.count > 0 ? batch.firstTime() : (this.#histograms[0]?.time ?? 0);
    const newest = maxTime < -TIME_MAX ? first : maxTime;
    const least = Number.isNaN(newest) ? -Infinity : newest - chunkRangeMs / 2;
    return clampTime(Math.max(minValidTime, least));
  }

  /** `checked`: the newest row of a slot that is accepted already. */
  #check(row: HistogramRow, minTime: number, checked: Map<number, HistogramRow>): Outcome {
    const { handle, time, histogram, isInteger } = row;
    const { memory, histograms } = this.#parts;
    const slot = slotOf(this.#parts, handle);
    if (slot < 0) return 'no-series';
    if (!Number.isSafeInteger(time)) return 'bad-time';
    if (!isValidHistogram(histogram, isInteger)) return 'bad-histogram';
    if (time < minTime) return 'too-old';
    const before = checked.get(slot);
    const last = before?.time ?? memory.kernel.exports.headLastTime(memory.head, slot);
    if (time < last) return 'out-of-order';
    if (time === last) {
      const isSame = before === undefined && histograms.isSame(slot, time, histogram, isInteger);
      return isSame ? 'same' : 'duplicate';
    }
    checked.set(slot, row);
    return 'appended';
  }

  /** Outcomes in the order of all rows. */
  #joined(floats: Uint8Array, own: readonly Outcome[]): Uint8Array<ArrayBuffer> {
    const outcomes = new Uint8Array(floats.length + own.length);
    let float = 0;
    let histogram = 0;
    for (let row = 0; row < outcomes.length; row++) {
      if (this.#histograms[histogram]?.row === row) {
        outcomes[row] = OUTCOMES.indexOf(own[histogram++] as Outcome);
      } else outcomes[row] = floats[float++] as number;
    }
    return outcomes;
  }

  #checkExemplars(): (ExemplarRow & { readonly labels: Labels })[] {
    const { memory, exemplars } = this.#parts;
    this.#lateExemplars = 0;
    if (exemplars.capacity === 0) return [];
    const accepted: (ExemplarRow & { readonly labels: Labels })[] = [];
    for (const row of this.#exemplars) {
      const slot = slotOf(this.#parts, row.handle);
      if (slot < 0) continue;
      const labels = memory.labels(slot);
      const outcome = exemplars.check(labels, row.exemplar);
      if (outcome === 'added') accepted.push({ ...row, labels });
      else if (outcome === 'out-of-order') this.#lateExemplars++;
    }
    return accepted;
  }

  #reserve(rows: readonly AcceptedHistogram[]): void {
    const { batch, histograms } = this.#parts;
    batch.reserve();
    const made = rows.filter(({ slot }) => histograms.kindOf(slot) === undefined);
    if (made.length === 0) return;
    const buckets = made.reduce((sum, { histogram }) => sum + bucketsOf(histogram), 0);
    histograms.reserve(made.length, buckets);
  }

  #log(accepted: readonly AcceptedHistogram[], exemplarRows: readonly ExemplarRow[]): void {
    const { batch, log } = this.#parts;
    for (; this.#made.length > SERIES_MAX; this.#made = this.#made.slice(SERIES_MAX)) {
      log.log({ series: this.#living(this.#made.slice(0, SERIES_MAX)) });
    }
    const series = this.#living(this.#made);
    const samples = batch.columns;
    const metadata = this.#changedMetadata();
    const histograms = accepted.map(
      ({ handle, time, histogram, isInteger }): HistogramRecord => ({
        ref: this.#refOf(handle),
        timeMs: time,
        histogram,
        isInteger,
      }),
    );
    const exemplars = exemplarRows.map(
      ({ handle, exemplar }): ExemplarRecord => ({ ref: this.#refOf(handle), exemplar }),
    );
    log.log({ series, metadata, samples, histograms, exemplars });
  }

  #living(made: readonly MadeSeries[]): MadeSeries[] {
    return made.filter(({ handle }) => slotOf(this.#parts, handle) >= 0);
  }

  #changedMetadata(): MetadataRecord[] {
    const records: MetadataRecord[] = [];
    for (const [handle, own] of this.#metadata) {
      const known = this.#parts.metadata.get(handle);
      const isKnown =
        known?.type === own.type && known.help === own.help && known.unit === own.unit;
      if (isKnown || slotOf(this.#parts, handle) < 0) this.#metadata.delete(handle);
      else records.push({ ref: this.#refOf(handle), ...own });
    }
    return records;
  }

  #refOf(handle: SeriesRef): number {
    const { memory } = this.#parts;
    return memory.kernel.exports.headRef(memory.head, slotOf(this.#parts, handle));
  }

  #append(rows: readonly AcceptedHistogram[]): void {
    const { batch, histograms } = this.#parts;
    try {
      for (const slot of batch.mixedSlots()) histograms.finish(slot);
    } catch (error) {
      batch.undo();
      throw error;
    }
    batch.append();
    for (const { slot, time, histogram, isInteger } of rows) {
      histograms.append(slot, time, histogram, isInteger);
    }
  }

  #count(
    outcomes: Uint8Array,
    histograms: number,
    exemplarsAppended: number,
    exemplarsOutOfOrder: number,
  ): void {
    const { batch, counters } = this.#parts;
    counters.floatsAppended += batch.columns.count;
    counters.histogramsAppended += histograms;
    counters.exemplarsAppended += exemplarsAppended;
    counters.exemplarsOutOfOrder += exemplarsOutOfOrder;
    if (batch.columns.count + histograms === outcomes.length) return;
    for (const outcome of outcomes) {
      if (OUTCOMES[outcome] === 'out-of-order') counters.outOfOrder++;
      else if (OUTCOMES[outcome] === 'too-old') counters.outOfBounds++;
      else if (OUTCOMES[outcome] === 'no-series') counters.seriesNotFound++;
    }
  }
}

/** Nothing but the marker. */
const STALE_HISTOGRAM: FloatHistogram = {
  counterResetHint: 'unknown',
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  stale: true,
  positiveSpans: [],
  negativeSpans: [],
  positiveBuckets: new Float64Array(0),
  negativeBuckets: new Float64Array(0),
  customValues: new Float64Array(0),
};

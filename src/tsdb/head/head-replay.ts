/**
 * Makes a head again of what is on the disk: the places of its full chunks, then the records of its log in their order.
 * Samples that are in such a chunk are not taken a second time, nor those before `minTime`, which are in a block.
 */
import { assert } from '../../base/assert.ts';
import { OperationError } from '../../base/errors.ts';
import { toSupportedSchema } from '../../chunk/histogram-layout.ts';
import type { Labels } from '../../model/labels.ts';
import { type Interval, mergeIntervals } from '../block/tombstones.ts';
import type {
  ExemplarRecord,
  FloatColumns,
  HistogramRecord,
  MetadataRecord,
  SeriesBatch,
  TombstoneRecord,
  WalSink,
} from '../wal/wal-records.ts';
import type { CatalogedChunk, ChunkCatalog } from './chunk-catalog.ts';
import { isValidHistogram } from './head-histograms.ts';
import { clampTime, type HeadParts, slotOf } from './head-parts.ts';

/** What could not be taken; no fault where blocks were written or series ended. */
export interface ReplayLosses {
  /** Samples, exemplars, tombstones whose series is in no record. */
  unknownRefs: number;
  /** Chunks that do not fit behind others of their series; series that have chunks but are in no record. */
  chunks: number;
  /** Series with labels or refs that no head takes. */
  series: number;
  /** Histograms that no head takes. */
  histograms: number;
}

/** A record of a series has 48 bits for it. */
const REF_MAX = 2 ** 48;
const REF_BITS = 12;
const PAGE_REFS = 1 << REF_BITS;
/** Pages below it lie in a list, those of larger refs in a map. */
const LISTED_PAGES = 1 << 20;

export class HeadReplay implements WalSink {
  readonly #parts: HeadParts;
  readonly losses: ReplayLosses = { unknownRefs: 0, chunks: 0, series: 0, histograms: 0 };
  /** Handles by ref of the log. */
  #handles = new RefMap();
  #catalog: ChunkCatalog | undefined;
  /** By handle: refs of the log that a series had before its own. */
  #formerRefs = new Map<number, readonly number[]>();

  constructor(parts: HeadParts) {
    this.#parts = parts;
  }

  /** What chunks_head holds; to be told before the log is replayed. */
  useChunks(catalog: ChunkCatalog): void {
    const { memory } = this.#parts;
    if (isRef(catalog.maxRef)) memory.kernel.exports.headNoteRef(memory.head, catalog.maxRef);
    this.#catalog = catalog;
  }

  series(batch: SeriesBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const ref = batch.ref(i);
      const length = batch.labelsLength(i);
      if (length === 0 || !isRef(ref)) this.losses.series++;
      else this.#tryToAddSeries(ref, batch.labelsAddress(i), length);
    }
  }

  /** Labels that no head takes do not keep a database from opening. */
  #tryToAddSeries(ref: number, address: number, length: number): void {
    try {
      this.#addSeries(ref, address, length);
    } catch (error) {
      if (!(error instanceof OperationError && error.kind === 'bad-data')) throw error;
      this.losses.series++;
    }
  }

  #addSeries(ref: number, address: number, length: number): void {
    const { memory, counters } = this.#parts;
    const { exports } = memory.kernel;
    const isNew = exports.headFind(memory.head, address, length) === 0;
    const slot = memory.findOrCreateAt(address, length, ref);
    if (isNew) counters.seriesCreated++;
    else if (this.#handles.get(ref) === 0) this.#rename(slot, ref);
    this.#handles.set(ref, exports.headHandle(memory.head, slot));
    for (const chunk of this.#catalog?.takeSeries(ref) ?? []) {
      if (chunk.maxTime >= this.#parts.minValidTime) this.#listChunk(slot, chunk);
    }
  }

  /**
   * A series that had been removed and came back has two refs in the log. It goes on under the later one: chunks that are
   * written under it lie behind those that have it already, as the next replay needs them.
   */
  #rename(slot: number, ref: number): void {
    const { memory, deleted, metadata } = this.#parts;
    const { exports } = memory.kernel;
    const former = exports.headHandle(memory.head, slot);
    const refs = [...(this.#formerRefs.get(former) ?? []), exports.headRef(memory.head, slot)];
    exports.headSetRef(memory.head, slot, ref);
    const handle = exports.headHandle(memory.head, slot);
    for (const one of refs) this.#handles.set(one, handle);
    this.#formerRefs.delete(former);
    this.#formerRefs.set(
      handle,
      refs.filter((one) => one !== ref),
    );
    moveKey(deleted, former, handle);
    moveKey(metadata, former, handle);
  }

  #listChunk(slot: number, chunk: CatalogedChunk): void {
    const { memory } = this.#parts;
    const { kernel, head, scratch } = memory;
    const { file, offset, length, encoding, minTime, maxTime } = chunk;
    kernel.u32.set([file, offset, length, encoding], scratch >>> 2);
    kernel.f64.set([minTime, maxTime], (scratch >>> 3) + 2);
    for (;;) {
      const outcome = kernel.exports.headListChunk(head, slot, scratch);
      if (outcome === 0) this.losses.chunks++;
      if (outcome !== 2) return;
      memory.helpOrFail('list a chunk');
    }
  }

  samples(columns: FloatColumns): void {
    const handles = this.#handles;
    const handleOf = (ref: number): number => {
      const handle = handles.get(ref);
      if (handle === 0) this.#noteUnknown(ref);
      return handle;
    };
    for (let done = 0; done < columns.count; ) {
      done += this.#parts.batch.fill(columns, done, handleOf);
      this.#appendBatch();
    }
  }

  #appendBatch(): void {
    const { batch, minValidTime, histograms, counters } = this.#parts;
    batch.check(clampTime(minValidTime));
    try {
      batch.reserve();
      for (const slot of batch.mixedSlots()) histograms.finish(slot);
    } catch (error) {
      batch.undo();
      batch.clear();
      throw error;
    }
    counters.floatsAppended += batch.columns.count;
    batch.append();
    batch.clear();
  }

  histograms(records: readonly HistogramRecord[]): void {
    const { memory, histograms, minValidTime, counters } = this.#parts;
    for (const { ref, timeMs, histogram, isInteger } of records) {
      const slot = this.#slot(ref);
      if (slot < 0 || timeMs < minValidTime) continue;
      if (timeMs <= memory.kernel.exports.headLastTime(memory.head, slot)) continue;
      const supported = toSupportedSchema(histogram);
      if (!Number.isSafeInteger(timeMs) || !isValidHistogram(supported, isInteger)) {
        this.losses.histograms++;
        continue;
      }
      histograms.append(slot, timeMs, supported, isInteger);
      counters.histogramsAppended++;
    }
  }

  exemplars(records: readonly ExemplarRecord[]): void {
    const { memory, exemplars } = this.#parts;
    if (exemplars.capacity === 0) return;
    const labels = new Map<number, Labels>();
    for (const { ref, exemplar } of records) {
      const slot = this.#slot(ref);
      if (slot < 0) continue;
      let own = labels.get(slot);
      if (own === undefined) labels.set(slot, (own = memory.labels(slot)));
      exemplars.add(own, exemplar);
    }
  }

  tombstones(records: readonly TombstoneRecord[]): void {
    const { deleted, minValidTime } = this.#parts;
    for (const { ref, minTime, maxTime } of records) {
      const handle = this.#handles.get(ref);
      if (handle === 0 || maxTime < minValidTime) continue;
      const interval: Interval = { minTime, maxTime };
      deleted.set(handle, mergeIntervals([...(deleted.get(handle) ?? []), interval]));
    }
  }

  metadata(records: readonly MetadataRecord[]): void {
    for (const { ref, type, help, unit } of records) {
      const handle = this.#handles.get(ref);
      if (handle !== 0) this.#parts.metadata.set(handle, { type, help, unit });
    }
  }

  /**
   * After the last record. Gives refs under which the log knows series that have another one: the next checkpoints must
   * keep them.
   */
  finish(): readonly number[] {
    const aliases = [...this.#formerRefs.values()].flat();
    this.losses.chunks += this.#catalog?.seriesLeft ?? 0;
    this.#handles = new RefMap();
    this.#catalog = undefined;
    this.#formerRefs = new Map();
    assert(this.#parts.batch.count === 0, 'rows are left of a replay');
    return aliases;
  }

  /** A new series must not get the number: the log would give it these samples. */
  #noteUnknown(ref: number): void {
    const { memory } = this.#parts;
    this.losses.unknownRefs++;
    if (isRef(ref)) memory.kernel.exports.headNoteRef(memory.head, ref);
  }

  #slot(ref: number): number {
    const handle = this.#handles.get(ref);
    if (handle === 0) this.#noteUnknown(ref);
    return handle === 0 ? -1 : slotOf(this.#parts, handle);
  }
}

function moveKey<T>(map: Map<number, T>, from: number, to: number): void {
  const value = map.get(from);
  if (value === undefined) return;
  map.delete(from);
  map.set(to, value);
}

function isRef(ref: number): boolean {
  return ref >= 1 && ref < REF_MAX;
}

/** Numbers by refs, which mostly lie close together; 0 where there is none. */
class RefMap {
  readonly #listed: (Float64Array | undefined)[] = [];
  readonly #others = new Map<number, Float64Array>();

  get(ref: number): number {
    const page = this.#page(Math.floor(ref / PAGE_REFS));
    return page === undefined ? 0 : (page[ref % PAGE_REFS] as number);
  }

  set(ref: number, value: number): void {
    const number = Math.floor(ref / PAGE_REFS);
    let page = this.#page(number);
    if (page === undefined) {
      page = new Float64Array(PAGE_REFS);
      if (number < LISTED_PAGES) this.#listed[number] = page;
      else this.#others.set(number, page);
    }
    page[ref % PAGE_REFS] = value;
  }

  #page(number: number): Float64Array | undefined {
    return number < LISTED_PAGES ? this.#listed[number] : this.#others.get(number);
  }
}

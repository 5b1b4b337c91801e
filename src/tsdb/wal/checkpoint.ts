/**
 * Writes a checkpoint: what is still wanted of the oldest segments and of the checkpoint before. Left out are series that
 * are not kept with their tombstones and metadata, samples and exemplars before a time, tombstones wholly before it, all
 * but the newest metadata of a series, and records of unknown types. Source: docs/formats/wal.md.
 */
import { must } from '../../base/assert.ts';
import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import { CUSTOM_BUCKETS_SCHEMA } from '../../model/histogram.ts';
import type { ByteCursor } from '../byte-cursor.ts';
import type { BatchEncoder } from './batch-encoder.ts';
import {
  exemplarRows,
  histogramRows,
  isFloatType,
  type Row,
  readMetadata,
  readTombstones,
} from './record-reader.ts';
import { PlaceWriter, RecordWriter, writeMetadata, writeTombstones } from './record-writer.ts';
import { isHistogramType } from './replay.ts';
import { checkpointDraft, checkpointPath, listSegments, segmentPath } from './segment-names.ts';
import { SegmentWriter, type SegmentWriterOptions } from './segment-writer.ts';
import type { SeriesRows } from './series-rows.ts';
import type { RecordVisitor, WalReader } from './wal-reader.ts';
import {
  CUSTOM_FLOAT_HISTOGRAMS,
  CUSTOM_HISTOGRAMS,
  EXEMPLARS,
  FLOAT_HISTOGRAMS,
  HISTOGRAMS,
  METADATA,
  type MetadataRecord,
  SERIES,
  TOMBSTONES,
} from './wal-records.ts';

/** A batch is written when it has this many bytes. */
const BATCH_BYTES = 1 << 20;

export interface CheckpointOptions extends Omit<SegmentWriterOptions, 'firstSegment'> {
  readonly kernel: Kernel;
  readonly reader: WalReader;
  readonly rows: SeriesRows;
  /** The checkpoint before. */
  readonly former: number | undefined;
  readonly segments: readonly number[];
  readonly minTime: number;
  /** Whether something still refers to the series. Must give the same answer until the checkpoint is written. */
  keep(ref: number): boolean;
}

export interface CheckpointCounts {
  keptSeries: number;
  droppedSeries: number;
  keptSamples: number;
  droppedSamples: number;
}

/**
 * Yields between pieces of work of about 1 MiB. Throws OperationError 'corrupt' where what it reads is damaged,
 * 'unavailable' where it cannot write: then there is no checkpoint, and nothing else has changed.
 */
export function* writeCheckpoint(options: CheckpointOptions): Generator<void, CheckpointCounts> {
  const { files, directory, segments } = options;
  const number = must(segments.at(-1), 'a checkpoint replaces segments');
  const draft = checkpointDraft(directory, number);
  files.remove(draft);
  files.makeDirectory(draft);
  let writer: SegmentWriter | undefined;
  try {
    // Segments are removed for it: nothing may be wrong with it.
    const onTrouble = (text: string, { error }: Readonly<Record<string, unknown>>): never => {
      throw new OperationError('unavailable', `cannot write ${draft}: ${text}: ${error}`);
    };
    writer = new SegmentWriter({ ...options, onTrouble, directory: draft, firstSegment: 0 });
    const filter = new RecordFilter(options, writer);
    for (const path of inputs(options)) {
      using file = files.open(path);
      const pieces = options.reader.read(file, filter);
      let piece = pieces.next();
      for (; piece.done !== true; piece = pieces.next()) {
        filter.flush();
        yield;
      }
      filter.flush();
      if (piece.value === undefined) continue;
      const { offset, reason } = piece.value;
      const message = `cannot make a checkpoint of ${path}: at offset ${offset}, ${reason}`;
      throw new OperationError('corrupt', message);
    }
    filter.finish();
    const counts = filter.counts;
    const done = writer;
    writer = undefined;
    done.close();
    files.syncDirectory(draft);
    files.rename(draft, checkpointPath(directory, number));
    files.syncDirectory(directory);
    return counts;
  } finally {
    dropDraft(files, draft, writer);
  }
}

function inputs({ files, directory, former, segments }: CheckpointOptions): readonly string[] {
  const own = segments.map((number) => segmentPath(directory, number));
  if (former === undefined) return own;
  const path = checkpointPath(directory, former);
  return [...listSegments(files, path).map((number) => segmentPath(path, number)), ...own];
}

/** What is left when the checkpoint was not completed. Errors here would hide the first one. */
function dropDraft(files: FileSystem, draft: string, writer: SegmentWriter | undefined): void {
  try {
    writer?.close();
  } catch {
    // What it holds is not wanted.
  }
  try {
    files.remove(draft);
  } catch {
    // It is removed when the log is opened again.
  }
}

class RecordFilter implements RecordVisitor {
  readonly #options: CheckpointOptions;
  readonly #writer: SegmentWriter;
  readonly #encoder: BatchEncoder;
  readonly #record = new RecordWriter();
  readonly #metadata = new Map<number, MetadataRecord>();
  readonly counts: CheckpointCounts = {
    keptSeries: 0,
    droppedSeries: 0,
    keptSamples: 0,
    droppedSamples: 0,
  };

  constructor(options: CheckpointOptions, writer: SegmentWriter) {
    this.#options = options;
    this.#writer = writer;
    this.#encoder = options.encoder;
    this.#encoder.begin();
  }

  samples({ refs, times, values, count }: Parameters<RecordVisitor['samples']>[0]): void {
    const { kernel, minTime } = this.#options;
    const kept = kernel.exports.walDropOld(refs, times, values, count, minTime) >>> 0;
    this.#count(kept, count);
    if (kept === 0) return;
    this.#encoder.addSamples({ refs, times, values, count: kept });
    this.#flushIfLarge();
  }

  record(type: number, cursor: ByteCursor): void {
    const { keep, minTime } = this.#options;
    if (type === SERIES) this.#series(cursor);
    else if (isHistogramType(type)) this.#histograms(type, cursor);
    else if (type === EXEMPLARS) this.#put(EXEMPLARS, cursor, exemplarRows(cursor));
    else if (type === TOMBSTONES) {
      const kept = readTombstones(cursor).filter(
        ({ ref, maxTime }) => keep(ref) && maxTime >= minTime,
      );
      if (kept.length === 0) return;
      writeTombstones(this.#record, kept);
      this.#add();
    } else if (type === METADATA) {
      for (const record of readMetadata(cursor)) {
        if (keep(record.ref)) this.#metadata.set(record.ref, record);
      }
    }
  }

  /** Writes what there is. Others may use the encoder afterwards, until the next record. */
  flush(): void {
    if (this.#encoder.encodedBytes > 0) this.#writer.write();
  }

  finish(): void {
    if (this.#metadata.size > 0) {
      writeMetadata(this.#record, [...this.#metadata.values()]);
      this.#add();
    }
    this.flush();
  }

  #series(cursor: ByteCursor): void {
    const { rows, keep } = this.#options;
    this.#record.begin(SERIES);
    let kept = 0;
    for (const batch of rows.batches(cursor)) {
      for (let i = 0; i < batch.count; i++) {
        const ref = batch.ref(i);
        if (!keep(ref)) {
          this.counts.droppedSeries++;
          continue;
        }
        this.#record.i64(ref).raw(batch.rawLabels(i));
        kept++;
      }
    }
    this.counts.keptSeries += kept;
    if (kept > 0) this.#add();
  }

  #histograms(type: number, cursor: ByteCursor): void {
    const rows = histogramRows(cursor, type);
    const isFloat = isFloatType(type);
    const isCustom = (row: { schema: number }): boolean => row.schema === CUSTOM_BUCKETS_SCHEMA;
    const kept =
      this.#put(
        isFloat ? FLOAT_HISTOGRAMS : HISTOGRAMS,
        cursor,
        rows.filter((r) => !isCustom(r)),
      ) +
      this.#put(
        isFloat ? CUSTOM_FLOAT_HISTOGRAMS : CUSTOM_HISTOGRAMS,
        cursor,
        rows.filter(isCustom),
      );
    this.#count(kept, rows.length);
  }

  /** Adds a record of those rows that are not too old, their bytes unchanged. Returns how many. */
  #put(type: number, { bytes }: ByteCursor, rows: readonly Row[]): number {
    const kept = rows.filter(({ time }) => time >= this.#options.minTime);
    if (kept.length === 0) return 0;
    this.#record.begin(type);
    const place = new PlaceWriter(this.#record);
    for (const { ref, time, from, to } of kept) {
      place.write(ref, time);
      this.#record.raw(bytes.subarray(from, to));
    }
    this.#add();
    return kept.length;
  }

  #add(): void {
    this.#encoder.add(this.#record.bytes);
    this.#flushIfLarge();
  }

  #flushIfLarge(): void {
    if (this.#encoder.encodedBytes >= BATCH_BYTES) this.flush();
  }

  #count(kept: number, all: number): void {
    this.counts.keptSamples += kept;
    this.counts.droppedSamples += all - kept;
  }
}

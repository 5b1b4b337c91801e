/**
 * The write-ahead log of a head, in the format of Prometheus (docs/formats/wal.md). What `log` has taken survives the death
 * of the process; a loss of power costs at most what the newest segment holds, since segments are fsynced when they end.
 *
 * One owner in one thread: open, replay once, then log and truncate, close.
 */
import { assert, must } from '../../base/assert.ts';
import { errorText, OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import type { Kernel } from '../../base/kernel.ts';
import { BatchEncoder, PAGE_BYTES, type WalCompression } from './batch-encoder.ts';
import { type CheckpointCounts, writeCheckpoint } from './checkpoint.ts';
import {
  RecordWriter,
  writeExemplars,
  writeHistograms,
  writeMetadata,
  writeSeries,
  writeTombstones,
} from './record-writer.ts';
import { type ReplayCounts, replayVisitor } from './replay.ts';
import {
  checkpointPath,
  isSegmentName,
  listCheckpoints,
  listSegments,
  removeDrafts,
  segmentPath,
} from './segment-names.ts';
import { SegmentWriter } from './segment-writer.ts';
import { SeriesRows } from './series-rows.ts';
import { type WalDamage, WalReader } from './wal-reader.ts';
import type { WalRecords, WalSink } from './wal-records.ts';

export interface WalOptions {
  readonly files: FileSystem;
  /** Made if it is not there. */
  readonly directory: string;
  /** About 7 MiB of its memory are taken for good. Columns that are logged or replayed lie in it. */
  readonly kernel: Kernel;
  /** Default 128 MiB; a multiple of 32 KiB. */
  readonly segmentBytes?: number;
  /** Default snappy. */
  readonly compression?: WalCompression;
  /** What is wrong but stops nothing. */
  onTrouble?(text: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface ReplayProgress {
  readonly firstSegment: number;
  readonly lastSegment: number;
  /** Just replayed. */
  readonly segment: number;
}

export interface ReplayReport extends Readonly<ReplayCounts> {
  /** Each was repaired: what stood behind it is gone. */
  readonly damages: readonly WalDamage[];
}

export interface TruncateOptions {
  /** Samples before it are wanted no more. */
  readonly minTime: number;
  /** Whether the head or a later segment refers to the series. Must give the same answer until the end. */
  keep(ref: number): boolean;
}

/** For metrics: prometheus_tsdb_wal_… and prometheus_tsdb_checkpoint_…. */
export interface WalCounters {
  corruptions: number;
  writes: number;
  writtenBytes: number;
  writesFailed: number;
  truncations: number;
  truncationsFailed: number;
  checkpoints: number;
  checkpointsFailed: number;
}

const SEGMENT_BYTES = 128 << 20;

export class Wal {
  readonly #options: Required<WalOptions>;
  readonly #encoder: BatchEncoder;
  readonly #record = new RecordWriter();
  readonly #reader: WalReader;
  readonly #rows: SeriesRows;
  #writer: SegmentWriter | undefined;
  readonly counters: WalCounters = {
    corruptions: 0,
    writes: 0,
    writtenBytes: 0,
    writesFailed: 0,
    truncations: 0,
    truncationsFailed: 0,
    checkpoints: 0,
    checkpointsFailed: 0,
  };

  private constructor(options: Required<WalOptions>) {
    this.#options = options;
    this.#encoder = new BatchEncoder(options.kernel, options.compression);
    this.#reader = new WalReader(options.kernel);
    this.#rows = new SeriesRows(options.kernel);
  }

  /** Nothing can be logged before it was replayed. */
  static open(options: WalOptions): Wal {
    const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    assert(segmentBytes % PAGE_BYTES === 0, `segments of ${segmentBytes} bytes`);
    const { files, directory } = options;
    files.makeDirectory(directory);
    files.syncDirectory(directory.slice(0, directory.lastIndexOf('/') + 1) || '.');
    return new Wal({
      compression: 'snappy',
      onTrouble: () => undefined,
      ...options,
      segmentBytes,
    });
  }

  /** Number of the segment that is written to. */
  get segment(): number {
    return this.#open().segment;
  }

  /**
   * Gives the newest checkpoint and the segments behind it to the sink, then begins a new segment. Where a segment is
   * damaged, in the middle or, torn, at its end, it is cut there, and later ones are removed: what they hold may depend on
   * what is lost. Throws OperationError 'corrupt' when a segment is missing.
   */
  replay(sink: WalSink, onProgress?: (progress: ReplayProgress) => void): ReplayReport {
    assert(this.#writer === undefined, 'a log is replayed once');
    const { files, directory } = this.#options;
    removeDrafts(files, directory);
    const counts: ReplayCounts = { series: 0, samples: 0, unknownRecords: 0 };
    const damages: WalDamage[] = [];
    const checkpoint = listCheckpoints(files, directory).at(-1) ?? -1;
    if (checkpoint >= 0) {
      const path = checkpointPath(directory, checkpoint);
      damages.push(...this.#replaySegments(sink, counts, path, -1));
      if (damages.length === 0) this.#dropReplaced(checkpoint);
    }
    const lastSegment = listSegments(files, directory, checkpoint).at(-1) ?? checkpoint;
    const progress = (segment: number): void => {
      onProgress?.({ firstSegment: Math.max(0, checkpoint), lastSegment, segment });
    };
    if (checkpoint >= 0) progress(checkpoint);
    damages.push(...this.#replaySegments(sink, counts, directory, checkpoint, progress));
    const last = listSegments(files, directory, checkpoint).at(-1) ?? checkpoint;
    const { onTrouble, segmentBytes } = this.#options;
    if (counts.unknownRecords > 0) {
      onTrouble('records of unknown types were left out', { records: counts.unknownRecords });
    }
    const encoder = this.#encoder;
    const firstSegment = last + 1;
    const options = { files, directory, firstSegment, segmentBytes, encoder, onTrouble };
    this.#writer = new SegmentWriter(options);
    return { ...counts, damages };
  }

  /**
   * Logs records together, with one write. When it returns they survive the death of the process; when it throws
   * OperationError 'unavailable', because the disk is full for instance, none of them was kept.
   */
  log(records: WalRecords): void {
    const writer = this.#open();
    const encoder = this.#encoder;
    const record = this.#record;
    encoder.begin();
    const take = (): void => encoder.add(record.bytes);
    if (isFilled(records.series)) {
      writeSeries(record, records.series);
      take();
    }
    if (isFilled(records.metadata)) {
      writeMetadata(record, records.metadata);
      take();
    }
    if ((records.samples?.count ?? 0) > 0) {
      encoder.addSamples(must(records.samples, 'there are samples'));
    }
    if (isFilled(records.histograms)) writeHistograms(record, records.histograms, take);
    if (isFilled(records.tombstones)) {
      writeTombstones(record, records.tombstones);
      take();
    }
    if (isFilled(records.exemplars)) {
      writeExemplars(record, records.exemplars);
      take();
    }
    if (encoder.encodedBytes === 0) return;
    try {
      this.counters.writtenBytes += writer.write();
      this.counters.writes++;
    } catch (error) {
      this.counters.writesFailed++;
      throw error;
    }
  }

  /**
   * Puts the older two thirds of the segments into a checkpoint and removes them; nothing happens while there are too few.
   * Yields between pieces of work of about 1 MiB, between which records can be logged. Throws OperationError when there
   * could be no checkpoint: then everything is still there.
   */
  *truncate({ minTime, keep }: TruncateOptions): Generator<void, CheckpointCounts | undefined> {
    const { files, directory } = this.#options;
    const former = listCheckpoints(files, directory).at(-1);
    const segments = listSegments(files, directory, former ?? -1);
    this.#open().next();
    const first = segments[0] ?? 0;
    // Neither the last of them nor the one just begun.
    const last = first + Math.trunc(((segments.length - 2) * 2) / 3);
    if (last <= first) return undefined;
    this.counters.truncations++;
    this.counters.checkpoints++;
    let counts: CheckpointCounts;
    try {
      counts = yield* writeCheckpoint({
        ...this.#options,
        encoder: this.#encoder,
        reader: this.#reader,
        rows: this.#rows,
        former,
        segments: segments.filter((number) => number <= last),
        minTime,
        keep,
      });
    } catch (error) {
      this.counters.checkpointsFailed++;
      if (error instanceof OperationError && error.kind === 'corrupt') this.counters.corruptions++;
      throw error;
    }
    this.#dropReplaced(last);
    return counts;
  }

  /** Returns when all that was logged survives a loss of power. */
  sync(): void {
    this.#open().sync();
  }

  close(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }

  #open(): SegmentWriter {
    return must(this.#writer, 'a log that was replayed and not closed');
  }

  /** Segments with a number above `after`. Damages are repaired, so that there is one at most. */
  #replaySegments(
    sink: WalSink,
    counts: ReplayCounts,
    directory: string,
    ...[after, progress]: [after: number, progress?: (segment: number) => void]
  ): readonly WalDamage[] {
    const { files } = this.#options;
    const visitor = replayVisitor(sink, this.#rows, counts);
    for (const number of listSegments(files, directory, after)) {
      const path = segmentPath(directory, number);
      const damage = readWhole(this.#reader, files, path, visitor);
      if (damage !== undefined) {
        this.#repair(directory, number, damage);
        return [damage];
      }
      progress?.(number);
    }
    return [];
  }

  /** Removes the newest first, so that what is left after a crash is damaged at the same place. */
  #repair(directory: string, number: number, { path, offset, reason }: WalDamage): void {
    const { files, onTrouble } = this.#options;
    this.counters.corruptions++;
    onTrouble('the write-ahead log is damaged; it is cut there', { path, offset, reason });
    for (const later of listSegments(files, directory, number).toReversed()) {
      onTrouble('a segment behind the damage is removed', { path: segmentPath(directory, later) });
      files.remove(segmentPath(directory, later));
    }
    using file = files.openToWrite(path);
    file.truncate(offset);
    file.sync();
    files.syncDirectory(directory);
  }

  /** Segments and checkpoints that a checkpoint replaces. What cannot be removed now is removed another time. */
  #dropReplaced(checkpoint: number): void {
    const { files, directory, onTrouble } = this.#options;
    try {
      const names = files.list(directory).filter(isSegmentName).toSorted();
      for (const name of names) {
        if (Number(name) <= checkpoint) files.remove(`${directory}/${name}`);
      }
      for (const number of listCheckpoints(files, directory)) {
        if (number < checkpoint) files.remove(checkpointPath(directory, number));
      }
    } catch (error) {
      this.counters.truncationsFailed++;
      onTrouble('the log could not be truncated', { error: errorText(error) });
    }
  }
}

function readWhole(
  reader: WalReader,
  files: FileSystem,
  path: string,
  visitor: Parameters<WalReader['read']>[1],
): WalDamage | undefined {
  using file = files.open(path);
  const pieces = reader.read(file, visitor);
  let piece = pieces.next();
  while (piece.done !== true) piece = pieces.next();
  return piece.value;
}

function isFilled<T>(records: readonly T[] | undefined): records is readonly T[] {
  return records !== undefined && records.length > 0;
}

/** The head together with what it has on the disk: the log and the files of full chunks. */
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Kernel } from '../base/kernel.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { DbOptions } from './db-options.ts';
import type { DeleteRequest } from './delete-series.ts';
import { ChunkCatalog } from './head/chunk-catalog.ts';
import { Head } from './head/head.ts';
import { type HeadBlockSource, headBlockSource } from './head-block-source.ts';
import { HeadChunkWriter } from './head-chunks/head-chunk-writer.ts';
import { scanHeadChunks } from './head-chunks/scan-head-chunks.ts';
import type { Steps } from './index/index-writer.ts';
import type { HeadPart } from './maintenance.ts';
import { type ReplayProgress, Wal } from './wal/wal.ts';

/** Readers in other threads may be about to open a file that is needed no more. */
const GRACE_MS = 60_000;

export interface HeadStoreOptions {
  readonly files: FileSystem;
  /** Of the database. */
  readonly directory: string;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: DbOptions;
  /** What lies before it is in blocks. */
  readonly minValidTime: number;
  readonly onReplay: (progress: ReplayProgress) => void;
}

export class HeadStore implements HeadPart, Disposable {
  readonly head: Head;
  readonly wal: Wal;
  /** Damaged files of chunks that were found, and cut, at the start. */
  readonly chunkCorruptions: number;
  readonly #options: HeadStoreOptions;
  readonly #chunkFiles: HeadChunkWriter;
  readonly #chunksDirectory: string;
  /** Files of chunks below a number, and the monotonic time from which on they may go. */
  #leaving: { readonly file: number; readonly endMs: number } | undefined;

  /** Reads back what is on the disk, and repairs it where a crash has torn it. */
  constructor(options: HeadStoreOptions) {
    const { files, directory, kernel, log, minValidTime, onReplay } = options;
    const { minBlockMs, walSegmentBytes, walCompression, maxExemplars } = options.options;
    const onTrouble = (text: string, fields: Readonly<Record<string, unknown>>): void =>
      log.warn(text, fields);
    this.#options = options;
    this.#chunksDirectory = `${directory}/chunks_head`;
    const catalog = new ChunkCatalog();
    const damages = scanHeadChunks({
      files,
      directory: this.#chunksDirectory,
      kernel,
      take: (rows) => catalog.add(rows),
    });
    this.chunkCorruptions = damages.length;
    for (const damage of damages)
      onTrouble('chunks of the head are damaged; they are cut', { ...damage });
    this.wal = Wal.open({
      files,
      directory: `${directory}/wal`,
      kernel,
      segmentBytes: walSegmentBytes,
      compression: walCompression,
      onTrouble,
    });
    this.#chunkFiles = new HeadChunkWriter({ files, directory: this.#chunksDirectory, onTrouble });
    this.head = new Head({
      kernel,
      chunkFiles: this.#chunkFiles,
      log: this.wal,
      chunkRangeMs: minBlockMs,
      maxExemplars,
    });
    this.head.seal(minValidTime);
    this.head.replay.useChunks(catalog);
    const { series, samples } = this.wal.replay(this.head.replay, onReplay);
    const lost = this.head.finishReplay();
    log.info('replayed the write-ahead log', { series, samples, lost: JSON.stringify(lost) });
  }

  get minTime(): number {
    return this.head.minTime;
  }

  get maxTime(): number {
    return this.head.maxTime;
  }

  get walBytes(): number {
    const { files, directory } = this.#options;
    return sizeOf(files, `${directory}/wal`);
  }

  get chunksBytes(): number {
    return sizeOf(this.#options.files, this.#chunksDirectory);
  }

  get diskBytes(): number {
    return this.walBytes + this.chunksBytes;
  }

  *blockSource(minTime: number, maxTime: number, kernel: Kernel): Steps<HeadBlockSource> {
    const { files } = this.#options;
    const { memory, histograms, deleted } = this.head.parts;
    const handleOf = (slot: number): number => memory.kernel.exports.headHandle(memory.head, slot);
    return yield* headBlockSource({
      files,
      chunksDirectory: this.#chunksDirectory,
      memory,
      openHistogram: (slot) => histograms.chunk(slot),
      deleted: (slot) => (deleted.size === 0 ? NOTHING : (deleted.get(handleOf(slot)) ?? NOTHING)),
      kernel,
      minTime,
      maxTime,
    });
  }

  seal(minTime: number): void {
    this.head.seal(minTime);
  }

  *truncate(minTime: number): Steps {
    const { head } = this;
    const { lastFile } = this.#chunkFiles;
    head.parts.memory.cutChunkFile();
    yield* head.truncate(minTime);
    // Files that are begun from now on are not meant, though none may be needed yet.
    const file = Math.min(head.oldestFile, lastFile + 1);
    this.#leaving = { file, endMs: this.#options.clock.monotonicMs() + GRACE_MS };
    yield* this.wal.truncate({ minTime, keep: head.keeper() });
  }

  *delete(request: DeleteRequest): Steps {
    this.head.delete(request);
    yield;
  }

  /** Removes files of chunks that have not been needed for a while. */
  sweep(): void {
    const leaving = this.#leaving;
    if (leaving === undefined || this.#options.clock.monotonicMs() < leaving.endMs) return;
    this.#leaving = undefined;
    this.#chunkFiles.dropBefore(leaving.file);
  }

  /** On a full disk finished chunks cannot be written: their samples are in the log. */
  [Symbol.dispose](): void {
    try {
      this.head.flush();
    } catch (error) {
      this.#options.log.warn('chunks of the head were not written', { error: errorText(error) });
    }
    this.#chunkFiles.close();
    this.wal.close();
  }
}

const NOTHING = [] as const;

/** Of all files in a directory and those below it. */
function sizeOf(files: FileSystem, path: string): number {
  return files.list(path).reduce((sum, name) => {
    const stat = files.stat(`${path}/${name}`);
    if (stat === undefined) return sum;
    return sum + (stat.isDirectory ? sizeOf(files, `${path}/${name}`) : stat.sizeBytes);
  }, 0);
}

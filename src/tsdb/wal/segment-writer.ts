/**
 * Adds batches to the newest segment of a log, each with one write and wholly: when it cannot be written, what there is of
 * it is cut off, at the latest before the next one. A batch never crosses segments.
 */
import { errorText } from '../../base/errors.ts';
import type { FileSystem, WritableFile } from '../../base/file-system.ts';
import { type BatchEncoder, PAGE_BYTES } from './batch-encoder.ts';
import { segmentPath } from './segment-names.ts';

export interface SegmentWriterOptions {
  readonly files: FileSystem;
  readonly directory: string;
  /** Of the segment that is begun. */
  readonly firstSegment: number;
  readonly segmentBytes: number;
  readonly encoder: BatchEncoder;
  onTrouble(text: string, fields: Readonly<Record<string, unknown>>): void;
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #file: WritableFile;
  #number: number;
  /** Of the segment; what lies behind is not to be kept. */
  #whole = 0;

  /** Begins a segment. */
  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#number = options.firstSegment;
    this.#file = this.#open(options.firstSegment);
  }

  get segment(): number {
    return this.#number;
  }

  /** Where the next batch goes in it. */
  get offset(): number {
    return this.#whole;
  }

  /** Writes the encoder's batch, which is empty then. Throws OperationError 'unavailable' when nothing of it is kept. */
  write(): void {
    const { encoder, segmentBytes } = this.#options;
    try {
      this.#cutRest();
      let bytes = encoder.frame(this.#whole % PAGE_BYTES);
      if (this.#whole > 0 && this.#whole + bytes.length > segmentBytes) {
        this.next();
        bytes = encoder.frame(0);
      }
      this.#add(bytes);
    } finally {
      encoder.begin();
    }
  }

  /** Ends the segment, with fsync, and begins the next one. */
  next(): void {
    this.#cutRest();
    this.#padPage();
    const file = this.#open(this.#number + 1);
    const former = this.#file;
    const { onTrouble } = this.#options;
    try {
      former.sync();
    } catch (error) {
      onTrouble('a segment of the log could not be synced', { error: errorText(error) });
    }
    former[Symbol.dispose]();
    this.#file = file;
    this.#number++;
    this.#whole = 0;
  }

  sync(): void {
    this.#cutRest();
    this.#file.sync();
  }

  /** Fills the page, syncs and closes. */
  close(): void {
    try {
      this.#cutRest();
      this.#padPage();
      this.#file.sync();
    } finally {
      this.#file[Symbol.dispose]();
    }
  }

  #open(number: number): WritableFile {
    const { files, directory } = this.#options;
    const file = files.openToWrite(segmentPath(directory, number));
    try {
      // What a failed attempt may have left.
      if (file.sizeBytes > 0) file.truncate(0);
      files.syncDirectory(directory);
      return file;
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  #add(bytes: Uint8Array): void {
    try {
      this.#file.write(bytes);
    } catch (error) {
      this.#tryToCut();
      throw error;
    }
    this.#whole = this.#file.sizeBytes;
  }

  #padPage(): void {
    const used = this.#whole % PAGE_BYTES;
    if (used > 0) this.#add(new Uint8Array(PAGE_BYTES - used));
  }

  #cutRest(): void {
    if (this.#file.sizeBytes !== this.#whole) this.#file.truncate(this.#whole);
  }

  /** What cannot be cut now is cut before the next write. */
  #tryToCut(): void {
    const { onTrouble } = this.#options;
    try {
      this.#cutRest();
    } catch (error) {
      onTrouble('a torn record could not be cut off', { error: errorText(error) });
    }
  }
}

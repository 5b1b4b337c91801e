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
  /** Told what is wrong but stops nothing. What it throws stops it. */
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

  /**
   * Writes the encoder's batch, which is empty then; returns its bytes. Throws OperationError 'unavailable' when nothing
   * of it is kept.
   */
  write(): number {
    const { encoder, segmentBytes } = this.#options;
    try {
      this.#cutRest();
      let bytes = encoder.frame(this.#whole % PAGE_BYTES);
      if (this.#whole > 0 && this.#whole + bytes.length > segmentBytes) {
        this.next();
        bytes = encoder.frame(0);
      }
      this.#add(bytes);
      return bytes.length;
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
    this.#tellFailure('a segment of the log could not be synced', () => former.sync());
    former[Symbol.dispose]();
    this.#file = file;
    this.#number++;
    this.#whole = 0;
  }

  sync(): void {
    this.#cutRest();
    this.#file.sync();
  }

  /** Fills the page, syncs and closes. What fails is told: nothing can be done about it any more. */
  close(): void {
    using file = this.#file;
    this.#tellFailure('the last page of the log could not be filled', () => {
      this.#cutRest();
      this.#padPage();
    });
    this.#tellFailure('a segment of the log could not be synced', () => file.sync());
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
      // What cannot be cut now is cut before the next write.
      this.#tellFailure('a torn record could not be cut off', () => this.#cutRest());
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

  #tellFailure(text: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.onTrouble(text, { path: this.#file.path, error: errorText(error) });
    }
  }
}

/**
 * Adds entries of finished chunks (as HeadMemory gives them) to chunks_head files of at most 128 MiB. Entries survive the
 * death of the process when `write` returns; a loss of power may cost those of the newest file, which are then replayed
 * from the write-ahead log. One owner in one thread; others read the files while they grow (HeadChunkReader).
 */
import { assert } from '../../base/assert.ts';
import { errorText } from '../../base/errors.ts';
import type { FileSystem, WritableFile } from '../../base/file-system.ts';
import { CHUNK_FILE_HEADER, chunkFilePath, listChunkFiles } from './chunk-file-names.ts';

export interface HeadChunkWriterOptions {
  readonly files: FileSystem;
  /** Made if it is not there. Its files were read before (scanHeadChunks), which repairs them. */
  readonly directory: string;
  /** Most bytes of a file; default 128 MiB. */
  readonly fileBytes?: number;
  /** What is wrong but stops nothing. */
  onTrouble?(text: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Where the first byte of what was written lies; the rest follows in the same file. */
export interface HeadChunkPlace {
  readonly file: number;
  readonly offset: number;
}

interface OpenFile {
  readonly handle: WritableFile;
  readonly number: number;
  /** Behind the last entry; what follows is not to be kept. */
  whole: number;
}

const FILE_BYTES = 128 << 20;

export class HeadChunkWriter {
  readonly #options: Required<HeadChunkWriterOptions>;
  #file: OpenFile | undefined;
  #lastNumber: number;

  constructor(options: HeadChunkWriterOptions) {
    this.#options = { fileBytes: FILE_BYTES, onTrouble: () => undefined, ...options };
    const { files, directory } = options;
    files.makeDirectory(directory);
    files.syncDirectory(directory.slice(0, directory.lastIndexOf('/') + 1) || '.');
    this.#lastNumber = listChunkFiles(files, directory).at(-1) ?? 0;
  }

  /** Number of the newest file; 0 when there never was one. */
  get lastFile(): number {
    return this.#lastNumber;
  }

  /**
   * Where the next write begins, if it is of at most so many bytes. Holds until then, however often the write fails,
   * unless `cut` is called.
   */
  reserve(bytes: number): HeadChunkPlace {
    if (this.#file !== undefined && this.#file.whole + bytes > this.#options.fileBytes) this.cut();
    return this.#file === undefined
      ? { file: this.#lastNumber + 1, offset: CHUNK_FILE_HEADER.length }
      : { file: this.#file.number, offset: this.#file.whole };
  }

  /**
   * Adds whole entries with one write; all go into one file. Throws OperationError 'unavailable' when they cannot be
   * written: then none was kept, and the same call may be made again.
   */
  write(entries: Uint8Array): HeadChunkPlace {
    const { fileBytes } = this.#options;
    const most = fileBytes - CHUNK_FILE_HEADER.length;
    assert(entries.length <= most, `${entries.length} bytes of entries`);
    const place = this.reserve(entries.length);
    this.#file ??= this.#begin();
    const file = this.#file;
    cutRest(file);
    try {
      file.handle.write(entries);
    } catch (error) {
      this.#tryToCut(file);
      throw error;
    }
    file.whole = file.handle.sizeBytes;
    return place;
  }

  /** Ends the newest file, with fsync: the next entries go into another, so that this one can be dropped some day. */
  cut(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      cutRest(file);
      file.handle.sync();
    } catch (error) {
      const fields = { path: file.handle.path, error: errorText(error) };
      this.#options.onTrouble('a file of head chunks could not be synced', fields);
    } finally {
      file.handle[Symbol.dispose]();
    }
  }

  /**
   * Removes the files with a lower number, oldest first; never the one that is written to. Readers that still have places in
   * them find them gone: the caller waits for these.
   */
  dropBefore(number: number): void {
    const { files, directory } = this.#options;
    for (const old of listChunkFiles(files, directory)) {
      if (old >= number || old === this.#file?.number) return;
      files.remove(chunkFilePath(directory, old));
    }
  }

  close(): void {
    this.cut();
  }

  #begin(): OpenFile {
    const { files, directory } = this.#options;
    const number = this.#lastNumber + 1;
    const handle = files.openToWrite(chunkFilePath(directory, number));
    try {
      // What a failed attempt may have left.
      if (handle.sizeBytes > 0) handle.truncate(0);
      handle.write(CHUNK_FILE_HEADER);
      files.syncDirectory(directory);
    } catch (error) {
      handle[Symbol.dispose]();
      throw error;
    }
    this.#lastNumber = number;
    return { handle, number, whole: handle.sizeBytes };
  }

  /** What cannot be cut now is cut before the next write. */
  #tryToCut(file: OpenFile): void {
    try {
      cutRest(file);
    } catch (error) {
      const fields = { path: file.handle.path, error: errorText(error) };
      this.#options.onTrouble('a torn entry could not be cut off', fields);
    }
  }
}

function cutRest({ handle, whole }: OpenFile): void {
  if (handle.sizeBytes !== whole) handle.truncate(whole);
}

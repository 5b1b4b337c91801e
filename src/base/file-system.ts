/** The only way to files. Positioned reads are synchronous: a promise per pread costs ten times more. */
export interface FileSystem {
  /** Opens an existing file for reading. Throws OperationError 'not-found' naming the path. */
  open(path: string): ReadableFile;
  readFile(path: string): Uint8Array;
  /** Names in a directory, sorted by code unit; an absent directory is 'not-found'. */
  list(path: string): readonly string[];
  stat(path: string): FileStat | undefined;
  makeDirectory(path: string): void;
  /** Writes and fsyncs beside the target, then renames: readers see the old or the new content. */
  writeFileAtomic(path: string, bytes: Uint8Array): void;
  /** Adds to the end of a file, which is made if it is absent; not fsynced. */
  append(path: string, bytes: Uint8Array): void;
  /** Gives a file another name, over whatever had that name. */
  rename(path: string, newPath: string): void;
  remove(path: string): void;
}

export interface FileStat {
  readonly sizeBytes: number;
  readonly isDirectory: boolean;
  readonly modifiedMs: number;
}

export interface ReadableFile extends Disposable {
  readonly path: string;
  readonly sizeBytes: number;
  /** Fills the target from the offset; throws OperationError 'corrupt' if the file ends before. */
  read(target: Uint8Array, offset: number): void;
}

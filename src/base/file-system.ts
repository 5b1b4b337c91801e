/** The only way to files. Positioned reads are synchronous: a promise per pread costs ten times more. */
export interface FileSystem {
  /** Opens an existing file for reading. Throws OperationError 'not-found' naming the path. */
  open(path: string): ReadableFile;
  /** Opens a file, made empty if it is absent, for adding to its end. Its name survives a loss of power after `syncDirectory`. */
  openToWrite(path: string): WritableFile;
  readFile(path: string): Uint8Array;
  /** Names in a directory, sorted by code unit; an absent directory is 'not-found'. */
  list(path: string): readonly string[];
  stat(path: string): FileStat | undefined;
  makeDirectory(path: string): void;
  /** Writes and fsyncs beside the target, then renames: readers see the old or the new content. */
  writeFileAtomic(path: string, bytes: Uint8Array): void;
  /** Adds to the end of a file, which is made if it is absent; not fsynced. */
  append(path: string, bytes: Uint8Array): void;
  /** Gives a file or directory another name, over whatever file or empty directory had that name. */
  rename(path: string, newPath: string): void;
  /** A second name for a file, in the same file system. Throws if there is something of that name. */
  link(path: string, newPath: string): void;
  /** Removes a file, or a directory with all that is in it; nothing happens when there is none. */
  remove(path: string): void;
  /** Removes a directory with nothing in it. False, and nothing happens, when there is something or it is absent. */
  removeEmptyDirectory(path: string): boolean;
  /** Fsyncs a directory: names made, changed and removed in it survive a loss of power. */
  syncDirectory(path: string): void;
  /** Bytes that can still be written to the disk that holds the path. */
  freeBytes(path: string): number;
  /** Size of that disk. */
  diskBytes(path: string): number;
  /**
   * Takes a lock file, which names the process that holds it. Throws OperationError 'unavailable' naming the holder while
   * there is one that lives; what a dead one has left is taken over.
   */
  lock(path: string): FileLock;
}

/** Held until it is disposed of, which removes the file, or the process ends. */
export interface FileLock extends Disposable {
  /** Someone who held it before did not give it back. */
  readonly wasLeft: boolean;
}

export interface FileStat {
  readonly sizeBytes: number;
  readonly isDirectory: boolean;
  readonly modifiedMs: number;
}

export interface ReadableFile extends Disposable {
  readonly path: string;
  /** When it was opened; what was added since can be read. */
  readonly sizeBytes: number;
  /** Fills the target from the offset; throws OperationError 'corrupt' if the file ends before. */
  read(target: Uint8Array, offset: number): void;
}

/** Only one holder may write. */
export interface WritableFile extends Disposable {
  readonly path: string;
  /** Where the next write goes. */
  readonly sizeBytes: number;
  /** Adds all bytes. When it throws, some of them may have been added: `sizeBytes` tells how many. */
  write(bytes: Uint8Array): void;
  /** Cuts the end off. */
  truncate(sizeBytes: number): void;
  /** Returns when all that was written survives a loss of power. */
  sync(): void;
}

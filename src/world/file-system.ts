import {
  appendFileSync,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { OperationError } from '../base/errors.ts';
import type { FileSystem, ReadableFile, WritableFile } from '../base/file-system.ts';
import { lockFile } from './file-lock.ts';

/** The machine's files. */
export const realFileSystem: FileSystem = {
  open: (path) => guard(`open ${path}`, () => openFile(path)),
  openToWrite: (path) => guard(`open ${path} to write`, () => openToWrite(path)),
  readFile: (path) => guard(`read ${path}`, () => new Uint8Array(readFileSync(path))),
  list: (path) => guard(`list ${path}`, () => readdirSync(path).sort()),
  stat(path) {
    const stat = guard(`stat ${path}`, () => statSync(path, { throwIfNoEntry: false }));
    if (stat === undefined) return undefined;
    return { sizeBytes: stat.size, isDirectory: stat.isDirectory(), modifiedMs: stat.mtimeMs };
  },
  makeDirectory: (path) => guard(`create ${path}`, () => void mkdirSync(path, { recursive: true })),
  writeFileAtomic: (path, bytes) => guard(`write ${path}`, () => writeAtomic(path, bytes)),
  append: (path, bytes) => guard(`append to ${path}`, () => appendFileSync(path, bytes)),
  rename: (path, newPath) => guard(`rename ${path}`, () => renameSync(path, newPath)),
  link: (path, newPath) => guard(`link ${path} as ${newPath}`, () => linkSync(path, newPath)),
  remove: (path) => guard(`remove ${path}`, () => rmSync(path, { recursive: true, force: true })),
  removeEmptyDirectory: (path) => guard(`remove ${path}`, () => removeEmptyDirectory(path)),
  syncDirectory: (path) => guard(`sync directory ${path}`, () => syncDirectory(path)),
  freeBytes(path) {
    const { bavail, bsize } = guard(`ask for the room of ${path}`, () => statfsSync(path));
    return bavail * bsize;
  },
  diskBytes(path) {
    const { blocks, bsize } = guard(`ask for the room of ${path}`, () => statfsSync(path));
    return blocks * bsize;
  },
  lock: (path) => guard(`lock ${path}`, () => lockFile(path)),
};

function openFile(path: string): ReadableFile {
  const descriptor = openSync(path, 'r');
  const sizeBytes = fstatSync(descriptor).size;
  return {
    path,
    sizeBytes,
    read(target, offset) {
      let done = 0;
      while (done < target.length) {
        const got = readSync(descriptor, target, done, target.length - done, offset + done);
        if (got === 0) throw shortRead(path, offset, target.length, done);
        done += got;
      }
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

function openToWrite(path: string): WritableFile {
  const descriptor = openSync(path, 'a');
  let { size } = fstatSync(descriptor);
  return {
    path,
    get sizeBytes() {
      return size;
    },
    write(bytes) {
      for (let done = 0; done < bytes.length; ) {
        const left = bytes.length - done;
        const written = guard(`write ${left} bytes at offset ${size} of ${path}`, () =>
          writeSync(descriptor, bytes, done, left),
        );
        done += written;
        size += written;
      }
    },
    truncate(sizeBytes) {
      guard(`cut ${path} to ${sizeBytes} bytes`, () => ftruncateSync(descriptor, sizeBytes));
      size = sizeBytes;
    },
    sync: () => guard(`sync ${path}`, () => fsyncSync(descriptor)),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

function shortRead(path: string, offset: number, want: number, got: number): OperationError {
  const message = `cannot read ${want} bytes at offset ${offset} of ${path}: it ends after ${got}`;
  return new OperationError('corrupt', message);
}

function writeAtomic(path: string, bytes: Uint8Array): void {
  const draft = `${path}.tmp`;
  const descriptor = openSync(draft, 'w');
  try {
    let done = 0;
    while (done < bytes.length) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, path);
  syncDirectory(dirname(path));
}

function removeEmptyDirectory(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    const code = (error as { readonly code?: string }).code ?? '';
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) return false;
    throw error;
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function guard<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof OperationError) throw error;
    const code = (error as { readonly code?: string }).code;
    const kind = code === 'ENOENT' || code === 'ENOTDIR' ? 'not-found' : 'unavailable';
    throw new OperationError(kind, `cannot ${what}`, { cause: error });
  }
}

import { OperationError } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';

/** Files by path, for tests that damage them. Only what readers need. */
export function memoryFiles(files: ReadonlyMap<string, Uint8Array>): FileSystem {
  const find = (path: string): Uint8Array => {
    const bytes = files.get(path);
    if (bytes === undefined) throw new OperationError('not-found', `cannot open ${path}`);
    return bytes;
  };
  const readOnly = (): never => {
    throw new OperationError('unavailable', 'these files are read only');
  };
  return {
    open(path) {
      const bytes = find(path);
      return {
        path,
        sizeBytes: bytes.length,
        read(target, offset) {
          const piece = bytes.subarray(offset, offset + target.length);
          if (piece.length < target.length) {
            throw new OperationError('corrupt', `cannot read ${path}: it ends too early`);
          }
          target.set(piece);
        },
        [Symbol.dispose]: () => undefined,
      };
    },
    readFile: (path) => Uint8Array.from(find(path)),
    list(path) {
      const names = [...files.keys()]
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1).split('/')[0] as string);
      if (names.length === 0) throw new OperationError('not-found', `cannot list ${path}`);
      return [...new Set(names)].sort();
    },
    stat(path) {
      const bytes = files.get(path);
      if (bytes === undefined) return undefined;
      return { sizeBytes: bytes.length, isDirectory: false, modifiedMs: 0 };
    },
    openToWrite: readOnly,
    makeDirectory: readOnly,
    writeFileAtomic: readOnly,
    append: readOnly,
    rename: readOnly,
    link: readOnly,
    remove: readOnly,
    removeEmptyDirectory: readOnly,
    syncDirectory: readOnly,
    freeBytes: () => 0,
    diskBytes: () => 0,
    lock: readOnly,
  };
}

/**
 * Files in memory that fail as real ones do, under one seed: the disk gets full in the middle of a write, the process
 * is killed in the middle of any operation, power is lost and with it what was not fsynced, bits flip.
 */
import { OperationError } from '../errors.ts';
import type { FileLock, FileSystem, ReadableFile, WritableFile } from '../file-system.ts';
import type { Random } from '../random.ts';
import { DirectoryNode, FileNode, type Node, usedBytes } from './faulty-disk.ts';

/** Thrown by the operation in which the process dies, and by all after it. No code may catch it and go on. */
export class SimulatedDeath extends Error {}

export class FaultyFiles implements FileSystem {
  /** What the files may take together. */
  capacityBytes: number = Number.POSITIVE_INFINITY;
  /** Called before every operation that changes something; what it throws is thrown. */
  onChange: (operation: string, path: string) => void = () => undefined;
  readonly #random: Random;
  readonly #root = new DirectoryNode();
  readonly #locks = new Set<string>();
  #changes = 0;
  #deathAt = Number.POSITIVE_INFINITY;
  #isDead = false;
  #life = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Changing operations so far. */
  get changes(): number {
    return this.#changes;
  }

  /** The process died in an operation, even if whoever asked for it has swallowed that. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** The process dies in the given changing operation from now on, 1 being the next. */
  dieIn(changes: number): void {
    this.#deathAt = this.#changes + changes;
  }

  /** The next process: handles of the one before are of no use any more. */
  restart(after: 'kill' | 'loss of power'): void {
    this.#life++;
    this.#locks.clear();
    this.#isDead = false;
    this.#deathAt = Number.POSITIVE_INFINITY;
    if (after === 'loss of power') this.#root.losePower(this.#random);
  }

  flipBit(path: string, bit: number): void {
    const { bytes } = this.#file(path);
    bytes[bit >>> 3] = (bytes[bit >>> 3] as number) ^ (1 << (bit & 7));
  }

  open(path: string): ReadableFile {
    const file = this.#file(path);
    const life = this.#life;
    return {
      path,
      sizeBytes: file.size,
      read: (target, offset) => {
        this.#checkLife(life);
        const piece = file.bytes.subarray(offset, offset + target.length);
        if (piece.length < target.length) {
          const what = `${target.length} bytes at offset ${offset} of ${path}`;
          throw new OperationError('corrupt', `cannot read ${what}: it ends before`);
        }
        target.set(piece);
      },
      [Symbol.dispose]: () => undefined,
    };
  }

  openToWrite(path: string): WritableFile {
    this.#change('open', path);
    const file = this.#fileToWrite(path);
    const life = this.#life;
    return {
      path,
      get sizeBytes() {
        return file.size;
      },
      write: (bytes) => {
        this.#checkLife(life);
        this.#write(path, file, bytes);
      },
      truncate: (sizeBytes) => {
        this.#checkLife(life);
        this.#change('truncate', path);
        file.truncate(sizeBytes);
      },
      sync: () => {
        this.#checkLife(life);
        this.#change('sync', path);
        file.sync();
      },
      [Symbol.dispose]: () => undefined,
    };
  }

  readFile(path: string): Uint8Array {
    return this.#file(path).bytes.slice();
  }

  list(path: string): readonly string[] {
    const node = this.#find(path);
    if (node?.kind !== 'directory') throw notFound('list', path);
    return node.names;
  }

  stat(path: string): ReturnType<FileSystem['stat']> {
    const node = this.#find(path);
    if (node === undefined) return undefined;
    const isDirectory = node.kind === 'directory';
    return { sizeBytes: isDirectory ? 0 : node.size, isDirectory, modifiedMs: node.modified };
  }

  makeDirectory(path: string): void {
    this.#change('make', path);
    let node = this.#root;
    for (const name of parts(path)) {
      const next = node.get(name) ?? new DirectoryNode();
      if (next.kind === 'file') throw unavailable('make directory', path, 'ENOTDIR');
      if (node.get(name) === undefined) node.change({ name, node: next });
      node = next;
    }
  }

  writeFileAtomic(path: string, bytes: Uint8Array): void {
    const draft = `${path}.tmp`;
    this.remove(draft);
    const file = this.openToWrite(draft);
    file.write(bytes);
    file.sync();
    this.rename(draft, path);
    this.syncDirectory(path.slice(0, path.lastIndexOf('/')));
  }

  append(path: string, bytes: Uint8Array): void {
    this.openToWrite(path).write(bytes);
  }

  rename(path: string, newPath: string): void {
    this.#change('rename', path);
    const node = this.#find(path);
    if (node === undefined) throw notFound('rename', path);
    const former = this.#find(newPath);
    if (former?.kind === 'directory' && former.names.length > 0) {
      throw unavailable('rename', `${path} to ${newPath}`, 'ENOTEMPTY');
    }
    const [from, to] = [this.#directoryOf(path), this.#directoryOf(newPath)];
    const gone = { name: lastPart(path), node: undefined };
    const come = { name: lastPart(newPath), node };
    if (from === to) from.change(gone, come);
    else {
      to.change(come);
      from.change(gone);
    }
  }

  link(path: string, newPath: string): void {
    this.#change('link', path);
    if (this.#find(newPath) !== undefined) throw unavailable('link', newPath, 'EEXIST');
    this.#directoryOf(newPath).change({ name: lastPart(newPath), node: this.#file(path) });
  }

  remove(path: string): void {
    const node = this.#find(path);
    if (node === undefined) return;
    if (node.kind === 'directory') for (const name of node.names) this.remove(`${path}/${name}`);
    this.#change('remove', path);
    this.#directoryOf(path).change({ name: lastPart(path), node: undefined });
  }

  removeEmptyDirectory(path: string): boolean {
    const node = this.#find(path);
    if (node?.kind !== 'directory' || node.names.length > 0) return false;
    this.remove(path);
    return true;
  }

  syncDirectory(path: string): void {
    this.#change('sync directory', path);
    const node = this.#find(path);
    if (node?.kind !== 'directory') throw notFound('sync directory', path);
    node.sync();
  }

  diskBytes(): number {
    return this.capacityBytes;
  }

  freeBytes(): number {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return this.capacityBytes;
    return Math.max(0, this.capacityBytes - usedBytes(this.#root));
  }

  lock(path: string): FileLock {
    const wasLeft = this.#find(path) !== undefined;
    if (this.#locks.has(path)) throw unavailable('take the lock', path, 'it is held');
    this.openToWrite(path);
    this.#locks.add(path);
    return {
      wasLeft,
      [Symbol.dispose]: () => {
        if (!this.#locks.delete(path)) return;
        this.remove(path);
      },
    };
  }

  #write(path: string, file: FileNode, bytes: Uint8Array): void {
    const room = this.freeBytes();
    const isDeath = this.#changes + 1 === this.#deathAt;
    if (isDeath) file.add(bytes.subarray(0, Math.floor(this.#random.next() * (bytes.length + 1))));
    this.#change('write', path);
    file.modified = this.#changes;
    file.add(bytes.subarray(0, room));
    if (room < bytes.length) throw unavailable(`write ${bytes.length} bytes to`, path, 'ENOSPC');
  }

  #change(operation: string, path: string): void {
    this.#checkLife(this.#life);
    this.#changes++;
    this.#isDead = this.#changes === this.#deathAt;
    this.#checkLife(this.#life);
    this.onChange(operation, path);
  }

  #checkLife(life: number): void {
    if (this.#isDead || life !== this.#life) throw new SimulatedDeath('the process is dead');
  }

  #find(path: string): Node | undefined {
    this.#checkLife(this.#life);
    let node: Node | undefined = this.#root;
    for (const name of parts(path)) node = node?.kind === 'directory' ? node.get(name) : undefined;
    return node;
  }

  #file(path: string): FileNode {
    const node = this.#find(path);
    if (node?.kind !== 'file') throw notFound('open', path);
    return node;
  }

  #fileToWrite(path: string): FileNode {
    const node = this.#find(path) ?? new FileNode();
    if (node.kind === 'directory') throw unavailable('open', path, 'EISDIR');
    if (this.#find(path) === undefined) {
      this.#directoryOf(path).change({ name: lastPart(path), node });
    }
    return node;
  }

  #directoryOf(path: string): DirectoryNode {
    const node = this.#find(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    if (node?.kind !== 'directory') throw notFound('find the directory of', path);
    return node;
  }
}

function parts(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function notFound(verb: string, path: string): OperationError {
  return new OperationError('not-found', `cannot ${verb} ${path}`);
}

function unavailable(verb: string, path: string, code: string): OperationError {
  return new OperationError('unavailable', `cannot ${verb} ${path}: ${code}`);
}

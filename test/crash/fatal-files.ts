/** The machine's files, in one operation of which the process is killed, or which betray the storage in a chosen way. */
import { writeSync } from 'node:fs';
import { OperationError } from '../../src/base/errors.ts';
import type { FileSystem, WritableFile } from '../../src/base/file-system.ts';
import type { Random } from '../../src/base/random.ts';
import { realFileSystem } from '../../src/world/file-system.ts';
import { type Operation, type Phase, phaseOf } from './phases.ts';

/** Ways in which files can lie, each of which the run must notice. */
export const SABOTAGES = [
  'hold-back-last-write',
  'empty-checkpoint',
  'lose-block',
  'ignore-tombstones',
] as const;
type Sabotage = (typeof SABOTAGES)[number];

export interface Fate {
  /** kill -9 in this operation of the phase, counted from 1. */
  readonly death?: { readonly phase: Phase; readonly operation: number } | undefined;
  readonly sabotage?: Sabotage | undefined;
  /** The disk is full for this many bytes of writes out of every `period`. */
  readonly full?: { readonly bytes: number; readonly period: number } | undefined;
  /** A file that fills a real disk now and then. */
  readonly filler?: string | undefined;
}

export class FatalFiles {
  readonly files: FileSystem;
  /** How many there were in each phase. */
  readonly operations: Partial<Record<Phase, number>> = {};
  readonly #random: Random;
  readonly #fate: Fate;
  #written = 0;

  constructor(random: Random, fate: Fate) {
    this.#random = random;
    this.#fate = fate;
    const real = realFileSystem;
    this.files = {
      ...real,
      openToWrite: (path) => this.#openToWrite(path),
      makeDirectory: (path) => this.#act('make directory', path, () => real.makeDirectory(path)),
      writeFileAtomic: (path, bytes) => {
        if (fate.sabotage === 'ignore-tombstones' && path.endsWith('/tombstones')) return;
        this.#checkRoom(path, bytes.length);
        this.#act('write', path, () => real.writeFileAtomic(path, bytes));
      },
      append: (path, bytes) => {
        this.#checkRoom(path, bytes.length);
        this.#act('write', path, () => real.append(path, bytes));
      },
      rename: (path, newPath) =>
        this.#act('rename', newPath, () => {
          real.rename(path, newPath);
          if (fate.sabotage !== undefined) betray(fate.sabotage, newPath);
        }),
      link: (path, newPath) => this.#act('link', newPath, () => real.link(path, newPath)),
      remove: (path) => this.#act('remove', path, () => real.remove(path)),
      syncDirectory: (path) => this.#act('sync directory', path, () => real.syncDirectory(path)),
    };
  }

  #openToWrite(path: string): WritableFile {
    if (this.#isFatal('open', path)) die();
    const file = realFileSystem.openToWrite(path);
    return holdBack(file, {
      write: (bytes) => {
        this.#checkRoom(path, bytes.length);
        if (this.#isFatal('write', path)) {
          const length = Math.floor(this.#random.next() * (bytes.length + 1));
          file.write(bytes.subarray(0, length));
          die();
        }
        file.write(bytes);
      },
      truncate: (size) => this.#act('truncate', path, () => file.truncate(size)),
      sync: () => this.#act('sync', path, () => file.sync()),
      isHoldingBack: this.#fate.sabotage === 'hold-back-last-write' && /\/wal\/\d{8}$/.test(path),
    });
  }

  /** Where the process dies in it, it was done or not. */
  #act(operation: Operation, path: string, act: () => void): void {
    const isDeath = this.#isFatal(operation, path);
    if (!isDeath || this.#random.next() < 0.5) act();
    if (isDeath) die();
  }

  #isFatal(operation: Operation, path: string): boolean {
    const phase = phaseOf(operation, path);
    if (phase === undefined) return false;
    const seen = (this.operations[phase] ?? 0) + 1;
    this.operations[phase] = seen;
    const { death } = this.#fate;
    return death?.phase === phase && death.operation === seen;
  }

  #checkRoom(path: string, length: number): void {
    this.#written += length;
    const { full } = this.#fate;
    if (full === undefined || this.#written % full.period > full.bytes) return;
    throw new OperationError('unavailable', `cannot write ${length} bytes to ${path}: ENOSPC`);
  }
}

/** Ends the process as kill -9 does: nothing more of it runs. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

function betray(sabotage: Sabotage, path: string): void {
  const isCheckpoint = /\/checkpoint\.\d+$/.test(path);
  if (sabotage === 'empty-checkpoint' && isCheckpoint) {
    for (const name of realFileSystem.list(path)) {
      using file = realFileSystem.openToWrite(`${path}/${name}`);
      file.truncate(0);
    }
  }
  if (sabotage === 'lose-block' && /\/[0-9A-Z]{26}$/.test(path)) realFileSystem.remove(path);
}

interface Hooks extends Pick<WritableFile, 'write' | 'truncate' | 'sync'> {
  /** The newest write reaches the file only with the next one. */
  readonly isHoldingBack: boolean;
}

function holdBack(file: WritableFile, hooks: Hooks): WritableFile {
  let held = new Uint8Array();
  const release = (): void => {
    const bytes = held;
    held = new Uint8Array();
    if (bytes.length > 0) hooks.write(bytes);
  };
  return {
    path: file.path,
    get sizeBytes() {
      return file.sizeBytes + held.length;
    },
    write(bytes) {
      release();
      if (hooks.isHoldingBack) held = bytes.slice();
      else hooks.write(bytes);
    },
    truncate(size) {
      release();
      hooks.truncate(size);
    },
    sync() {
      release();
      hooks.sync();
    },
    [Symbol.dispose]() {
      release();
      file[Symbol.dispose]();
    },
  };
}

/** A line to the parent that is there even when the process is killed in the next instant. */
export function tell(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let done = 0; done < bytes.length; ) done += writeSync(1, bytes, done);
}

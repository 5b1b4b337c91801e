/** A real disk that is small: a tmpfs, where one may be mounted, and a file that takes its room away and gives it back. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '../../src/base/random.ts';

const SIZE = '8m';
/** The disk becomes full before so many of the batches. */
const FILLS_A_BATCH = 1 / 10;
const LEFT_BYTES_MAX = 30_000;

export class Tmpfs implements Disposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Undefined where this process may not mount. */
  static mount(): Tmpfs | undefined {
    const path = mkdtempSync(join(tmpdir(), 'crash-tmpfs-'));
    const args = ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', path];
    if (spawnSync('mount', args).status === 0) return new Tmpfs(path);
    rmSync(path, { recursive: true });
    return undefined;
  }

  [Symbol.dispose](): void {
    spawnSync('umount', [this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}

export class Filler {
  readonly #path: string;
  readonly #random: Random;

  constructor(path: string, random: Random) {
    this.#path = path;
    this.#random = random;
  }

  /** Now and then leaves hardly any room. */
  maybeFill(): void {
    if (this.#random.next() >= FILLS_A_BATCH) return;
    this.release();
    writeFileSync(this.#path, '');
    const { bavail, bsize } = statfsSync(this.#path);
    const left = Math.floor(this.#random.next() * LEFT_BYTES_MAX);
    writeFileSync(this.#path, new Uint8Array(Math.max(0, bavail * bsize - left)));
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

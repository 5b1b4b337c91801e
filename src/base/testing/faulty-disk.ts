/**
 * What a disk holds and what of it would survive: a tree of directories and files, each with its state now and the one
 * that was last fsynced. A loss of power keeps, of what was not synced, any first part of a directory's changes and
 * any sectors of a file's; a killed process loses nothing.
 */
import type { Random } from '../random.ts';

const SECTOR_BYTES = 512;

export type Node = FileNode | DirectoryNode;

export class FileNode {
  readonly kind = 'file';
  modified = 0;
  #bytes = new Uint8Array();
  #size = 0;
  #synced = new Uint8Array();

  get size(): number {
    return this.#size;
  }

  /** Valid until the next change. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  add(bytes: Uint8Array): void {
    const size = this.#size + bytes.length;
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#size);
    this.#size = size;
  }

  truncate(size: number): void {
    this.#bytes = this.#bytes.slice(0, Math.min(size, this.#size));
    this.#size = this.#bytes.length;
  }

  sync(): void {
    this.#synced = this.bytes.slice();
  }

  /** Each sector changed since the last sync is as it is or as it was: zeros, where the file did not reach it. */
  losePower(random: Random): void {
    const now = this.bytes.slice();
    const before = this.#synced;
    const least = Math.min(before.length, now.length);
    const most = Math.max(before.length, now.length);
    const size = least + Math.floor(random.next() * (most - least + 1));
    const kept = new Uint8Array(size);
    for (let at = 0; at < size; at += SECTOR_BYTES) {
      const end = Math.min(size, at + SECTOR_BYTES);
      const old = before.subarray(at, end);
      const fresh = now.subarray(at, end);
      const isSame = old.length === fresh.length && old.every((byte, i) => byte === fresh[i]);
      kept.set(isSame || random.next() < 0.6 ? fresh : old, at);
    }
    this.#bytes = kept;
    this.#size = size;
    this.#synced = kept.slice();
  }
}

export interface NameChange {
  readonly name: string;
  /** Undefined when the name goes. */
  readonly node: Node | undefined;
}

export class DirectoryNode {
  readonly kind = 'directory';
  modified = 0;
  readonly #names = new Map<string, Node>();
  #synced = new Map<string, Node>();
  #changes: (readonly NameChange[])[] = [];

  get names(): readonly string[] {
    return [...this.#names.keys()].sort();
  }

  get(name: string): Node | undefined {
    return this.#names.get(name);
  }

  /** All of the changes survive or none. */
  change(...changes: readonly NameChange[]): void {
    for (const change of changes) put(this.#names, change);
    this.#changes.push(changes);
  }

  sync(): void {
    this.#synced = new Map(this.#names);
    this.#changes = [];
  }

  losePower(random: Random): void {
    const kept = Math.floor(random.next() * (this.#changes.length + 1));
    for (const change of this.#changes.slice(0, kept).flat()) put(this.#synced, change);
    this.#names.clear();
    for (const [name, node] of this.#synced) {
      this.#names.set(name, node);
      node.losePower(random);
    }
    this.#changes = [];
  }
}

function put(names: Map<string, Node>, { name, node }: NameChange): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

/** Bytes of all files below. */
export function usedBytes(node: Node): number {
  if (node.kind === 'file') return node.size;
  return node.names.reduce((sum, name) => {
    const child = node.get(name);
    return child === undefined ? sum : sum + usedBytes(child);
  }, 0);
}

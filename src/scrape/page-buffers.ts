/**
 * Memory for the pages that are being fetched or appended, shared with the thread that appends them: used again and
 * again, since new memory for each page costs more than reading the page. V8 would also collect its heap for it.
 */
import type { BodyPlace } from '../transport/placed-body.ts';

/** Kept beyond what is in use. */
const FREE_BYTES_MAX = 64 << 20;
const PIECE_BYTES_MIN = 16 << 10;

export class PageBuffers {
  /** Pieces by their size, which is a power of two. */
  readonly #free = new Map<number, Uint8Array<SharedArrayBuffer>[]>();
  #freeBytes = 0;

  /** A place for the body of one page. */
  lease(bytesMax: number, tooLong: () => Error): PageLease {
    return new PageLease(this, bytesMax, tooLong);
  }

  take(bytes: number): Uint8Array<SharedArrayBuffer> {
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, PIECE_BYTES_MIN)));
    const piece = this.#free.get(size)?.pop();
    if (piece === undefined) return new Uint8Array(new SharedArrayBuffer(size));
    this.#freeBytes -= size;
    return piece;
  }

  giveBack(piece: Uint8Array<SharedArrayBuffer>): void {
    if (this.#freeBytes + piece.length > FREE_BYTES_MAX) return;
    this.#freeBytes += piece.length;
    const others = this.#free.get(piece.length);
    if (others === undefined) this.#free.set(piece.length, [piece]);
    else others.push(piece);
  }
}

/** The memory of one page. */
export class PageLease implements BodyPlace {
  readonly bytesMax: number;
  readonly tooLong: () => Error;
  readonly #buffers: PageBuffers;
  readonly #pieces: Uint8Array<SharedArrayBuffer>[] = [];

  constructor(buffers: PageBuffers, bytesMax: number, tooLong: () => Error) {
    this.#buffers = buffers;
    this.bytesMax = bytesMax;
    this.tooLong = tooLong;
  }

  room(bytes: number): Uint8Array {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.length >= bytes) return last;
    const piece = this.#buffers.take(bytes);
    this.#pieces.push(piece);
    return piece;
  }

  /** Nobody reads the page any more. */
  release(): void {
    for (const piece of this.#pieces.splice(0)) this.#buffers.giveBack(piece);
  }
}

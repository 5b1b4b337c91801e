/**
 * Messages packed into slabs that move from thread to thread, as plain data:
 *
 *   bytes: │ message 0 │ message 1 │ …      places: [start and end of message 0, start and end of message 1, …]
 *
 * Slabs come back and are used again: new memory costs a page fault every 4 KiB. They are not shared between
 * threads, for copies from and to shared memory are several times slower.
 */
import type { ReceiveMemory } from '../transport/grpc.ts';

export interface FrameBatch {
  readonly bytes: ArrayBuffer;
  readonly places: readonly number[];
}

const SLAB_BYTES = 1 << 20;
const KEPT_SLABS_MAX = 48;

export class SlabPool {
  readonly #kept: ArrayBuffer[] = [];

  take(sizeBytes: number): ArrayBuffer {
    if (sizeBytes > SLAB_BYTES) return new ArrayBuffer(sizeBytes);
    return this.#kept.pop() ?? new ArrayBuffer(SLAB_BYTES);
  }

  /** Nobody may read or write the slabs any more. */
  giveBack(slabs: readonly ArrayBuffer[]): void {
    for (const slab of slabs) {
      const isKept = slab.byteLength === SLAB_BYTES && this.#kept.length < KEPT_SLABS_MAX;
      if (isKept) this.#kept.push(slab);
    }
  }
}

/** Receives the messages of one stream, and keeps those that are added. */
export class FramePacker implements ReceiveMemory {
  readonly #pool: SlabPool;
  readonly #batches: { readonly bytes: ArrayBuffer; readonly places: number[] }[] = [];
  #slab: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;

  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  take(sizeBytes: number): Uint8Array {
    if (this.#slab === undefined || this.#used + sizeBytes > this.#slab.length) {
      this.#slab = new Uint8Array(this.#pool.take(sizeBytes));
      this.#batches.push({ bytes: this.#slab.buffer, places: [] });
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += sizeBytes;
    return this.#slab.subarray(start, this.#used);
  }

  /** A message that was not received in memory of `take` is copied. */
  add(message: Uint8Array): void {
    let own = message;
    if (message.buffer !== this.#slab?.buffer) {
      own = this.take(message.length);
      own.set(message);
    }
    const places = this.#batches.at(-1)?.places;
    places?.push(own.byteOffset, own.byteOffset + own.length);
  }

  get batches(): readonly FrameBatch[] {
    return this.#batches;
  }
}

/** The messages, as views of their batches. */
export function* framesOf(batches: readonly FrameBatch[]): Generator<Uint8Array> {
  for (const { bytes, places } of batches) {
    for (let i = 0; i < places.length; i += 2) {
      const start = places[i] as number;
      yield new Uint8Array(bytes, start, (places[i + 1] as number) - start);
    }
  }
}

/**
 * Messages packed into buffers that move from thread to thread, as plain data:
 *
 *   bytes: │ message 0 │ message 1 │ …      ends: [end of message 0, end of message 1, …]
 */
export interface FrameBatch {
  readonly bytes: ArrayBuffer;
  readonly ends: readonly number[];
}

const BATCH_BYTES = 1 << 20;
/** A message as large that has a buffer of its own moves with it instead of being copied. */
const MOVED_BYTES = 32 << 10;

export class FramePacker {
  #batches: FrameBatch[] = [];
  #bytes = new Uint8Array(0);
  #used = 0;
  #ends: number[] = [];
  #totalBytes = 0;

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** The message's memory may be moved away: it is not to be used any more. */
  add(message: Uint8Array): void {
    this.#totalBytes += message.length;
    const { buffer, length } = message;
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === length;
    if (isWhole && length >= MOVED_BYTES) {
      this.#close();
      this.#batches.push({ bytes: buffer, ends: [length] });
      return;
    }
    if (this.#used + length > this.#bytes.length) {
      const wanted = Math.min(BATCH_BYTES, Math.max(16 << 10, this.#totalBytes));
      this.#close();
      this.#bytes = new Uint8Array(Math.max(wanted, length));
    }
    this.#bytes.set(message, this.#used);
    this.#used += length;
    this.#ends.push(this.#used);
  }

  take(): FrameBatch[] {
    this.#close();
    const taken = this.#batches;
    this.#batches = [];
    return taken;
  }

  #close(): void {
    if (this.#ends.length > 0) this.#batches.push({ bytes: this.#bytes.buffer, ends: this.#ends });
    this.#bytes = new Uint8Array(0);
    this.#used = 0;
    this.#ends = [];
  }
}

/** The messages, as views of their batches. */
export function* framesOf(batches: readonly FrameBatch[]): Generator<Uint8Array> {
  for (const { bytes, ends } of batches) {
    let start = 0;
    for (const end of ends) {
      yield new Uint8Array(bytes, start, end - start);
      start = end;
    }
  }
}

/**
 * Memory of messages that is used again when all of them have been sent. New memory for every answer would make the
 * garbage collector walk the whole heap once a query: two fifths of a sidecar's time.
 */
const SLAB_BYTES = 1 << 20;
/** Less is not worth a whole slab. */
const LEAST_BYTES = 1 << 16;
const KEPT_MAX = 16;

interface Use {
  readonly slab: Uint8Array;
  /** Messages in it that have not been sent yet. */
  messages: number;
  isFilled: boolean;
}

export class SendSlabs {
  readonly #kept: Uint8Array[] = [];
  /** Slabs whose messages are never sent, because their call ended, go with their buffers. */
  readonly #uses = new WeakMap<ArrayBufferLike, Use>();

  /** At least so many bytes, to be filled with messages. */
  take(sizeBytes: number): Uint8Array {
    if (sizeBytes < LEAST_BYTES || sizeBytes > SLAB_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
    const slab = this.#kept.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#uses.set(slab.buffer, { slab, messages: 0, isFilled: false });
    return slab;
  }

  /** A message lies in the slab. */
  hold(slab: Uint8Array): void {
    const use = this.#uses.get(slab.buffer);
    if (use !== undefined) use.messages++;
  }

  /** No other message will be put into the slab, and nobody reads it but for its messages. */
  filled(slab: Uint8Array): void {
    const use = this.#uses.get(slab.buffer);
    if (use === undefined) return;
    use.isFilled = true;
    this.#keep(use);
  }

  /** A message has been sent: once for each that was held. */
  sent(message: Uint8Array): void {
    const use = this.#uses.get(message.buffer);
    if (use === undefined) return;
    use.messages--;
    this.#keep(use);
  }

  #keep(use: Use): void {
    if (!use.isFilled || use.messages > 0) return;
    this.#uses.delete(use.slab.buffer);
    if (this.#kept.length < KEPT_MAX) this.#kept.push(use.slab);
  }
}

/**
 * Messages in the DATA of a stream, in pieces that know nothing of messages:
 *
 *   is compressed: u8 │ length: u32 BE │ message: length bytes
 */
import { OperationError } from '../base/errors.ts';
import type { ReceiveMemory } from './grpc.ts';

const HEADER_BYTES = 5;
/** A larger message gets its memory as its bytes arrive: a declared length alone allocates no more than this. */
const TRUSTED_BYTES = 4 << 20;

export interface ReceivedFrame {
  readonly isCompressed: boolean;
  /** May be a view of the received piece, unless there is memory for messages. */
  readonly bytes: Uint8Array;
}

const OWN_MEMORY: ReceiveMemory = { take: (sizeBytes) => Buffer.allocUnsafeSlow(sizeBytes) };

/** Puts frames together. A message within one piece may be a view of it; any other is copied once. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #memory: ReceiveMemory;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #message: Uint8Array | undefined;
  #filled = 0;
  #length = 0;

  constructor(maxBytes: number, memory: ReceiveMemory = OWN_MEMORY) {
    this.#maxBytes = maxBytes;
    this.#memory = memory;
  }

  /** Frames completed by the piece. Throws OperationError 'limit' or 'internal' (a malformed header). */
  push(piece: Uint8Array): ReceivedFrame[] {
    const frames: ReceivedFrame[] = [];
    let at = 0;
    while (at < piece.length) {
      if (this.#message === undefined) {
        at = this.#readHeader(piece, at);
        if (this.#headerBytes < HEADER_BYTES) break;
        const end = at + this.#length;
        if (end <= piece.length && this.#memory === OWN_MEMORY) {
          frames.push(this.#finish(piece.subarray(at, end)));
          at = end;
          continue;
        }
        this.#message = this.#memory.take(Math.min(this.#length, TRUSTED_BYTES));
        this.#filled = 0;
      }
      const part = piece.subarray(at, at + this.#length - this.#filled);
      this.#append(part);
      at += part.length;
      if (this.#filled === this.#length) frames.push(this.#finish(this.#message));
    }
    return frames;
  }

  /** Whether the stream would end within a frame. */
  get isPartial(): boolean {
    return this.#headerBytes > 0;
  }

  #readHeader(piece: Uint8Array, from: number): number {
    let at = from;
    while (at < piece.length && this.#headerBytes < HEADER_BYTES) {
      this.#header[this.#headerBytes++] = piece[at++] as number;
    }
    if (this.#headerBytes < HEADER_BYTES) return at;
    this.#length = this.#header.readUInt32BE(1);
    const flag = this.#header[0] as number;
    if (flag > 1) {
      throw new OperationError('internal', `malformed gRPC frame: its first byte is ${flag}`);
    }
    if (this.#length > this.#maxBytes) {
      const what = `received message larger than max (${this.#length} vs. ${this.#maxBytes})`;
      throw new OperationError('limit', what);
    }
    return at;
  }

  #append(part: Uint8Array): void {
    const needed = this.#filled + part.length;
    let message = this.#message as Uint8Array;
    if (needed > message.length) {
      const grown = this.#memory.take(Math.min(this.#length, Math.max(needed, message.length * 2)));
      grown.set(message.subarray(0, this.#filled));
      message = grown;
      this.#message = grown;
    }
    message.set(part, this.#filled);
    this.#filled = needed;
  }

  #finish(bytes: Uint8Array): ReceivedFrame {
    this.#headerBytes = 0;
    this.#message = undefined;
    return { isCompressed: this.#header[0] === 1, bytes };
  }
}

export function frameHeader(length: number, isCompressed: boolean): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = isCompressed ? 1 : 0;
  header.writeUInt32BE(length, 1);
  return header;
}

/**
 * Cuts the body of a streamed remote read answer into frames, as the pieces of it arrive:
 *
 *   ┌──────────────┬─────────────────────────┬────────────────────┐
 *   │ size uvarint │ CRC-32C of payload u32BE │ payload size bytes │ …
 *   └──────────────┴─────────────────────────┴────────────────────┘
 *
 * A frame that lies whole in one piece is handed on in place; only one that crosses pieces is put together
 * in a buffer of its own. Source: the specification of remote read, "Streamed chunks".
 */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../base/errors.ts';

/** The limit that Prometheus' own reader has. */
export const FRAME_BYTES_MAX = 50_000_000;

const CRC_BYTES = 4;
const UVARINT_BYTES_MAX = 10;
const EXCERPT_BYTES = 200;

/** Called with a checked payload: valid until the call returns. */
export type FrameListener = (bytes: Uint8Array, start: number, end: number) => void;

export class FrameReader {
  readonly #onFrame: FrameListener;
  readonly #limitBytes: number;
  /** The beginning of a frame whose rest has not come yet. */
  #carry = new Uint8Array(1 << 16);
  #carried = 0;
  #frames = 0;

  constructor(onFrame: FrameListener, limitBytes: number = FRAME_BYTES_MAX) {
    this.#onFrame = onFrame;
    this.#limitBytes = limitBytes;
  }

  /** Frames delivered so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Takes the next piece of the body. Throws OperationError 'corrupt' naming the frame and the fault. */
  push(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#carried > 0) {
        at += this.#topUp(bytes, at, end);
        continue;
      }
      const payload = this.#payloadStart(bytes, at, end);
      const frameEnd = payload < 0 ? end + 1 : payload + this.#size;
      if (frameEnd > end) {
        this.#keep(bytes, at, end, Math.max(payload - at, 0) + this.#size);
        return;
      }
      this.#deliver(bytes, payload, frameEnd);
      at = frameEnd;
    }
  }

  /** The body has ended. Throws OperationError 'corrupt' when it did in the middle of a frame. */
  end(): void {
    if (this.#carried === 0) return;
    const payload = this.#payloadStart(this.#carry, 0, this.#carried);
    const whole = payload < 0 ? 'its header' : `${payload + this.#size} bytes`;
    const message = `the stream ends in frame ${this.#frames}, after ${this.#carried} of ${whole}`;
    throw this.#corrupt(message, this.#carry.subarray(0, this.#carried));
  }

  /** Payload size of the header that #payloadStart read last. */
  #size = 0;

  /** Where the payload of the frame at an offset begins; -1 while its header is not whole. */
  #payloadStart(bytes: Uint8Array, start: number, end: number): number {
    let size = 0;
    let factor = 1;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      size += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) {
        this.#checkSize(size, bytes.subarray(start, end));
        this.#size = size;
        return at + 1 + CRC_BYTES <= end ? at + 1 + CRC_BYTES : -1;
      }
      if (at - start === UVARINT_BYTES_MAX - 1)
        this.#checkSize(Infinity, bytes.subarray(start, end));
    }
    this.#size = 0;
    return -1;
  }

  #checkSize(size: number, found: Uint8Array): void {
    if (size > 0 && size <= this.#limitBytes) return;
    const claim = `frame ${this.#frames} claims ${size} bytes`;
    throw this.#corrupt(`${claim}, at most ${this.#limitBytes} are read`, found);
  }

  #keep(bytes: Uint8Array, start: number, end: number, wholeBytes: number): void {
    this.#reserve(Math.max(wholeBytes, end - start));
    this.#carry.set(bytes.subarray(start, end));
    this.#carried = end - start;
  }

  /** Moves what is missing of the carried frame; delivers it when it is whole. Returns the bytes taken. */
  #topUp(bytes: Uint8Array, start: number, end: number): number {
    const payload = this.#payloadStart(this.#carry, 0, this.#carried);
    const missing = payload < 0 ? 1 : payload + this.#size - this.#carried;
    const taken = Math.min(missing, end - start);
    this.#reserve(this.#carried + missing);
    this.#carry.set(bytes.subarray(start, start + taken), this.#carried);
    this.#carried += taken;
    const known = payload < 0 ? this.#payloadStart(this.#carry, 0, this.#carried) : payload;
    if (known >= 0 && this.#carried === known + this.#size) {
      this.#carried = 0;
      this.#deliver(this.#carry, known, known + this.#size);
    }
    return taken;
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#carry.length) return;
    const larger = new Uint8Array(Math.max(sizeBytes, 2 * this.#carry.length));
    larger.set(this.#carry.subarray(0, this.#carried));
    this.#carry = larger;
  }

  #deliver(bytes: Uint8Array, payload: number, end: number): void {
    const at = payload - CRC_BYTES;
    const stored =
      (((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number)) >>>
      0;
    const body = bytes.subarray(payload, end);
    const found = crc32c(body);
    if (found !== stored) {
      const sums = `checksum ${hex(stored)} is stored, ${hex(found)} found`;
      throw this.#corrupt(`frame ${this.#frames} of ${end - payload} bytes: ${sums}`, body);
    }
    this.#onFrame(bytes, payload, end);
    this.#frames++;
  }

  /** Prometheus reports a failure in mid-stream as plain text in place of the next frame: show it. */
  #corrupt(message: string, found: Uint8Array): OperationError {
    const text = Buffer.from(found.subarray(0, EXCERPT_BYTES)).toString('utf8').trim();
    const readable = text.length > 3 && !/[^\n\t\x20-\x7e]/.test(text);
    return new OperationError('corrupt', readable ? `${message}; it reads "${text}"` : message);
  }
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/**
 * Remote read's STREAMED_XOR_CHUNKS: frames of prometheus.ChunkedReadResponse (proto/prometheus/remote.proto).
 *
 *   size: uvarint │ CRC32C of the payload: u32 BE │ payload: size bytes
 */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../base/errors.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import type { TextCache } from './text-cache.ts';
import type { WireChunk, WireSeries } from './wire-series.ts';
import { readLabel, toLabels } from './wire-series.ts';

const SIZE_BYTES_MAX = 5;
const CRC_BYTES = 4;

export interface ChunkedReadResponse {
  readonly series: readonly WireSeries[];
  readonly queryIndex: number;
}

/** Cuts a stream of bytes into the payloads of its frames. */
export class ChunkedFrameReader {
  readonly #sizeMaxBytes: number;
  /** What has arrived of the current frame, in pieces. */
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** Bytes of the whole current frame, 0 while its size is not known. */
  #wanted = 0;
  #offset = 0;

  /** @param sizeMaxBytes largest payload accepted; nothing is allocated for a larger one. */
  constructor(sizeMaxBytes: number) {
    this.#sizeMaxBytes = sizeMaxBytes;
  }

  /** Payloads completed by these bytes; they may share memory with them. Throws OperationError 'corrupt'. */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    let rest = bytes;
    while (rest.length > 0) {
      const missing = this.#missing();
      if (rest.length < missing) {
        this.#hold(rest);
        return;
      }
      this.#hold(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      if (this.#wanted === 0) this.#readSize();
      if (this.#wanted !== 0 && this.#held === this.#wanted) yield this.#takePayload();
    }
  }

  /** To be called at the end of the stream. Throws OperationError 'corrupt' when it ends within a frame. */
  finish(): void {
    if (this.#held === 0) return;
    throw this.#corrupt(`the stream ends after ${this.#held} bytes of it`);
  }

  /** A size is read byte by byte; then the rest of the frame is wanted as a whole. */
  #missing(): number {
    return this.#wanted === 0 ? 1 : this.#wanted - this.#held;
  }

  #hold(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#held += piece.length;
  }

  #readSize(): void {
    const header = this.#joined();
    if ((header[header.length - 1] as number) >= 0x80) {
      if (header.length === SIZE_BYTES_MAX) throw this.#corrupt('its size is malformed');
      return;
    }
    const size = header.reduce((sum, byte, i) => sum + (byte & 0x7f) * 2 ** (7 * i), 0);
    if (size > this.#sizeMaxBytes) {
      throw this.#corrupt(`it declares ${size} bytes, ${this.#sizeMaxBytes} allowed`);
    }
    this.#wanted = header.length + CRC_BYTES + size;
  }

  #takePayload(): Uint8Array {
    const frame = this.#joined();
    let start = 0;
    while ((frame[start++] as number) >= 0x80);
    const stored = new DataView(frame.buffer, frame.byteOffset + start).getUint32(0);
    const payload = frame.subarray(start + CRC_BYTES);
    if (crc32c(payload) !== stored) throw this.#corrupt('its checksum does not match');
    this.#pieces = [];
    this.#offset += this.#held;
    this.#held = 0;
    this.#wanted = 0;
    return payload;
  }

  /** The pieces as one; a frame that arrived at once is not copied. */
  #joined(): Uint8Array {
    const first = this.#pieces[0];
    if (first !== undefined && this.#pieces.length === 1) return first;
    const joined = this.#adjacent() ?? Buffer.concat(this.#pieces, this.#held);
    this.#pieces = [joined];
    return joined;
  }

  #adjacent(): Uint8Array | undefined {
    const [first] = this.#pieces;
    if (first === undefined) return undefined;
    let end = first.byteOffset;
    for (const { buffer, byteOffset, length } of this.#pieces) {
      if (buffer !== first.buffer || byteOffset !== end) return undefined;
      end += length;
    }
    return new Uint8Array(first.buffer, first.byteOffset, this.#held);
  }

  #corrupt(why: string): OperationError {
    const where = `the remote-read frame at offset ${this.#offset}`;
    return new OperationError('corrupt', `cannot read ${where}: ${why}`);
  }
}

/** @throws OperationError 'corrupt'. Chunks refer to the payload's bytes. */
export function decodeChunkedReadResponse(
  payload: Uint8Array,
  texts: TextCache,
): ChunkedReadResponse {
  const reader = new ProtobufReader('prometheus.ChunkedReadResponse', payload);
  const series: WireSeries[] = [];
  let queryIndex = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) series.push(readChunkedSeries(reader, texts));
    else if (field === 2) queryIndex = reader.int64();
    else reader.skip();
  }
  return { series, queryIndex };
}

function readChunkedSeries(reader: ProtobufReader, texts: TextCache): WireSeries {
  const outer = reader.enter();
  const pairs: string[] = [];
  const chunks: WireChunk[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) readLabel(reader, texts, pairs);
    else if (field === 2) chunks.push(readChunk(reader));
    else reader.skip();
  }
  reader.leave(outer);
  return { labels: toLabels(pairs), chunks };
}

function readChunk(reader: ProtobufReader): WireChunk {
  const outer = reader.enter();
  const { bytes } = reader;
  let minTime = 0;
  let maxTime = 0;
  let encoding = 0;
  let offset = reader.at;
  let length = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) minTime = reader.int64();
    else if (field === 2) maxTime = reader.int64();
    else if (field === 3) encoding = reader.int64();
    else if (field === 4) {
      const dataOuter = reader.enter();
      offset = reader.at;
      length = reader.end - offset;
      reader.leave(dataOuter);
    } else reader.skip();
  }
  reader.leave(outer);
  return { minTime, maxTime, aggregate: 'raw', encoding, bytes, offset, length };
}

/**
 * Frames of a streamed remote read answer: prometheus.ChunkedReadResponse (proto/prometheus/remote.proto), one series
 * or a part of one each. Source: the specification of remote read, "Streamed chunks".
 *
 *   ┌──────────────┬──────────────────────────┬────────────────────┐
 *   │ size uvarint │ CRC-32C of payload u32BE │ payload size bytes │ …
 *   └──────────────┴──────────────────────────┴────────────────────┘
 */
import { crc32c } from '@node-rs/crc32';
import type { Labels } from '../model/labels.ts';
import { ReverseWriter } from './reverse-writer.ts';
import { varintBytes, writeVarint } from './varint.ts';

export interface FrameChunk {
  /** Inclusive milliseconds. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly encoding: number;
  readonly data: Uint8Array;
}

const CRC_BYTES = 4;

export class ChunkedReadWriter {
  readonly #writer = new ReverseWriter();
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;

  /** Bytes of the frames that have not been taken yet. */
  get length(): number {
    return this.#bytes;
  }

  add(labels: Labels, chunks: readonly FrameChunk[], queryIndex: number): void {
    const writer = this.#writer;
    if (queryIndex > 0) {
      writer.varint(queryIndex);
      writer.varint(0x10);
    }
    for (let i = chunks.length - 1; i >= 0; i--) this.#chunk(chunks[i] as FrameChunk);
    for (let i = labels.length - 2; i >= 0; i -= 2) {
      this.#label(labels[i] as string, labels[i + 1] as string);
    }
    // All that was written but the query's index lies in the series.
    writer.header(0x0a, queryIndex > 0 ? 1 + varintBytes(queryIndex) : 0);
    this.#frame(writer.take());
  }

  /** All frames so far, in one buffer of its own. */
  take(): Uint8Array {
    const taken = Buffer.concat(this.#frames.splice(0));
    this.#bytes = 0;
    return taken;
  }

  #chunk({ minTime, maxTime, encoding, data }: FrameChunk): void {
    const writer = this.#writer;
    const before = writer.length;
    writer.raw(data);
    writer.varint(data.length);
    writer.varint(0x22);
    writer.varint(encoding);
    writer.varint(0x18);
    writer.int64(maxTime);
    writer.varint(0x10);
    writer.int64(minTime);
    writer.varint(0x08);
    writer.header(0x12, before);
  }

  #label(name: string, value: string): void {
    const writer = this.#writer;
    const before = writer.length;
    writer.text(value);
    writer.header(0x12, before);
    const middle = writer.length;
    writer.text(name);
    writer.header(0x0a, middle);
    writer.header(0x0a, before);
  }

  #frame(payload: Uint8Array): void {
    const start = varintBytes(payload.length);
    const header = Buffer.allocUnsafe(start + CRC_BYTES);
    writeVarint(header, 0, payload.length);
    header.writeUInt32BE(crc32c(payload), start);
    this.#frames.push(header, payload);
    this.#bytes += header.length + payload.length;
  }
}

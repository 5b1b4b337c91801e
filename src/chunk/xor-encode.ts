/** Encoder of XOR chunks, to the bit as Prometheus writes them. Source: docs/formats/chunks.md. */
import { assert } from '../base/assert.ts';
import { BitWriter, XorWindow } from './bit-writer.ts';

const SAMPLES_MAX = 65535;

export interface SampleSlice {
  /** Milliseconds, ascending. */
  readonly times: Float64Array;
  /** The values' bits as pairs of 32-bit halves, the lower one first. */
  readonly words: Uint32Array;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The data of one chunk (without length, encoding and CRC) that holds the samples from start to end. */
export function encodeXorChunk({ times, words, start, end }: SampleSlice): Uint8Array {
  const count = end - start;
  assert(count > 0 && count <= SAMPLES_MAX, `a chunk of ${count} samples`);
  const writer = new BitWriter(16 + count * 4);
  writer.bits(count, 16);
  const value = new XorWindow();
  let time = times[start] as number;
  let delta = 0;
  writer.varint(time);
  value.first(writer, words[2 * start + 1] as number, words[2 * start] as number);
  for (let i = start + 1; i < end; i++) {
    const next = (times[i] as number) - time;
    time = times[i] as number;
    if (i === start + 1) writer.uvarint(next);
    else writeChange(writer, next - delta);
    delta = next;
    value.next(writer, words[2 * i + 1] as number, words[2 * i] as number);
  }
  return writer.finish();
}

/** Change of the time delta: 1, 16, 20, 24 or 68 bits. */
function writeChange(writer: BitWriter, change: number): void {
  if (change === 0) writer.bits(0, 1);
  else if (change > -8192 && change <= 8192) writer.prefixed(0b10, 2, change, 14);
  else if (change > -65536 && change <= 65536) writer.prefixed(0b110, 3, change, 17);
  else if (change > -524288 && change <= 524288) writer.prefixed(0b1110, 4, change, 20);
  else {
    writer.bits(0b1111, 4);
    writer.int64(change);
  }
}

/** Encoder of XOR chunks, to the bit as Prometheus writes them. Source: docs/formats/chunks.md. */
import { assert } from '../base/assert.ts';

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
  const writer = new BitWriter(16 + count * 19);
  writer.bits(count, 16);
  const value: ValueState = { high: 0, low: 0, leading: -1, trailing: 0 };
  let time = times[start] as number;
  let delta = 0;
  writer.varint(time);
  value.high = words[2 * start + 1] as number;
  value.low = words[2 * start] as number;
  writer.bits(value.high, 32);
  writer.bits(value.low, 32);
  for (let i = start + 1; i < end; i++) {
    const next = (times[i] as number) - time;
    time = times[i] as number;
    if (i === start + 1) writer.uvarint(next);
    else writeChange(writer, next - delta);
    delta = next;
    writeValue(writer, value, words[2 * i + 1] as number, words[2 * i] as number);
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
    writer.bits(Math.floor(change / 4294967296) >>> 0, 32);
    writer.bits(modulo32(change), 32);
  }
}

interface ValueState {
  high: number;
  low: number;
  /** −1 until there is a window of significant bits. */
  leading: number;
  trailing: number;
}

function writeValue(writer: BitWriter, state: ValueState, high: number, low: number): void {
  const changedHigh = (state.high ^ high) >>> 0;
  const changedLow = (state.low ^ low) >>> 0;
  state.high = high;
  state.low = low;
  if (changedHigh === 0 && changedLow === 0) {
    writer.bits(0, 1);
    return;
  }
  // Five bits hold at most 31 leading zeros.
  const leading = Math.min(31, changedHigh === 0 ? 32 : Math.clz32(changedHigh));
  const trailing = changedLow === 0 ? 32 + trailingZeros(changedHigh) : trailingZeros(changedLow);
  if (state.leading >= 0 && leading >= state.leading && trailing >= state.trailing) {
    writer.bits(0b10, 2);
  } else {
    state.leading = leading;
    state.trailing = trailing;
    writer.bits(0b11, 2);
    writer.bits(leading, 5);
    writer.bits((64 - leading - trailing) & 63, 6);
  }
  const size = 64 - state.leading - state.trailing;
  const shift = state.trailing;
  if (shift >= 32) writer.bits(changedHigh >>> (shift - 32), size);
  else {
    const carried = shift === 0 ? 0 : changedHigh << (32 - shift);
    if (size > 32) writer.bits(changedHigh >>> shift, size - 32);
    writer.bits(((changedLow >>> shift) | carried) >>> 0, Math.min(size, 32));
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function modulo32(value: number): number {
  return ((value % 4294967296) + 4294967296) % 4294967296;
}

/** Each byte from its highest bit on. */
class BitWriter {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
  }

  /** The low `count` bits (at most 32) of a number. */
  bits(value: number, count: number): void {
    let left = count;
    while (left > 0) {
      const room = 8 - (this.#at & 7);
      const take = Math.min(room, left);
      const piece = (value >>> (left - take)) & ((1 << take) - 1);
      const byte = this.#at >>> 3;
      this.#bytes[byte] = (this.#bytes[byte] as number) | (piece << (room - take));
      this.#at += take;
      left -= take;
    }
  }

  prefixed(prefix: number, prefixBits: number, value: number, valueBits: number): void {
    this.bits(prefix, prefixBits);
    this.bits(value, valueBits);
  }

  uvarint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.bits((rest % 128) | 128, 8);
      rest = Math.floor(rest / 128);
    }
    this.bits(rest, 8);
  }

  /** Zigzag. */
  varint(value: number): void {
    this.uvarint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, (this.#at + 7) >>> 3);
  }
}

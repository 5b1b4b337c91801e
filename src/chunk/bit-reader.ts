/**
 * Bit streams of chunks other than XOR ones: each byte from its highest bit on. Integers come back as
 * doubles, exact up to 2^53.
 */
import { OperationError } from '../base/errors.ts';

const VARBIT_SIZES = [0, 3, 6, 9, 12, 18, 25, 56, 64] as const;

export class BitReader {
  readonly #data: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(data: Uint8Array, startByte: number) {
    this.#data = data;
    this.#end = data.length * 8;
    this.#at = startByte * 8;
  }

  get bitsLeft(): number {
    return this.#end - this.#at;
  }

  /** An unsigned number of at most 32 bits. */
  bits(count: number): number {
    if (this.#at + count > this.#end) throw this.corrupt('it ends in the middle of a sample');
    let result = 0;
    let left = count;
    while (left > 0) {
      const room = 8 - (this.#at & 7);
      const take = Math.min(room, left);
      const piece = ((this.#data[this.#at >>> 3] as number) >>> (room - take)) & ((1 << take) - 1);
      result = result * (1 << take) + piece;
      this.#at += take;
      left -= take;
    }
    return result;
  }

  /** How many 1 bits come before a 0, at most `most`; reads the 0, except after the most. */
  ones(most: number): number {
    let count = 0;
    while (count < most && this.bits(1) === 1) count++;
    return count;
  }

  /** A double from 64 bits. Only for values whose NaN payload does not matter. */
  double(): number {
    return doubleOf(this.bits(32), this.bits(32));
  }

  /** 64 bits as a signed integer. */
  int64(): number {
    return toSigned(this.bits(32), this.bits(32));
  }

  varbitInt(): number {
    const size = VARBIT_SIZES[this.ones(8)] as number;
    if (size === 0) return 0;
    if (size === 64) return this.int64();
    if (size <= 32) {
      const value = this.bits(size);
      // 2^(n−1) itself is positive, unlike in two's complement.
      return value > 2 ** (size - 1) ? value - 2 ** size : value;
    }
    const high = this.bits(24);
    const low = this.bits(32);
    const negative = high > 0x800000 || (high === 0x800000 && low > 0);
    return toSigned(negative ? high | 0xff000000 : high, low);
  }

  varbitUint(): number {
    const size = VARBIT_SIZES[this.ones(8)] as number;
    if (size <= 32) return size === 0 ? 0 : this.bits(size);
    const high = this.bits(size - 32);
    return high * 4294967296 + this.bits(32);
  }

  /** Seven bits a byte, little end first. */
  uvarint(): number {
    return Number(this.#uvarint());
  }

  /** Zigzag. */
  varint(): number {
    const bits = this.#uvarint();
    return Number((bits & 1n) === 0n ? bits >> 1n : -(bits >> 1n) - 1n);
  }

  #uvarint(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bits(8);
      result |= BigInt(byte & 127) << shift;
      if (byte < 128) return result;
    }
    throw this.corrupt('it holds a varint of more than 10 bytes');
  }

  corrupt(what: string): OperationError {
    const place = `byte ${this.#at >>> 3} of ${this.#data.length}`;
    return new OperationError('corrupt', `the chunk is damaged at ${place}: ${what}`);
  }
}

/** A value and its window of significant bits, as the XOR code of values keeps them. */
export class XorValue {
  high: number;
  low: number;
  #leading = 0;
  #size = 64;

  constructor(high: number, low: number) {
    this.high = high;
    this.low = low;
  }

  get number(): number {
    return doubleOf(this.high, this.low);
  }

  /** `0` same, `10` difference in the last window, `11` new window and difference. */
  read(reader: BitReader): void {
    if (reader.bits(1) === 0) return;
    if (reader.bits(1) === 1) this.readWindow(reader);
    this.readDifference(reader);
  }

  readWindow(reader: BitReader): void {
    this.#leading = reader.bits(5);
    this.#size = reader.bits(6) || 64;
    if (this.#leading + this.#size > 64) {
      throw reader.corrupt(`a window of ${this.#size} bits after ${this.#leading} zero bits`);
    }
  }

  readDifference(reader: BitReader): void {
    const trailing = 64 - this.#leading - this.#size;
    const high = this.#size > 32 ? reader.bits(this.#size - 32) : 0;
    const low = reader.bits(Math.min(this.#size, 32));
    if (trailing >= 32) {
      this.high = (this.high ^ (low << (trailing - 32))) >>> 0;
    } else {
      const carried = trailing === 0 ? 0 : low >>> (32 - trailing);
      this.high = (this.high ^ ((high << trailing) | carried)) >>> 0;
      this.low = (this.low ^ (low << trailing)) >>> 0;
    }
  }
}

const scratch = new DataView(new ArrayBuffer(8));

function doubleOf(high: number, low: number): number {
  scratch.setUint32(0, high);
  scratch.setUint32(4, low);
  return scratch.getFloat64(0);
}

function toSigned(high: number, low: number): number {
  return (high | 0) * 4294967296 + low;
}

/** Reads the numbers and texts of indexes, tombstones and records of a write-ahead log from bytes in memory. */
import { OperationError } from '../base/errors.ts';

export class ByteCursor {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;

  constructor(bytes: Buffer, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    this.#need(1);
    return this.bytes[this.at++] as number;
  }

  u32(): number {
    this.#need(4);
    this.at += 4;
    return this.bytes.readUInt32BE(this.at - 4);
  }

  /** Big-endian; above 2^53 it is refused. */
  u64(): number {
    const high = this.u32();
    return this.#exact(high * 4294967296 + this.u32());
  }

  /** Two's complement; the nearest double. */
  i64(): number {
    const high = this.u32();
    return (high | 0) * 4294967296 + this.u32();
  }

  f64(): number {
    this.#need(8);
    this.at += 8;
    return this.bytes.readDoubleBE(this.at - 8);
  }

  /** Seven bits a byte, little end first; above 2^53 it is refused. */
  uvarint(): number {
    const { bytes } = this;
    let at = this.at;
    const limit = Math.min(this.end, at + 4);
    let result = 0;
    for (let shift = 0; at < limit; shift += 7) {
      const byte = bytes[at++] as number;
      result |= (byte & 127) << shift;
      if (byte < 128) {
        this.at = at;
        return result;
      }
    }
    return this.#longUvarint();
  }

  #longUvarint(): number {
    return this.#exact(this.nearUvarint());
  }

  /** The same, but above 2^53 the nearest double. */
  nearUvarint(): number {
    let result = 0;
    for (let i = 0, scale = 1; i < 10; i++, scale *= 128) {
      const byte = this.u8();
      result += (byte & 127) * scale;
      if (byte < 128) return result;
    }
    throw new OperationError('corrupt', 'a varint has more than 10 bytes');
  }

  /** Zigzag. */
  varint(): number {
    const bits = this.uvarint();
    return bits % 2 === 0 ? bits / 2 : -(bits + 1) / 2;
  }

  /** Zigzag; the nearest double. */
  nearVarint(): number {
    const bits = this.nearUvarint();
    return bits % 2 === 0 ? bits / 2 : -(bits + 1) / 2;
  }

  /** A length as uvarint, then as many bytes of UTF-8. */
  text(): string {
    const length = this.uvarint();
    this.#need(length);
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  skipText(): void {
    const length = this.uvarint();
    this.#need(length);
    this.at += length;
  }

  #need(count: number): void {
    if (count > this.end - this.at) {
      const message = `${count} bytes are wanted where ${this.end - this.at} are left`;
      throw new OperationError('corrupt', message);
    }
  }

  #exact(value: number): number {
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    throw new OperationError('corrupt', `the number ${value} is out of range`);
  }
}

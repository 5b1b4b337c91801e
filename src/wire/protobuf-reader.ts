/**
 * A cursor over the fields of an encoded protobuf message, for the hot codecs: nothing is copied. Each step checks
 * the end of the innermost message, so that no length, however wrong, leads outside or asks for memory.
 */
import { OperationError } from '../base/errors.ts';

export const VARINT = 0;
export const FIXED64 = 1;
const DELIMITED = 2;
const GROUP_START = 3;
const GROUP_END = 4;
const FIXED32 = 5;
const GROUP_DEPTH_MAX = 100;

export class ProtobufReader {
  readonly bytes: Uint8Array;
  readonly #what: string;
  #at: number;
  #end: number;
  #tag = 0;

  /** @param what the message's full name, for errors. */
  constructor(what: string, bytes: Uint8Array, start: number = 0, end: number = bytes.length) {
    this.#what = what;
    this.bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  /** The bytes of the next message of a stream in which each is preceded by its length; undefined at the end. */
  nextDelimited(): Uint8Array | undefined {
    if (this.#at >= this.#end) return undefined;
    const length = this.uint32();
    this.#need(length);
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  /** Moves to the next field: its number, or 0 at the end of the message. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    this.#tag = this.uint32();
    const field = this.#tag >>> 3;
    if (field === 0) throw this.corrupt('field number 0');
    return field;
  }

  /**
   * Enters the message, bytes or text of the current field and returns what leave() takes; the reader's end is the
   * field's until then.
   */
  enter(): number {
    this.expect(DELIMITED);
    const length = this.uint32();
    const outer = this.#end;
    if (length > outer - this.#at) throw this.corrupt(`a field of ${length} bytes is cut off`);
    this.#end = this.#at + length;
    return outer;
  }

  /** Where the entered field ends. */
  get end(): number {
    return this.#end;
  }

  leave(outer: number): void {
    this.#at = this.#end;
    this.#end = outer;
  }

  /** The bytes of the current field, without copying. */
  range(): Uint8Array {
    const outer = this.enter();
    const range = this.bytes.subarray(this.#at, this.#end);
    this.leave(outer);
    return range;
  }

  /** Throws unless the current field has the wire type. */
  expect(wireType: number): void {
    if ((this.#tag & 7) !== wireType) {
      throw this.corrupt(`field ${this.#tag >>> 3} has wire type ${this.#tag & 7}`);
    }
  }

  /** A varint cut to 32 bits. */
  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw this.corrupt('a varint is cut off');
      const byte = this.bytes[this.#at++] as number;
      if (shift < 35) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw this.corrupt('a varint has more than ten bytes');
  }

  /** An int64 varint as the nearest double. */
  int64(): number {
    this.expect(VARINT);
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw this.corrupt('a varint is cut off');
      const byte = this.bytes[this.#at++] as number;
      const part = byte & 0x7f;
      if (shift < 28) low |= part << shift;
      else if (shift === 28) {
        low |= part << 28;
        high |= part >>> 4;
      } else high |= part << (shift - 32);
      if (byte < 0x80) return high * 4294967296 + (low >>> 0);
    }
    throw this.corrupt('a varint has more than ten bytes');
  }

  /** Copies the eight bytes of a double, whose bits stay as they are (a stale marker is a NaN with a payload). */
  copyDouble(target: Uint8Array, offset: number): void {
    this.expect(FIXED64);
    this.#need(8);
    for (let i = 0; i < 8; i++) target[offset + i] = this.bytes[this.#at + i] as number;
    this.#at += 8;
  }

  /** Calls back for the current element of a repeated number, or for each of them when they are packed. */
  forEach(wireType: typeof VARINT | typeof FIXED64, read: () => void): void {
    if ((this.#tag & 7) !== DELIMITED) {
      read();
      return;
    }
    const tag = this.#tag;
    const outer = this.enter();
    this.#tag = (tag & ~7) | wireType;
    while (this.#at < this.#end) read();
    this.#tag = tag;
    this.leave(outer);
  }

  /** Passes over the current field. */
  skip(): void {
    this.#skipValue(this.#tag & 7, 0);
  }

  corrupt(why: string): OperationError {
    const what = `${this.#what} of ${this.bytes.length} bytes at offset ${this.#at}`;
    return new OperationError('corrupt', `cannot decode ${what}: ${why}`);
  }

  #skipValue(wireType: number, depth: number): void {
    if (wireType === VARINT) this.uint32();
    else if (wireType === FIXED64) this.#skipBytes(8);
    else if (wireType === DELIMITED) this.#skipBytes(this.uint32());
    else if (wireType === FIXED32) this.#skipBytes(4);
    else if (wireType === GROUP_START && depth < GROUP_DEPTH_MAX) this.#skipGroup(depth + 1);
    else throw this.corrupt(`unexpected wire type ${wireType}`);
  }

  #skipGroup(depth: number): void {
    for (;;) {
      const wireType = this.uint32() & 7;
      if (wireType === GROUP_END) return;
      this.#skipValue(wireType, depth);
    }
  }

  #skipBytes(count: number): void {
    this.#need(count);
    this.#at += count;
  }

  #need(count: number): void {
    if (count > this.#end - this.#at) throw this.corrupt(`${count} bytes are cut off`);
  }
}

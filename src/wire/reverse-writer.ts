/**
 * Writes protobuf from the last field to the first: the length of what lies inside a message is known when its
 * header is written, without measuring it before.
 */
const START_BYTES = 65536;

export class ReverseWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(START_BYTES);
  #at = START_BYTES;

  /** Bytes written so far: the difference of two is the length of what was written between them. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** What was written, in an own buffer; the writer is empty afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.length);
    taken.set(this.#bytes.subarray(this.#at));
    this.#at = this.#bytes.length;
    return taken;
  }

  varint(value: number): void {
    this.#reserve(5);
    const size = value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : sizeAbove(value);
    this.#at -= size;
    let at = this.#at;
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[at++] = (rest & 0x7f) | 0x80;
    this.#bytes[at] = rest;
  }

  /** An int64 varint; what lies beyond int64 becomes its nearest end. */
  int64(value: number): void {
    if (value >= 0 && value < 4294967296) {
      this.varint(value);
      return;
    }
    this.#reserve(10);
    const isAbove = value >= 2 ** 63;
    let low = isAbove ? 0xffffffff : value >>> 0;
    let high = isAbove ? 0x7fffffff : Math.floor(Math.max(value, -(2 ** 63)) / 4294967296) >>> 0;
    const digits: number[] = [];
    for (;;) {
      const digit = low & 0x7f;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
      digits.push(digit);
      if (low === 0 && high === 0) break;
    }
    this.#at -= digits.length;
    const at = this.#at;
    for (let i = 0; i < digits.length; i++) {
      this.#bytes[at + i] = (digits[i] as number) | (i < digits.length - 1 ? 0x80 : 0);
    }
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#at -= bytes.length;
    this.#bytes.set(bytes, this.#at);
  }

  /** UTF-8. */
  text(text: string): void {
    const { length } = text;
    this.#reserve(length * 3);
    const bytes = this.#bytes;
    const start = this.#at - length;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        this.#at -= Buffer.byteLength(text);
        bytes.write(text, this.#at, 'utf8');
        return;
      }
      bytes[start + i] = unit;
    }
    this.#at = start;
  }

  /** Closes a length-delimited field whose content began at the given length. */
  header(tag: number, lengthBefore: number): void {
    this.varint(this.length - lengthBefore);
    this.varint(tag);
  }

  #reserve(count: number): void {
    if (count <= this.#at) return;
    const used = this.length;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, used + count));
    grown.set(this.#bytes.subarray(this.#at), grown.length - used);
    this.#at = grown.length - used;
    this.#bytes = grown;
  }
}

function sizeAbove(value: number): number {
  return value < 0x10000000 ? 4 : 5;
}

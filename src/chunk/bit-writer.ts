/** Bit streams of chunks, the other way round than bit-reader.ts: each byte from its highest bit on. */

const VARBIT_SIZES = [3, 6, 9, 12, 18, 25, 56, 64] as const;
const TWO_32 = 4294967296;

export class BitWriter {
  #bytes: Uint8Array;
  #at = 0;

  /** @param sizeBytes what it begins with; it grows. */
  constructor(sizeBytes: number) {
    this.#bytes = new Uint8Array(sizeBytes);
  }

  /** Bytes that are begun. */
  get length(): number {
    return (this.#at + 7) >>> 3;
  }

  /** The low `count` bits (at most 32) of a number. */
  bits(value: number, count: number): void {
    if (this.#at + count > 8 * this.#bytes.length) this.#grow();
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

  /** Writes over a whole byte that is there already. */
  setByte(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  prefixed(prefix: number, prefixBits: number, value: number, valueBits: number): void {
    this.bits(prefix, prefixBits);
    this.bits(value, valueBits);
  }

  /** A double; a NaN may lose its payload. */
  double(value: number): void {
    scratch.setFloat64(0, value);
    this.bits(scratch.getUint32(0), 32);
    this.bits(scratch.getUint32(4), 32);
  }

  /** A whole number as 64 bits of two's complement. */
  int64(value: number): void {
    this.bits(Math.floor(value / TWO_32) >>> 0, 32);
    this.bits(modulo32(value), 32);
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

  /** A signed number: ones that tell the size, a zero, two's complement. */
  varbitInt(value: number): void {
    if (value === 0) {
      this.bits(0, 1);
      return;
    }
    // 2^(n−1) itself is positive, unlike in two's complement.
    let i = 0;
    while (i < 7 && !(value > -half(i) && value <= half(i))) i++;
    this.#varbit(i, value);
  }

  varbitUint(value: number): void {
    if (value === 0) {
      this.bits(0, 1);
      return;
    }
    let i = 0;
    while (i < 7 && value >= 2 ** (VARBIT_SIZES[i] as number)) i++;
    this.#varbit(i, value);
  }

  #varbit(i: number, value: number): void {
    if (i === 7) this.bits(0xff, 8);
    else this.bits((1 << (i + 2)) - 2, i + 2);
    const size = VARBIT_SIZES[i] as number;
    if (size > 32) this.bits(Math.floor(value / TWO_32), size - 32);
    this.bits(size > 32 ? modulo32(value) : value, Math.min(size, 32));
  }

  /** A copy of all that was written, the last byte filled up with zeros. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length + 16);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** A value and its window of significant bits, as the XOR code of values keeps them. */
export class XorWindow {
  #high = 0;
  #low = 0;
  /** −1 until there is a window. */
  #leading = -1;
  #trailing = 0;

  first(writer: BitWriter, high: number, low: number): void {
    this.#high = high;
    this.#low = low;
    writer.bits(high, 32);
    writer.bits(low, 32);
  }

  next(writer: BitWriter, high: number, low: number): void {
    const changedHigh = (this.#high ^ high) >>> 0;
    const changedLow = (this.#low ^ low) >>> 0;
    this.#high = high;
    this.#low = low;
    if (changedHigh === 0 && changedLow === 0) {
      writer.bits(0, 1);
      return;
    }
    this.#writeWindow(writer, changedHigh, changedLow);
    const size = 64 - this.#leading - this.#trailing;
    const shift = this.#trailing;
    if (shift >= 32) writer.bits(changedHigh >>> (shift - 32), size);
    else {
      const carried = shift === 0 ? 0 : changedHigh << (32 - shift);
      if (size > 32) writer.bits(changedHigh >>> shift, size - 32);
      writer.bits(((changedLow >>> shift) | carried) >>> 0, Math.min(size, 32));
    }
  }

  firstDouble(writer: BitWriter, value: number): void {
    scratch.setFloat64(0, value);
    this.first(writer, scratch.getUint32(0), scratch.getUint32(4));
  }

  nextDouble(writer: BitWriter, value: number): void {
    scratch.setFloat64(0, value);
    this.next(writer, scratch.getUint32(0), scratch.getUint32(4));
  }

  /** `10` when the change lies in the last window, else `11` and a new one. */
  #writeWindow(writer: BitWriter, changedHigh: number, changedLow: number): void {
    // Five bits hold at most 31 leading zeros.
    const leading = Math.min(31, changedHigh === 0 ? 32 : Math.clz32(changedHigh));
    const trailing = changedLow === 0 ? 32 + trailingZeros(changedHigh) : trailingZeros(changedLow);
    if (this.#leading >= 0 && leading >= this.#leading && trailing >= this.#trailing) {
      writer.bits(0b10, 2);
      return;
    }
    this.#leading = leading;
    this.#trailing = trailing;
    writer.bits(0b11, 2);
    writer.bits(leading, 5);
    writer.bits((64 - leading - trailing) & 63, 6);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

function half(i: number): number {
  return 2 ** ((VARBIT_SIZES[i] as number) - 1);
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function modulo32(value: number): number {
  return ((value % TWO_32) + TWO_32) % TWO_32;
}

/**
 * Finds the parts of a ChunkedReadResponse without decoding them: where each label, each chunk's times and
 * its data lie. Labels and chunks of the series it came to last; the bytes stay where they are.
 *
 *   ChunkedReadResponse: 1 chunked_series*, 2 query_index      Chunk: 1 min_time_ms, 2 max_time_ms,
 *   ChunkedSeries: 1 labels*, 2 chunks*                               3 type, 4 data
 */
import { OperationError } from '../base/errors.ts';

/** Offsets of one label: the whole field with its key, the name, the value. */
export const LABEL_WORDS = 6;
/** Offsets of one chunk: the fields of min and max time with their keys, the type's number, the data. */
export const CHUNK_WORDS = 7;

const LENGTH_DELIMITED = 2;

export class ChunkedSeries {
  /** LABEL_WORDS offsets a label: field start and end, name start and end, value start and end. */
  labels: Int32Array<ArrayBuffer> = new Int32Array(32 * LABEL_WORDS);
  labelCount = 0;
  /** CHUNK_WORDS a chunk: min time start and end, max time start and end, type, data start and end. */
  chunks: Int32Array<ArrayBuffer> = new Int32Array(64 * CHUNK_WORDS);
  chunkCount = 0;
  /** Which query of the request the series answers. */
  queryIndex = 0;
  #at = 0;

  /**
   * Calls back for each series of the message bytes[start, end). Throws OperationError 'corrupt' naming the
   * offset where the bytes are not such a message.
   */
  parse(bytes: Uint8Array, start: number, end: number, onSeries: () => void): void {
    this.queryIndex = this.#findQueryIndex(bytes, start, end);
    this.#at = start;
    while (this.#at < end) {
      const key = this.#varint(bytes, end);
      if (key === 0x0a) {
        const inner = this.#length(bytes, end);
        this.#parseSeries(bytes, inner);
        onSeries();
      } else this.#skip(bytes, end, key);
    }
  }

  /** The index comes after the series on the wire, but decides what to do with them. */
  #findQueryIndex(bytes: Uint8Array, start: number, end: number): number {
    let index = 0;
    this.#at = start;
    while (this.#at < end) {
      const key = this.#varint(bytes, end);
      if (key === 0x10) index = this.#varint(bytes, end);
      else this.#skip(bytes, end, key);
    }
    return index;
  }

  #parseSeries(bytes: Uint8Array, end: number): void {
    this.labelCount = 0;
    this.chunkCount = 0;
    while (this.#at < end) {
      const fieldStart = this.#at;
      const key = this.#varint(bytes, end);
      if (key === 0x0a) this.#parseLabel(bytes, fieldStart, this.#length(bytes, end));
      else if (key === 0x12) this.#parseChunk(bytes, this.#length(bytes, end));
      else this.#skip(bytes, end, key);
    }
  }

  #parseLabel(bytes: Uint8Array, fieldStart: number, end: number): void {
    const words = (this.labels = roomFor(this.labels, this.labelCount, LABEL_WORDS));
    const base = this.labelCount++ * LABEL_WORDS;
    words.fill(end, base, base + LABEL_WORDS);
    words[base] = fieldStart;
    while (this.#at < end) {
      const key = this.#varint(bytes, end);
      if (key === 0x0a || key === 0x12) {
        const inner = this.#length(bytes, end);
        const slot = base + (key === 0x0a ? 2 : 4);
        words[slot] = this.#at;
        words[slot + 1] = inner;
        this.#at = inner;
      } else this.#skip(bytes, end, key);
    }
  }

  #parseChunk(bytes: Uint8Array, end: number): void {
    const words = (this.chunks = roomFor(this.chunks, this.chunkCount, CHUNK_WORDS));
    const base = this.chunkCount++ * CHUNK_WORDS;
    if (this.#parseUsualChunk(bytes, end, base)) return;
    words.fill(0, base, base + CHUNK_WORDS);
    while (this.#at < end) {
      const fieldStart = this.#at;
      const key = this.#varint(bytes, end);
      if (key === 0x08 || key === 0x10) {
        this.#skip(bytes, end, key);
        const slot = base + (key === 0x08 ? 0 : 2);
        words[slot] = fieldStart;
        words[slot + 1] = this.#at;
      } else if (key === 0x18) words[base + 4] = this.#varint(bytes, end);
      else if (key === 0x22) {
        const inner = this.#length(bytes, end);
        words[base + 5] = this.#at;
        words[base + 6] = inner;
        this.#at = inner;
      } else this.#skip(bytes, end, key);
    }
  }

  /** The one form in which Prometheus writes chunks, much faster than field by field; false for any other. */
  #parseUsualChunk(bytes: Uint8Array, end: number, base: number): boolean {
    const start = this.#at;
    // Keys, two times of at most ten bytes, the type, a length of at most three bytes.
    if (end - start < 28 || bytes[start] !== 0x08) return false;
    let at = start + 1;
    while ((bytes[at++] as number) >= 0x80);
    const maxStart = at;
    if (bytes[at++] !== 0x10) return false;
    while ((bytes[at++] as number) >= 0x80);
    const maxEnd = at;
    if (bytes[at] !== 0x18 || (bytes[at + 1] as number) >= 0x80 || bytes[at + 2] !== 0x22)
      return false;
    const type = bytes[at + 1] as number;
    at += 3;
    const low = bytes[at++] as number;
    const middle = low < 0x80 ? 0 : (bytes[at++] as number);
    const high = middle < 0x80 ? 0 : (bytes[at++] as number);
    const size = (low & 0x7f) | ((middle & 0x7f) << 7) | (high << 14);
    if (high >= 0x80 || at + size !== end) return false;
    const words = this.chunks;
    words[base] = start;
    words[base + 1] = maxStart;
    words[base + 2] = maxStart;
    words[base + 3] = maxEnd;
    words[base + 4] = type;
    words[base + 5] = at;
    words[base + 6] = end;
    this.#at = end;
    return true;
  }

  /** End of a length-delimited field whose content starts at #at after the call. */
  #length(bytes: Uint8Array, end: number): number {
    const size = this.#varint(bytes, end);
    if (size > end - this.#at) throw corruptAt(this.#at, `${size} bytes are announced`, end);
    return this.#at + size;
  }

  #varint(bytes: Uint8Array, end: number): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= end) throw corruptAt(this.#at, 'a number is cut off', end);
      const byte = bytes[this.#at++] as number;
      if (byte < 0x80) return value + byte * factor;
      value += (byte & 0x7f) * factor;
      factor *= 128;
    }
    throw corruptAt(this.#at, 'a number has more than ten bytes', end);
  }

  #skip(bytes: Uint8Array, end: number, key: number): void {
    const wireType = key & 7;
    if (wireType === 0) this.#varint(bytes, end);
    else if (wireType === LENGTH_DELIMITED) this.#at = this.#length(bytes, end);
    else if (wireType === 1 || wireType === 5) {
      this.#at += wireType === 1 ? 8 : 4;
      if (this.#at > end) throw corruptAt(this.#at, 'a fixed number is cut off', end);
    } else throw corruptAt(this.#at, `field key ${key} has no known type`, end);
  }
}

function roomFor(
  words: Int32Array<ArrayBuffer>,
  count: number,
  width: number,
): Int32Array<ArrayBuffer> {
  if ((count + 1) * width <= words.length) return words;
  const larger = new Int32Array(2 * words.length);
  larger.set(words);
  return larger;
}

function corruptAt(offset: number, what: string, end: number): OperationError {
  const where = `at offset ${offset}, the field ends at ${end}`;
  return new OperationError('corrupt', `not a ChunkedReadResponse: ${what} ${where}`);
}

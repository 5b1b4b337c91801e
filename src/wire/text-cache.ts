/**
 * Text out of UTF-8 bytes. Names and values of labels repeat from series to series: a table of the last seen
 * texts by hash makes most of them cheaper than a new string, and equal ones the same string.
 */
const SLOTS = 4096;
/** Longer texts seldom repeat. */
const CACHED_BYTES_MAX = 64;

export class TextCache {
  readonly #texts: string[] = new Array<string>(SLOTS).fill('');

  decode(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > CACHED_BYTES_MAX) return utf8(bytes, start, end);
    let hash = end - start;
    let all = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      hash = Math.imul(hash ^ byte, 0x01000193);
      all |= byte;
    }
    if (all >= 0x80) return utf8(bytes, start, end);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const seen = this.#texts[slot] as string;
    if (isEqual(seen, bytes, start, end)) return seen;
    const text = ascii(bytes, start, end);
    this.#texts[slot] = text;
    return text;
  }
}

function isEqual(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = start; i < end; i++) {
    if (text.charCodeAt(i - start) !== bytes[i]) return false;
  }
  return true;
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return asBuffer(bytes).toString('latin1', start, end);
}

/** Bytes that are not UTF-8 become U+FFFD, as everywhere else in the project. */
function utf8(bytes: Uint8Array, start: number, end: number): string {
  return asBuffer(bytes).toString('utf8', start, end);
}

function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes instanceof Buffer) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

import { crc32c } from '@node-rs/crc32';
import { encodeXorChunk } from '../../../chunk/xor-encode.ts';

/** An entry of a chunks_head file with one float sample a second from the given time on, of the value of its number. */
export function entryOf(ref: number, minTime: number, count: number, encoding = 1): Buffer {
  const times = Float64Array.from({ length: count }, (_, i) => minTime + 1000 * i);
  const values = Float64Array.from({ length: count }, (_, i) => i);
  const words = new Uint32Array(values.buffer);
  const data = encodeXorChunk({ times, words, start: 0, end: count });
  const head = Buffer.alloc(27);
  head.writeBigUInt64BE(BigInt(ref), 0);
  head.writeBigInt64BE(BigInt(minTime), 8);
  head.writeBigInt64BE(BigInt(minTime + 1000 * (count - 1)), 16);
  head[24] = encoding;
  const isShort = data.length < 128;
  head[25] = isShort ? data.length : (data.length & 127) | 128;
  head[26] = data.length >>> 7;
  const entry = Buffer.concat([head.subarray(0, isShort ? 26 : 27), data, Buffer.alloc(4)]);
  entry.writeUInt32BE(crc32c(entry.subarray(0, -4)), entry.length - 4);
  return entry;
}

/**
 * Snappy in its two forms. Block: a uvarint of the decoded length, then elements (kernel/snappy.ts); remote
 * write and remote read use it. Frames (google/snappy framing_format.txt): a stream of chunks of at most
 * 64 KiB decoded; gRPC messages of Thanos use it.
 *
 *   chunk  type: u8 │ length: u24 LE │ body
 *   body   0xff "sNaPpY" │ 0x00 masked CRC32C: u32 LE, block │ 0x01 masked CRC32C: u32 LE, bytes as they are
 */
import { crc32c } from '@node-rs/crc32';
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';

const CHUNK_BYTES = 65536;
const TABLE_BYTES = 32768;
/** The shortest element for what it gives: 3 bytes copy 64. */
const GROWTH_MAX = 64 / 3;
const STREAM_START = Uint8Array.of(0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);
const COMPRESSED = 0x00;
const UNCOMPRESSED = 0x01;
const FIRST_SKIPPABLE = 0x80;

/** @throws OperationError 'corrupt', or 'limit' when the declared length exceeds maxBytes. */
export function decodeSnappyBlock(kernel: Kernel, block: Uint8Array, maxBytes: number): Uint8Array {
  const mark = kernel.arena.mark();
  try {
    const { address, length } = decodeSnappyInKernel(kernel, block, maxBytes);
    return kernel.u8.slice(address, address + length);
  } finally {
    kernel.arena.release(mark);
  }
}

/** The same, but the bytes stay in kernel memory, allocated from its arena. */
export function decodeSnappyInKernel(
  kernel: Kernel,
  block: Uint8Array,
  maxBytes: number,
): { readonly address: number; readonly length: number } {
  const { length, headerLength } = blockLength(block);
  if (length > maxBytes) {
    throw new OperationError(
      'limit',
      `cannot decode a snappy block of ${block.length} bytes: it declares ${length} bytes, ${maxBytes} allowed`,
    );
  }
  const address = kernel.arena.alloc(length);
  const mark = kernel.arena.mark();
  decodeBlock(kernel, block.subarray(headerLength), { address, length });
  kernel.arena.release(mark);
  return { address, length };
}

export function encodeSnappyBlock(kernel: Kernel, bytes: Uint8Array): Uint8Array {
  const mark = kernel.arena.mark();
  try {
    const { address, length } = encodeBlock(kernel, bytes);
    const header = uvarint(bytes.length);
    const block = new Uint8Array(header.length + length);
    block.set(header);
    block.set(kernel.u8.subarray(address, address + length), header.length);
    return block;
  } finally {
    kernel.arena.release(mark);
  }
}

/** @throws OperationError 'corrupt', or 'limit' when the chunks declare more than maxBytes together. */
export function decodeSnappyFrames(
  kernel: Kernel,
  frames: Uint8Array,
  maxBytes: number,
): Uint8Array {
  const chunks = dataChunks(frames);
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (total > maxBytes) {
    throw new OperationError(
      'limit',
      `cannot decode snappy frames of ${frames.length} bytes: they declare ${total} bytes, ${maxBytes} allowed`,
    );
  }
  const decoded = Buffer.allocUnsafe(total);
  const mark = kernel.arena.mark();
  try {
    const address = kernel.arena.alloc(CHUNK_BYTES);
    let at = 0;
    for (const { body, length, crc, isCompressed, offset } of chunks) {
      if (isCompressed) {
        decodeBlock(kernel, body, { address, length });
        decoded.set(kernel.u8.subarray(address, address + length), at);
      } else {
        decoded.set(body, at);
      }
      if (maskedCrc(decoded.subarray(at, at + length)) !== crc) {
        throw corruptFrames(frames, offset, 'the checksum does not match');
      }
      at += length;
    }
  } finally {
    kernel.arena.release(mark);
  }
  return decoded;
}

export function encodeSnappyFrames(kernel: Kernel, bytes: Uint8Array): Uint8Array {
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  const frames = Buffer.allocUnsafe(STREAM_START.length + bytes.length + count * 8);
  frames.set(STREAM_START);
  let at = STREAM_START.length;
  const mark = kernel.arena.mark();
  try {
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
      const part = bytes.subarray(from, from + CHUNK_BYTES);
      at = writeChunk(kernel, frames, at, part);
      kernel.arena.release(mark);
    }
  } finally {
    kernel.arena.release(mark);
  }
  return frames.subarray(0, at);
}

/** A chunk that would shrink by less than an eighth goes as it is: reading it costs less. */
function writeChunk(kernel: Kernel, frames: Buffer, at: number, part: Uint8Array): number {
  const { address, length } = encodeBlock(kernel, part);
  const header = uvarint(part.length);
  const isCompressed = header.length + length < part.length - (part.length >>> 3);
  const bodyLength = isCompressed ? header.length + length : part.length;
  frames[at] = isCompressed ? COMPRESSED : UNCOMPRESSED;
  frames.writeUIntLE(bodyLength + 4, at + 1, 3);
  frames.writeUInt32LE(maskedCrc(part), at + 4);
  if (isCompressed) {
    frames.set(header, at + 8);
    frames.set(kernel.u8.subarray(address, address + length), at + 8 + header.length);
  } else {
    frames.set(part, at + 8);
  }
  return at + 8 + bodyLength;
}

interface DataChunk {
  readonly body: Uint8Array;
  /** Decoded. */
  readonly length: number;
  readonly crc: number;
  readonly isCompressed: boolean;
  /** Of the chunk in the stream. */
  readonly offset: number;
}

/** All chunks that carry data, with their declared lengths, before anything is decoded. */
function dataChunks(frames: Uint8Array): DataChunk[] {
  const chunks: DataChunk[] = [];
  const view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
  for (let offset = 0; offset < frames.length; ) {
    if (frames.length - offset < 4)
      throw corruptFrames(frames, offset, 'a chunk header is cut off');
    const type = frames[offset] as number;
    const start = offset + 4;
    const end = start + (view.getUint32(offset, true) >>> 8);
    if (end > frames.length) throw corruptFrames(frames, offset, 'a chunk is cut off');
    if (type === STREAM_START[0]) checkStreamStart(frames, offset, end);
    else if (type === COMPRESSED || type === UNCOMPRESSED) {
      if (end - start < 4) throw corruptFrames(frames, offset, 'a chunk has no checksum');
      const crc = view.getUint32(start, true);
      chunks.push({ ...chunkBody(frames, offset, frames.subarray(start + 4, end)), crc, offset });
    } else if (type < FIRST_SKIPPABLE) {
      throw corruptFrames(frames, offset, `chunk type ${type} is unknown`);
    }
    offset = end;
  }
  return chunks;
}

function chunkBody(
  frames: Uint8Array,
  offset: number,
  data: Uint8Array,
): Pick<DataChunk, 'body' | 'length' | 'isCompressed'> {
  const isCompressed = frames[offset] === COMPRESSED;
  const { length, headerLength } = isCompressed
    ? blockLength(data)
    : { length: data.length, headerLength: 0 };
  if (length > CHUNK_BYTES) {
    throw corruptFrames(frames, offset, `a chunk declares ${length} bytes, ${CHUNK_BYTES} allowed`);
  }
  return { body: data.subarray(headerLength), length, isCompressed };
}

function checkStreamStart(frames: Uint8Array, offset: number, end: number): void {
  const isRight =
    end - offset === STREAM_START.length &&
    STREAM_START.every((byte, i) => frames[offset + i] === byte);
  if (!isRight) throw corruptFrames(frames, offset, 'the stream identifier is wrong');
}

function decodeBlock(
  kernel: Kernel,
  elements: Uint8Array,
  target: { readonly address: number; readonly length: number },
): void {
  const mark = kernel.arena.mark();
  const source = kernel.arena.alloc(elements.length);
  kernel.u8.set(elements, source);
  const { address, length } = target;
  const done = kernel.exports.snappyDecode(source, elements.length, address, length);
  kernel.arena.release(mark);
  if (done === 0) {
    const what = `a snappy block of ${elements.length} bytes`;
    throw new OperationError('corrupt', `cannot decode ${what}: it is not ${length} bytes decoded`);
  }
}

/** Elements only, in the arena above the caller's mark. */
function encodeBlock(kernel: Kernel, bytes: Uint8Array): { address: number; length: number } {
  const source = kernel.arena.alloc(bytes.length);
  const target = kernel.arena.alloc(64 + bytes.length + Math.ceil(bytes.length / 6));
  const table = kernel.arena.alloc(TABLE_BYTES);
  kernel.u8.set(bytes, source);
  const length = kernel.exports.snappyEncode(source, bytes.length, target, table) >>> 0;
  return { address: target, length };
}

function blockLength(block: Uint8Array): { length: number; headerLength: number } {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * i);
    const headerLength = i + 1;
    if (byte < 0x80 && length <= (block.length - headerLength) * GROWTH_MAX) {
      return { length, headerLength };
    }
  }
  const what = `a snappy block of ${block.length} bytes`;
  throw new OperationError(
    'corrupt',
    `cannot decode ${what}: its length header is malformed or too high`,
  );
}

function uvarint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function corruptFrames(frames: Uint8Array, offset: number, why: string): OperationError {
  const where = `snappy frames of ${frames.length} bytes at offset ${offset}`;
  return new OperationError('corrupt', `cannot decode ${where}: ${why}`);
}

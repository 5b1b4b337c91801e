/** A file as the content of an upload, and its hash. */
import { createHash } from 'node:crypto';
import type { ReadableFile } from '../base/file-system.ts';
import { SLICE_BYTES, type UploadSource } from '../objstore/bucket.ts';
import type { Pause } from '../objstore/pause.ts';

export function fileSource(file: ReadableFile): UploadSource {
  return {
    sizeBytes: file.sizeBytes,
    read(offset, length) {
      const slice = new Uint8Array(length);
      file.read(slice, offset);
      return slice;
    },
  };
}

/** In hexadecimal; others get their turn after each slice. */
export async function sha256(file: ReadableFile, pause: Pause): Promise<string> {
  const hash = createHash('sha256');
  const slice = new Uint8Array(SLICE_BYTES);
  for (let at = 0; at < file.sizeBytes; at += SLICE_BYTES) {
    const piece = slice.subarray(0, Math.min(SLICE_BYTES, file.sizeBytes - at));
    file.read(piece, at);
    hash.update(piece);
    await pause();
  }
  return hash.digest('hex');
}

/** Content on its way to a server. */
import { type ByteRange, SLICE_BYTES, type UploadSource } from './bucket.ts';

/** A part of it, in slices. */
export async function* sourceSlices(
  source: UploadSource,
  { offset, length }: ByteRange,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += SLICE_BYTES) {
    yield source.read(offset + at, Math.min(SLICE_BYTES, length - at));
  }
}

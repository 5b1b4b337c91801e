/** Messages into a stream of HTTP/2, no faster than the other side takes them. */
import type { Http2Stream } from 'node:http2';
import { frameHeader } from './grpc-frame.ts';

/** What may wait in a stream before its writer does: enough to keep the connection busy. */
const QUEUED_BYTES = 1 << 20;
/** Below this, copying a message behind its header is cheaper than two writes. */
const COPIED_BYTES = 16 << 10;

/**
 * Resolves, if it returns a promise, when more may be written or the stream has closed.
 * @param onSent called when nothing refers to the message's memory any more; never if it could not be sent.
 */
export function writeMessage(
  stream: Http2Stream,
  message: Uint8Array,
  isCompressed: boolean,
  onSent: () => void,
): Promise<void> | undefined {
  const header = frameHeader(message.length, isCompressed);
  let hasRoom: boolean;
  if (message.length < COPIED_BYTES) {
    hasRoom = stream.write(Buffer.concat([header, message]));
    onSent();
  } else {
    stream.cork();
    stream.write(header);
    hasRoom = stream.write(message, (error) => {
      if (error === null || error === undefined) onSent();
    });
    stream.uncork();
  }
  return hasRoom || stream.writableLength < QUEUED_BYTES ? undefined : drained(stream);
}

function drained(stream: Http2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
    if (stream.destroyed) done();
  });
}

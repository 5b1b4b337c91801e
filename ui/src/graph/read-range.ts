/** Bodies of /api/v1/query_range to columns: small ones at once, large ones by a worker. */
import type { RangeResult, StepGrid } from './matrix.ts';
import { parseRange } from './parse-range.ts';
import type { ParseRequest } from './range-worker.ts';

/** About 10,000 samples: 3 ms of parsing, less than a worker needs to start. */
const WORKER_FROM_BYTES = 256 * 1024;

/**
 * `bytes` is the whole answer and is given away. Rejects with SyntaxError's text when it is not what the API promises, and
 * with the signal's reason when aborted.
 */
export async function readRange(
  bytes: ArrayBuffer,
  asked: StepGrid,
  signal?: AbortSignal,
): Promise<RangeResult> {
  signal?.throwIfAborted();
  if (bytes.byteLength >= WORKER_FROM_BYTES) return readInWorker(bytes, asked, signal);
  return parseRange(new TextDecoder().decode(bytes), asked);
}

async function readInWorker(
  bytes: ArrayBuffer,
  asked: StepGrid,
  signal: AbortSignal | undefined,
): Promise<RangeResult> {
  const worker = new Worker(new URL('./range-worker.ts', import.meta.url), { type: 'module' });
  const { promise, resolve, reject } = Promise.withResolvers<RangeResult>();
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  worker.addEventListener('message', ({ data }: MessageEvent<RangeResult>) => resolve(data));
  worker.addEventListener('error', ({ message }) => reject(new SyntaxError(message)));
  const request: ParseRequest = { bytes, asked };
  worker.postMessage(request, [bytes]);
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    worker.terminate();
  }
}

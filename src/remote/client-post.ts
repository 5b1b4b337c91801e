/** A streamed POST through the general HTTP client, where plain TCP is not enough: TLS, a proxy. */
import { toOperationError } from '../base/errors.ts';
import type { BodySink, PostRequest, StreamedPost } from '../transport/body-sink.ts';
import type { HttpClient } from '../transport/http-client.ts';

export function clientPost(client: HttpClient): StreamedPost {
  return (request, sink) => {
    const controller = new AbortController();
    let wake: (() => void) | undefined;
    const paused = (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
      });
    flow(client, request, { sink, signal: controller.signal, paused }).catch((error: unknown) => {
      if (!controller.signal.aborted) sink.fail(toOperationError(error, 'unavailable'));
    });
    return {
      resume: () => wake?.(),
      cancel: () => {
        controller.abort(new DOMException('the caller has gone', 'AbortError'));
        wake?.();
      },
    };
  };
}

interface Flow {
  readonly sink: BodySink;
  readonly signal: AbortSignal;
  /** Resolves when the flow is resumed or canceled. */
  readonly paused: () => Promise<void>;
}

async function flow(
  client: HttpClient,
  { url, headers, body }: PostRequest,
  { sink, signal, paused }: Flow,
): Promise<void> {
  const answer = await client.request({ method: 'POST', url: url.href, headers, body, signal });
  sink.head({ status: answer.status, headers: new Map(Object.entries(answer.headers)) });
  for await (const piece of answer.body()) {
    if (signal.aborted) return;
    if (!sink.data(piece, 0, piece.length)) await paused();
  }
  if (!signal.aborted) sink.end();
}

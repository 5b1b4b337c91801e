/** A POST through undici, where a connection needs more than plain TCP: TLS, a proxy. */
import type { Dispatcher } from 'undici';
import { OperationError, toOperationError } from '../base/errors.ts';
import type { BodySink, PostRequest, StreamedPost } from './body-sink.ts';

export function undiciPost(dispatcher: Dispatcher): StreamedPost {
  return (request, sink) => {
    let controller: Dispatcher.DispatchController | undefined;
    let isCanceled = false;
    dispatcher.dispatch(
      {
        origin: request.url.origin,
        path: request.url.pathname + request.url.search,
        method: 'POST',
        headers: { ...request.headers },
        body: request.body,
        bodyTimeout: 0,
        headersTimeout: 0,
      },
      {
        onRequestStart(started) {
          controller = started;
          if (isCanceled) started.abort(canceled());
        },
        ...answerHandler(request, sink, () => isCanceled),
      },
    );
    return {
      resume: () => controller?.resume(),
      cancel: () => {
        isCanceled = true;
        controller?.abort(canceled());
      },
    };
  };
}

function answerHandler(
  { url }: PostRequest,
  sink: BodySink,
  isCanceled: () => boolean,
): Omit<Dispatcher.DispatchHandler, 'onRequestStart'> {
  return {
    onResponseStart(_, status, headers) {
      if (status < 200) return;
      const entries = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
      sink.head({ status, headers: new Map(entries) });
    },
    onResponseData(controller, piece) {
      if (!isCanceled() && !sink.data(piece, 0, piece.length)) controller.pause();
    },
    onResponseEnd() {
      if (!isCanceled()) sink.end();
    },
    onResponseError(_, error) {
      if (isCanceled()) return;
      const { kind, message } = toOperationError(error, 'unavailable');
      sink.fail(new OperationError(kind, `cannot read from ${url.href}: ${message}`));
    },
  };
}

function canceled(): Error {
  return new DOMException('the caller has gone', 'AbortError');
}

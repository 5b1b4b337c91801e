/** Carries the requests of Azure's library over our own client, so that `http_config` holds for them too. */
import { Readable } from 'node:stream';
import type { HttpHeaders, StoragePipelineOptions } from '@azure/storage-blob';
import type { Dispatcher } from 'undici';

type AzureHttpClient = NonNullable<StoragePipelineOptions['httpClient']>;
type Request = Parameters<AzureHttpClient['sendRequest']>[0];
type Response = Awaited<ReturnType<AzureHttpClient['sendRequest']>>;

/** The time is until the head of an answer, and between two pieces of its body. */
export function azureHttpClient(dispatcher: Dispatcher, timeoutMs: number): AzureHttpClient {
  return {
    async sendRequest(request): Promise<Response> {
      const { origin, pathname, search } = new URL(request.url);
      const answer = await dispatcher.request({
        origin,
        path: pathname + search,
        method: request.method,
        headers: request.headers.toJson(),
        body: bodyOf(request),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...signalOf(request),
      });
      const plain = Object.entries(answer.headers).map(([name, value]) => {
        return [name, [value].flat().join(', ')] as const;
      });
      const response = { request, headers: headersOf(plain), status: answer.statusCode };
      if (isStreamed(request, answer.statusCode)) {
        return { ...response, readableStreamBody: answer.body };
      }
      return { ...response, bodyAsText: await answer.body.text() };
    },
  };
}

/** The library reads them as a whole, and makes its own of them. */
function headersOf(plain: readonly (readonly [string, string])[]): HttpHeaders {
  const headers: Pick<HttpHeaders, 'toJson'> = { toJson: () => Object.fromEntries(plain) };
  return headers as HttpHeaders;
}

type Body = NonNullable<Parameters<Dispatcher['request']>[0]['body']> | null;

function bodyOf(request: Request): Body {
  const body: unknown = typeof request.body === 'function' ? request.body() : request.body;
  if (body === undefined || body === null) return null;
  if (typeof body === 'string' || body instanceof Readable) return body;
  if (ArrayBuffer.isView(body))
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError(`a body of the kind ${typeof body} is never sent`);
}

/** The library's type of signals is wider than Node's. */
function signalOf({ abortSignal }: Request): { readonly signal?: AbortSignal } {
  return abortSignal instanceof AbortSignal ? { signal: abortSignal } : {};
}

function isStreamed({ streamResponseStatusCodes: codes }: Request, status: number): boolean {
  return codes?.has(status) === true || codes?.has(Number.POSITIVE_INFINITY) === true;
}

import type { HttpAnswer, HttpRequest, HttpRoute } from '../../transport/http-route.ts';

/** Calls the route of a path with the given parameters and gives status and parsed body. */
export async function callRoute(
  routes: readonly HttpRoute[],
  url: string,
): Promise<{ readonly status: number; readonly body: unknown; readonly answer: HttpAnswer }> {
  const { pathname } = new URL(url, 'http://tsanos.test');
  for (const route of routes) {
    const params = matchPath(route.path, pathname);
    if (params === undefined) continue;
    const answer = await route.handle({ ...requestOf(url), params });
    return { status: answer.status, body: JSON.parse(await bodyText(answer)), answer };
  }
  throw new Error(`no route for ${pathname}`);
}

/** A GET of the path with these headers. */
export function requestOf(url: string, headers: HttpRequest['headers'] = {}): HttpRequest {
  const { pathname, searchParams, search } = new URL(url, 'http://tsanos.test');
  return {
    method: 'GET',
    path: pathname,
    params: {},
    queryText: search.slice(1),
    query: searchParams,
    headers,
    body: new Uint8Array(0),
    signal: new AbortController().signal,
    peer: '127.0.0.1:1',
  };
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(given[i] ?? '');
    else if (part !== given[i]) return undefined;
  }
  return params;
}

async function bodyText({ body }: HttpAnswer): Promise<string> {
  if (body === undefined || typeof body === 'string') return body ?? '';
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

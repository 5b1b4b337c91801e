import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { realClock } from '../world/clock.ts';
import type { HttpAnswer, HttpRequest } from './http-route.ts';
import { profileRoutes } from './profile-routes.ts';

function site() {
  const routes = profileRoutes(realClock);
  return async (url: string, more: Partial<HttpRequest> = {}): Promise<HttpAnswer> => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const route = routes.find(({ path }) => path === pathname);
    assert.ok(route !== undefined, pathname);
    return await route.handle({
      method: 'GET',
      path: pathname,
      params: {},
      queryText: '',
      query: searchParams,
      headers: {},
      body: new Uint8Array(),
      signal: new AbortController().signal,
      peer: '127.0.0.1:5000',
      ...more,
    });
  };
}

test('a profile is a file for the developer tools, one at a time', async () => {
  const ask = site();
  const first = ask('/debug/pprof/profile?seconds=1');
  await assert.rejects(ask('/debug/pprof/profile?seconds=1'), {
    kind: 'unavailable',
    message: 'cannot profile: another profile is being taken',
  });
  const { headers, body } = await first;
  assert.match(headers?.['content-disposition'] ?? '', /filename="thread-0\.cpuprofile"/);
  assert.ok(Array.isArray((JSON.parse(String(body)) as { nodes: unknown }).nodes));
});

test('what is asked for is checked', async () => {
  const ask = site();
  const f = (url: string, message: RegExp) =>
    assert.rejects(ask(url), { kind: 'bad-data', message });
  await f('/debug/pprof/profile?seconds=0', /seconds must be from 1 to 600/);
  await f('/debug/pprof/profile?seconds=601', /seconds must be from 1 to 600/);
  await f('/debug/pprof/profile?seconds=soon', /seconds must be a whole number, not "soon"/);
  await f('/debug/pprof/heap?thread=-1', /thread must be a whole number/);
  assert.match(String((await ask('/debug/pprof/')).body), /\n {2}0 {2}main\n/);
});

test('heap snapshots do not leave the machine', async () => {
  const ask = site();
  const f = async (peer: string, headers: Record<string, string>, status: number) =>
    assert.equal((await ask('/debug/pprof/heap', { peer, headers })).status, status, peer);
  await f('127.0.0.1:80', {}, 200);
  await f('::1:80', {}, 200);
  await f('::ffff:127.0.0.1:80', {}, 200);
  await f('10.0.0.1:127', {}, 403);
  await f('127.0.0.1:80', { 'x-forwarded-for': '10.0.0.1' }, 403);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { deadlineSignal } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { createHttpClient } from './http-client.ts';
import { parseHttpConfig } from './http-config.ts';
import { serve } from './testing/http.ts';

const { signal } = new AbortController();

test('an answer is read as text, as bytes up to a limit, or in pieces', async () => {
  await using server = await serve((request, response) => {
    response.writeHead(404, { 'x-seen': [request.method ?? '', String(request.headers['x-a'])] });
    response.end('0123456789');
  });
  await using client = createHttpClient(realFileSystem);
  const ask = () =>
    client.request({
      method: 'POST',
      url: `${server.url}/a?b=c`,
      headers: { 'x-a': '1' },
      body: 'x',
      signal,
    });
  const answer = await ask();
  assert.equal(answer.status, 404);
  assert.equal(answer.headers['x-seen'], 'POST, 1');
  assert.equal(await answer.text(), '0123456789');
  assert.equal((await (await ask()).bytes(10)).length, 10);
  await assert.rejects((await ask()).bytes(9), { kind: 'limit' });
  const pieces = await Array.fromAsync((await ask()).body());
  assert.equal(Buffer.concat(pieces).toString(), '0123456789');
});

test('failures name method and URL, without the password', async () => {
  await using client = createHttpClient(realFileSystem);
  await assert.rejects(client.request({ method: 'GET', url: 'http://u:p@127.0.0.1:1/x', signal }), {
    kind: 'unavailable',
    message: 'cannot GET http://127.0.0.1:1/x',
  });
});

test('a deadline ends a request that hangs, before and after the head of the answer', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/body') response.write('begun');
  });
  await using client = createHttpClient(realFileSystem);
  const early = deadlineSignal(realClock, 20);
  await assert.rejects(
    client.request({ method: 'GET', url: `${server.url}/head`, signal: early.signal }),
    { kind: 'timeout' },
  );
  const late = deadlineSignal(realClock, 100);
  const answer = await client.request({
    method: 'GET',
    url: `${server.url}/body`,
    signal: late.signal,
  });
  await assert.rejects(answer.text(), { kind: 'timeout' });
});

test('the Authorization header comes from the configuration, files read anew', async () => {
  await using server = await serve((request, response) => {
    response.end(request.headers.authorization);
  });
  let secret = 's1\n';
  const files: FileSystem = { ...realFileSystem, readFile: () => new TextEncoder().encode(secret) };
  const f = async (yaml: string, want: string): Promise<void> => {
    await using client = createHttpClient(files, parseHttpConfig(yaml, 'c.yml'));
    const answer = await client.request({ method: 'GET', url: server.url, signal });
    assert.equal(await answer.text(), want);
  };
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  await f('basic_auth: {username: u, password: p}', basic('u:p'));
  await f('basic_auth: {username: u, password_file: x}', basic('u:s1'));
  secret = 's2';
  await f('bearer_token_file: x', 'Bearer s2');
  await f('bearer_token: t', 'Bearer t');
  await f('', '');
});

test('a wrong configuration is refused with its place', () => {
  const f = (yaml: string, message: RegExp): void =>
    assert.throws(() => parseHttpConfig(yaml, 'c.yml'), { kind: 'bad-data', message }, yaml);
  f('basic_auth: {}\nbearer_token: x', /c\.yml:1:1: has several of basic_auth/);
  f('tls_config: {cert_file: a}', /c\.yml:1:13: tls_config: needs both/);
  f('transport_config: {dialer_timeout: soon}', /dialer_timeout: is not a duration/);
  f('proxy_url: nowhere', /proxy_url: is not a URL/);
  f('tls: {}', /tls: unknown field/);
  const config = parseHttpConfig(
    'transport_config: {dialer_timeout: 2s, idle_conn_timeout: 5000000000}',
    'c.yml',
  );
  assert.deepEqual([config.connectTimeoutMs, config.idleTimeoutMs], [2000, 5000]);
});

import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import {
  type ClientSettings,
  defaultClientSettings,
  defaultProxySettings,
  defaultTlsSettings,
  type SecretText,
} from './client-settings.ts';
import { createSettledClient, type SettledClientOptions } from './settled-client.ts';
import { makeCertificate } from './testing/certificate.ts';
import { listen, serve } from './testing/http.ts';

const { signal } = new AbortController();

const text = (value: string): SecretText => ({ kind: 'text', text: value });
const file = (path: string): SecretText => ({ kind: 'file', path });

function clientOf(
  settings: Partial<ClientSettings>,
  others: Partial<Pick<SettledClientOptions, 'environment' | 'clock' | 'userAgent'>> = {},
) {
  return createSettledClient({
    files: realFileSystem,
    clock: realClock,
    settings: { ...defaultClientSettings, ...settings },
    ...others,
  });
}

function folder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'settled-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Answers what it was asked: method, path, the named headers, body. */
function echo(...names: string[]): RequestListener {
  return async (request, response) => {
    const headers = names.map((name) => `${name}=${request.headers[name] ?? '-'}`);
    const body = await bodyOf(request);
    response.end([request.method, request.url, ...headers, body].join(' ').trimEnd());
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts = await Array.fromAsync(request as AsyncIterable<Buffer>);
  return Buffer.concat(parts).toString();
}

const basic = (user: string): string => `Basic ${Buffer.from(user).toString('base64')}`;

test('each kind of credentials becomes the Authorization header', async () => {
  await using server = await serve(echo('authorization'));
  using scratch = folder();
  const path = join(scratch.path, 'secret');
  writeFileSync(path, 'from-file\n');
  const f = async (settings: Partial<ClientSettings>, want: string, headers = {}) => {
    await using client = clientOf(settings);
    const answer = await client.request({
      method: 'GET',
      url: `${server.url}/x?y`,
      headers,
      signal,
    });
    assert.equal(await answer.text(), `GET /x?y authorization=${want}`);
  };
  await f({}, '-');
  const anna = { username: text('anna'), password: text('p:q') };
  await f({ basicAuth: anna }, basic('anna:p:q'));
  await f({ basicAuth: { ...anna, password: file(path) } }, basic('anna:from-file'));
  await f({ authorization: { type: 'Token', credentials: file(path) } }, 'Token from-file');
  await f({ basicAuth: anna }, 'Own', { Authorization: 'Own' });
});

test('a secret that cannot be read fails the request and names the file', async () => {
  await using client = clientOf({
    authorization: { type: 'Bearer', credentials: file('/nowhere/token') },
  });
  await assert.rejects(client.request({ method: 'GET', url: 'http://127.0.0.1:1/', signal }), {
    kind: 'not-found',
    message: /\/nowhere\/token/,
  });
});

test('configured headers are added to those of the request', async () => {
  await using server = await serve(echo('accept', 'x-a', 'x-b'));
  const httpHeaders = [
    { name: 'X-A', values: [text('1'), text('2')] },
    { name: 'Accept', values: [text('b/c')] },
  ];
  await using client = clientOf({ httpHeaders });
  const headers = { accept: 'a/b' };
  const answer = await client.request({ method: 'GET', url: server.url, headers, signal });
  assert.equal(await answer.text(), 'GET / accept=a/b, b/c x-a=1, 2 x-b=-');
});

test('a request names the agent that it does not name itself', async () => {
  await using server = await serve(echo('user-agent'));
  await using client = clientOf({}, { userAgent: 'Prometheus/1' });
  const f = async (headers: Record<string, string>, want: string): Promise<void> => {
    const answer = await client.request({ method: 'GET', url: server.url, headers, signal });
    assert.equal(await answer.text(), `GET / user-agent=${want}`);
  };
  await f({}, 'Prometheus/1');
  await f({ 'User-Agent': 'me' }, 'me');
});

test('a redirect is followed, with its method and body where it says so', async () => {
  await using server = await serve((request, response) => {
    const status = Number(request.url?.slice(1));
    if (Number.isNaN(status)) void echo('content-type', 'x-a')(request, response as never);
    else response.writeHead(status, { location: 'end' }).end('moved');
  });
  await using client = clientOf({});
  const f = async (method: 'GET' | 'POST', status: number, want: string): Promise<void> => {
    const answer = await client.request({
      method,
      url: `${server.url}/${status}`,
      headers: { 'content-type': 'text/plain', 'x-a': '1' },
      ...(method === 'POST' ? { body: 'hello' } : {}),
      signal,
    });
    assert.equal(await answer.text(), want, `${method} ${status}`);
  };
  await f('POST', 301, 'GET /end content-type=- x-a=1');
  await f('POST', 303, 'GET /end content-type=- x-a=1');
  await f('POST', 307, 'POST /end content-type=text/plain x-a=1 hello');
  await f('POST', 308, 'POST /end content-type=text/plain x-a=1 hello');
  await f('GET', 302, 'GET /end content-type=- x-a=1');
  await using strict = clientOf({ followRedirects: false });
  const answer = await strict.request({ method: 'GET', url: `${server.url}/302`, signal });
  assert.deepEqual([answer.status, answer.headers.location], [302, 'end']);
});

test('redirects without end and without a place to go are errors', async () => {
  let asked = 0;
  await using server = await serve((request, response) => {
    asked += 1;
    response.writeHead(302, request.url === '/loop' ? { location: '/loop' } : {}).end();
  });
  await using client = clientOf({});
  const ask = (path: string) => client.request({ method: 'GET', url: server.url + path, signal });
  await assert.rejects(ask('/loop'), { message: /\/loop: stopped after 10 redirects$/ });
  assert.equal(asked, 11);
  await assert.rejects(ask('/lost'), { message: /answered 302 with no Location$/ });
});

test('credentials stay behind once a redirect leaves the host, and for good', async () => {
  const names = ['authorization', 'cookie', 'x-a'];
  await using server = await serve((request, response) => {
    const [, hop, port] = /^\/(same|away|back)\/?(\d*)/.exec(request.url ?? '') ?? [];
    const host = hop === 'away' ? 'localhost' : '127.0.0.1';
    const to = hop === 'away' && request.url?.endsWith('?back') ? 'back' : 'end';
    if (hop === undefined) return void echo(...names)(request, response as never);
    response.writeHead(302, { location: `http://${host}:${port}/${to}/${port}` }).end();
  });
  await using client = clientOf({
    basicAuth: { username: text('u'), password: text('p') },
    httpHeaders: [
      { name: 'Cookie', values: [text('c')] },
      { name: 'X-A', values: [text('1')] },
    ],
  });
  const f = async (path: string, want: string): Promise<void> => {
    const answer = await client.request({ method: 'GET', url: server.url + path, signal });
    assert.equal(await answer.text(), `GET /end/${server.port} ${want}`);
  };
  await f(`/same/${server.port}`, `authorization=${basic('u:p')} cookie=c x-a=1`);
  await f(`/away/${server.port}`, 'authorization=- cookie=- x-a=1');
  await f(`/away/${server.port}?back`, 'authorization=- cookie=- x-a=1');
});

test('a kept connection that the server has closed does not fail a GET', async () => {
  let asked = 0;
  await using server = await serve((request, response) => {
    asked += 1;
    if (asked === 2) request.socket.destroy();
    else response.end(String(asked));
  });
  await using client = clientOf({});
  const ask = async (): Promise<string> =>
    (await client.request({ method: 'GET', url: server.url, signal })).text();
  assert.equal(await ask(), '1');
  await realClock.sleep(20);
  assert.equal(await ask(), '3');
});

test('http goes to the proxy as it is, https through a tunnel with its own headers', async () => {
  using scratch = folder();
  const { cert, key } = makeCertificate(scratch.path, 'target');
  await using plain = await serve(echo('x-tunnel'));
  await using secure = await listen(
    createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, echo('x-tunnel')),
    'https',
  );
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['x-tunnel'] ?? '-'}`);
    response.end('by proxy');
  }).on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.headers['x-tunnel']} ${request.headers['proxy-authorization']}`);
    const target = connect(secure.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy()).on('close', () => target.destroy());
  });
  await using listening = await listen(proxy);
  const url = listening.url.replace('//', '//user:pass@');
  const connectHeaders = [['X-Tunnel', text('t')] as const];
  await using client = clientOf({
    proxy: { ...defaultProxySettings, url, connectHeaders },
    tls: { ...defaultTlsSettings, ca: file(cert) },
  });
  const ask = async (target: string): Promise<string> =>
    (await client.request({ method: 'GET', url: target, signal })).text();
  assert.equal(await ask(`${plain.url}/a`), 'by proxy');
  assert.equal(await ask(`${secure.url}/b`), 'GET /b x-tunnel=-');
  assert.deepEqual(seen, [`GET ${plain.url}/a -`, `CONNECT t ${basic('user:pass')}`]);
});

test('the environment names a proxy for other hosts than this one', async () => {
  await using server = await serve(echo());
  await using proxy = await serve((_, response) => response.end('by proxy'));
  const environment = { http_proxy: `127.0.0.1:${proxy.port}`, NO_PROXY: 'direct.test' };
  await using client = clientOf(
    { proxy: { ...defaultProxySettings, fromEnvironment: true } },
    { environment },
  );
  const ask = async (target: string): Promise<string> =>
    (await client.request({ method: 'GET', url: target, signal })).text();
  assert.equal(await ask(server.url), 'GET /');
  assert.equal(await ask('http://elsewhere.test/'), 'by proxy');
});

test('certificates are verified, shown, and read again when their files change', async () => {
  using scratch = folder();
  const first = makeCertificate(scratch.path, 'server');
  const own = makeCertificate(scratch.path, 'client');
  const server = createTlsServer(
    {
      cert: readFileSync(first.cert),
      key: readFileSync(first.key),
      ca: readFileSync(own.cert),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (_, response) => response.end('hello'),
  );
  await using running = await listen(server, 'https');
  const ca = join(scratch.path, 'ca.crt');
  writeFileSync(ca, readFileSync(own.cert));
  const tls = {
    ...defaultTlsSettings,
    ca: file(ca),
    cert: file(own.cert),
    key: file(own.key),
    serverName: 'server',
  };
  const askWith = (client: ReturnType<typeof clientOf>) =>
    client.request({ method: 'GET', url: running.url, signal });
  await using client = clientOf({ tls });
  await assert.rejects(askWith(client), { kind: 'unavailable' });
  writeFileSync(ca, readFileSync(first.cert));
  assert.equal(await (await askWith(client)).text(), 'hello');
  await using careless = clientOf({
    tls: { ...tls, ca: undefined, serverName: 'other', skipVerify: true },
  });
  assert.equal(await (await askWith(careless)).text(), 'hello');
  await using stranger = clientOf({ tls: { ...tls, cert: undefined, key: undefined } });
  await assert.rejects(async () => (await askWith(stranger)).text(), { kind: 'unavailable' });
});

test('TLS versions are bounded, and HTTP/2 is spoken where both sides allow it', async () => {
  using scratch = folder();
  const { cert, key } = makeCertificate(scratch.path, 'server');
  const server = createSecureServer(
    { cert: readFileSync(cert), key: readFileSync(key), maxVersion: 'TLSv1.2', allowHTTP1: true },
    (request, response) => response.end(request.httpVersion),
  );
  await using running = await listen(server as never, 'https');
  const tls = { ...defaultTlsSettings, ca: file(cert) };
  const f = async (settings: Partial<ClientSettings>, want: string): Promise<void> => {
    await using client = clientOf(settings);
    const answer = await client.request({ method: 'GET', url: running.url, signal });
    assert.equal(await answer.text(), want);
  };
  await f({ tls }, '2.0');
  await f({ tls, enableHttp2: false }, '1.1');
  await assert.rejects(f({ tls: { ...tls, minVersion: 'TLS13' } }, ''), { kind: 'unavailable' });
});

test('a token is fetched once, again before it expires, and when the secret changes', async () => {
  using scratch = folder();
  const path = join(scratch.path, 'secret');
  writeFileSync(path, 's1');
  const asked: string[] = [];
  await using server = await serve(async (request, response) => {
    if (request.url !== '/token') return void echo('authorization')(request, response as never);
    asked.push(`${request.headers.authorization} ${await bodyOf(request)}`);
    response.end(`{"access_token":"t${asked.length}","token_type":"bearer","expires_in":60}`);
  });
  let nowMs = 0;
  const clock: Clock = { ...realClock, nowMs: () => nowMs };
  const oauth2 = {
    clientId: 'me/you',
    clientSecret: file(path),
    scopes: ['a', 'b'],
    tokenUrl: `${server.url}/token`,
    endpointParams: [['x', 'y']] as const,
    tls: defaultTlsSettings,
    proxy: defaultProxySettings,
  };
  await using client = clientOf({ oauth2 }, { clock });
  const f = async (want: string): Promise<void> => {
    const answer = await client.request({ method: 'GET', url: server.url, signal });
    assert.equal(await answer.text(), `GET / authorization=Bearer ${want}`);
  };
  await f('t1');
  nowMs = 49_999;
  await f('t1');
  nowMs = 50_000;
  await f('t2');
  writeFileSync(path, 's2');
  await f('t3');
  const form = 'grant_type=client_credentials&scope=a+b&x=y';
  assert.deepEqual(asked, [
    `${basic('me%2Fyou:s1')} ${form}`,
    `${basic('me%2Fyou:s1')} ${form}`,
    `${basic('me%2Fyou:s2')} ${form}`,
  ]);
});

test('a token server that refuses the header is asked by the body', async () => {
  let denied = false;
  await using server = await serve(async (request, response) => {
    if (request.url !== '/token') return void echo('authorization')(request, response as never);
    const isKnown = (await bodyOf(request)).includes('client_id=me&client_secret=s') && !denied;
    response.setHeader('content-type', 'application/x-www-form-urlencoded; charset=utf-8');
    response.statusCode = isKnown ? 200 : 401;
    response.end(isKnown ? 'access_token=t&token_type=Custom' : 'error=invalid_client');
  });
  const oauth2 = {
    clientId: 'me',
    clientSecret: text('s'),
    scopes: [],
    tokenUrl: `${server.url}/token`,
    endpointParams: [],
    tls: defaultTlsSettings,
    proxy: defaultProxySettings,
  };
  await using client = clientOf({ oauth2 });
  const answer = await client.request({ method: 'GET', url: server.url, signal });
  assert.equal(await answer.text(), 'GET / authorization=Custom t');
  denied = true;
  await using another = clientOf({ oauth2 });
  await assert.rejects(another.request({ method: 'GET', url: server.url, signal }), {
    message: /token from http.*\/token: the server answered 401, invalid_client$/,
  });
});

test('a body with a place is asked for with the same settings', async () => {
  using scratch = folder();
  const { cert, key } = makeCertificate(scratch.path, 'server');
  const path = join(scratch.path, 'secret');
  const answer: RequestListener = (request, response) => {
    if (request.url === '/new') return void echo('authorization', 'host')(request, response);
    return response.writeHead(302, { location: '/new' }).end('gone');
  };
  const tls = { cert: readFileSync(cert), key: readFileSync(key) };
  await using plain = await serve(answer);
  await using secure = await listen(createTlsServer(tls, answer), 'https');
  const f = async (server: typeof plain, others: Partial<ClientSettings> = {}): Promise<void> => {
    const authorization = { type: 'Bearer', credentials: file(path) };
    const trusted = { ...defaultTlsSettings, ca: file(cert) };
    await using client = clientOf({ authorization, tls: trusted, ...others });
    const headers = { accept: 'a/b' };
    const memory = new Uint8Array(1000);
    const place = { bytesMax: 1000, tooLong: () => new Error('too long'), room: () => memory };
    for (const secret of ['one', 'two']) {
      writeFileSync(path, secret);
      const url = `${server.url}/old`;
      const got = await client.request({ method: 'GET', url, headers, signal, place });
      const body = Buffer.from(got.placed ?? (await got.bytes(1000))).toString();
      const host = `127.0.0.1:${server.port}`;
      assert.equal(body, `GET /new authorization=Bearer ${secret} host=${host}`);
      assert.equal(got.placed?.buffer === memory.buffer, server === plain || 'tls' in others);
    }
  };
  await f(plain);
  await f(secure);
  const checked = { ...defaultTlsSettings, ca: file(cert) };
  await f(secure, { enableHttp2: false, tls: checked });
  await assert.rejects(f(secure, { enableHttp2: false, tls: defaultTlsSettings }), {
    message: /^cannot GET https:\/\/127\.0\.0\.1:\d+\/old$/,
  });
});

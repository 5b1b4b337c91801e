import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import bcrypt from 'bcryptjs';
import { OperationError } from '../base/errors.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { createReadiness } from '../telemetry/readiness.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { type HttpRoute, redirectAnswer, textAnswer } from './http-route.ts';
import { type HttpServerOptions, startHttpServer } from './http-server.ts';
import { makeCertificate } from './testing/certificate.ts';

async function start(more: Partial<HttpServerOptions> = {}) {
  const metrics = createMetricRegistry();
  const readiness = createReadiness(metrics, 'test');
  const server = await startHttpServer({
    address: '127.0.0.1:0',
    gracePeriodMs: 1000,
    webConfigPath: '',
    routePrefix: '',
    allowOtherOrigins: false,
    routes: [],
    metrics,
    readiness,
    logger: silentLogger,
    clock: realClock,
    files: realFileSystem,
    ...more,
  });
  return { server, metrics, readiness, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
  readonly text: string;
}

function ask(
  url: string,
  options: RequestOptions & { readonly body?: string } = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const send = url.startsWith('https') ? httpsRequest : httpRequest;
  const request = send(url, { agent: false, ...options }, async (response) => {
    const bytes = Buffer.concat(await Array.fromAsync(response)).subarray();
    const { statusCode = 0, headers } = response;
    resolve({ status: statusCode, headers, bytes, text: bytes.toString() });
  });
  request.on('error', reject);
  request.end(options.body);
  return promise;
}

const echo: HttpRoute = {
  methods: ['GET', 'POST'],
  path: '/echo/:name/values',
  handler: 'echo',
  handle({ params, query, method }) {
    const pairs = [...query].map((pair) => pair.join('='));
    return textAnswer(200, `${method} ${params.name} ${pairs.join(' ')}`);
  },
};

test('the probes follow readiness, for GET and HEAD', async () => {
  await using running = await start();
  const { url } = running.server;
  assert.equal((await ask(`${url}/-/healthy`)).status, 200);
  const before = await ask(`${url}/-/ready`);
  assert.equal(before.status, 503);
  assert.equal(before.text, 'NOT READY: starting');
  running.readiness.setReady();
  assert.equal((await ask(`${url}/-/ready`)).status, 200);
  const head = await ask(`${url}/-/ready`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
});

test('another method on a known path is 405, an unknown path 404', async () => {
  await using running = await start({ routes: [echo] });
  const { url } = running.server;
  const answer = await ask(`${url}/echo/a/values`, { method: 'DELETE' });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'GET, POST, HEAD');
  assert.equal((await ask(`${url}/-/ready`, { method: 'POST' })).status, 405);
  assert.equal((await ask(`${url}/nothing`)).status, 404);
  assert.equal((await ask(`${url}/nothing`, { method: 'POST', body: 'x' })).status, 404);
});

test('parameters come from the form body first, then from the URL, decoded', async () => {
  await using running = await start({ routes: [echo] });
  const answer = await ask(`${running.server.url}/echo/a%2Fb%20c/values?x=1&x=%2B&y=a+b`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: 'x=0&z=%C3%A9',
  });
  assert.equal(answer.text, 'POST a/b c x=0 z=é x=1 x=+ y=a b');
  const long = 'n'.repeat(5000);
  assert.match((await ask(`${running.server.url}/echo/${long}/values`)).text, /^GET n{5000} /);
  const query = 'q'.repeat(200_000);
  assert.equal((await ask(`${running.server.url}/echo/a/values?q=${query}`)).status, 200);
});

test('errors of operation have the status of their kind, others are 500', async () => {
  const failing = (path: string, error: Error): HttpRoute => ({
    methods: ['GET'],
    path,
    handle: () => Promise.reject(error),
  });
  await using running = await start({
    routes: [
      failing('/bad', new OperationError('bad-data', 'cannot read this')),
      failing(
        '/away',
        new OperationError('unavailable', 'cannot dial', { cause: new Error('no') }),
      ),
      failing('/odd', new Error('odd')),
    ],
  });
  const f = async (path: string, status: number, text: string): Promise<void> => {
    const answer = await ask(running.server.url + path);
    assert.deepEqual([answer.status, answer.text], [status, text]);
  };
  await f('/bad', 400, 'cannot read this\n');
  await f('/away', 503, 'cannot dial: no\n');
  await f('/odd', 500, 'odd\n');
});

test('long text is compressed for those who accept it, bytes and streams too', async () => {
  const long = 'tsanos '.repeat(1000);
  const json = { 'content-type': 'application/json' };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 3; i++) yield Buffer.from(long);
  }
  await using running = await start({
    routes: [
      { methods: ['GET'], path: '/text', handle: () => textAnswer(200, long) },
      { methods: ['GET'], path: '/short', handle: () => textAnswer(200, 'short') },
      {
        methods: ['GET'],
        path: '/bytes',
        handle: () => ({ status: 200, headers: json, body: new Uint8Array(Buffer.from(long)) }),
      },
      {
        methods: ['GET'],
        path: '/stream',
        handle: () => ({ status: 200, headers: json, body: pieces() }),
      },
    ],
  });
  const f = async (path: string, encoding: string | undefined, want: string): Promise<void> => {
    const { headers, bytes } = await ask(running.server.url + path, {
      headers: { 'accept-encoding': 'br, gzip' },
    });
    assert.equal(headers['content-encoding'], encoding, path);
    assert.equal((encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString(), want);
  };
  await f('/text', 'gzip', long);
  await f('/short', undefined, 'short');
  await f('/bytes', 'gzip', long);
  await f('/stream', 'gzip', long.repeat(3));
  const plain = await ask(`${running.server.url}/stream`, {
    headers: { 'accept-encoding': 'identity' },
  });
  assert.equal(plain.text, long.repeat(3));
});

test('a body above the limit is refused', async () => {
  await using running = await start({ routes: [echo], maxBodyBytes: 100 });
  const answer = await ask(`${running.server.url}/echo/a/values`, {
    method: 'POST',
    body: 'x'.repeat(101),
  });
  assert.equal(answer.status, 413);
});

test('requests are counted by handler, code and method', async () => {
  await using running = await start({ routes: [echo] });
  const { url } = running.server;
  await ask(`${url}/echo/a/values`);
  await ask(`${url}/echo/a/values`, { method: 'POST' });
  const text = (await ask(`${url}/metrics`)).text;
  for (const method of ['get', 'post']) {
    const labels = `{code="200",handler="echo",method="${method}"}`;
    assert.ok(text.includes(`http_requests_total${labels} 1\n`), text);
    assert.ok(text.includes(`http_request_duration_seconds_count${labels} 1\n`), text);
    assert.ok(text.includes(`http_response_size_bytes_count${labels} 1\n`), text);
    assert.ok(text.includes(`http_inflight_requests{handler="echo",method="${method}"} 0\n`), text);
  }
  const open = await ask(`${url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
  assert.match(
    open.headers['content-type'] ?? '',
    /^application\/openmetrics-text; version=1\.0\.0/,
  );
  assert.match(open.text, /# EOF\n$/);
});

test('a client that goes away aborts the signal of its request', async () => {
  const started = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<string>();
  const slow: HttpRoute = {
    methods: ['GET'],
    path: '/slow',
    async handle({ signal }) {
      signal.addEventListener('abort', () => aborted.resolve(String(signal.reason)));
      started.resolve();
      await aborted.promise;
      return textAnswer(200, 'late');
    },
  };
  await using running = await start({ routes: [slow] });
  const request = httpRequest(`${running.server.url}/slow`, { agent: false });
  request.on('error', () => undefined);
  request.end();
  await started.promise;
  request.destroy();
  assert.match(await aborted.promise, /the client went away/);
});

test('closing waits for running requests and then cuts the rest', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const wait: HttpRoute = {
    methods: ['GET'],
    path: '/wait/:n',
    async handle({ params }) {
      arrived[Number(params.n)].resolve();
      await gates[Number(params.n)].promise;
      return textAnswer(200, 'done');
    },
  };
  const running = await start({ routes: [wait], gracePeriodMs: 200 });
  const agent = new Agent({ keepAlive: true });
  const first = ask(`${running.server.url}/wait/0`, { agent });
  const second = ask(`${running.server.url}/wait/1`, { agent });
  await Promise.all(arrived.map(({ promise }) => promise));
  const closing = running.server[Symbol.asyncDispose]();
  gates[0].resolve();
  assert.equal((await first).text, 'done');
  await assert.rejects(second);
  await closing;
  gates[1].resolve();
  agent.destroy();
});

test('a taken port is an error that names the address', async () => {
  await using running = await start();
  await assert.rejects(start({ address: running.server.address }), {
    kind: 'unavailable',
    message: `cannot listen on ${running.server.address}`,
  });
});

test('a prefix goes before every path', async () => {
  await using running = await start({ routePrefix: '/thanos/', routes: [echo] });
  assert.equal((await ask(`${running.server.url}/thanos/-/healthy`)).status, 200);
  assert.equal((await ask(`${running.server.url}/thanos/echo/a/values`)).status, 200);
  assert.equal((await ask(`${running.server.url}/-/healthy`)).status, 404);
});

test('probes and chosen routes lie outside of the prefix when they are told to', async () => {
  const outside: HttpRoute = {
    methods: ['GET'],
    path: '/',
    isOutsidePrefix: true,
    handle: () => redirectAnswer(302, '/thanos/graph'),
  };
  const inside: HttpRoute = { methods: ['GET'], path: '/', handle: () => textAnswer(200, 'in') };
  await using running = await start({
    routePrefix: '/thanos',
    areProbesOutside: true,
    routes: [outside, inside],
  });
  const { url } = running.server;
  assert.equal((await ask(`${url}/-/healthy`)).status, 200);
  assert.equal((await ask(`${url}/thanos/-/healthy`)).status, 404);
  const { status, headers } = await ask(`${url}/`);
  assert.deepEqual([status, headers.location], [302, '/thanos/graph']);
  assert.equal((await ask(`${url}/thanos/`)).text, 'in');
});

test('pages of other origins may ask when they are allowed to', async () => {
  await using running = await start({ allowOtherOrigins: true, routes: [echo] });
  const answer = await ask(`${running.server.url}/echo/a/values`, { method: 'OPTIONS' });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['access-control-allow-origin'], '*');
});

/** A scratch folder with a web configuration and what it names. */
function scratch(config: string): Disposable & { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'web-'));
  const path = join(folder, 'web.yml');
  writeFileSync(path, config);
  return { folder, path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** Files changed within one tick of the file system's clock must still look changed. */
function rewrite(path: string, content: string): void {
  writeFileSync(path, content);
  utimesSync(path, 1, Number(process.hrtime.bigint() % 1_000_000n));
}

function basic(user: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

test('only users of the web configuration come in, and a changed file counts at once', async () => {
  const users = (password: string): string =>
    `basic_auth_users:\n  anna: ${bcrypt.hashSync(password, 4)}\nhttp_server_config:\n  headers:\n    X-Frame-Options: deny\n`;
  using folder = scratch(users('first'));
  await using running = await start({ webConfigPath: folder.path });
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await ask(`${running.server.url}/-/healthy`, { headers })).status;
  const without = await ask(`${running.server.url}/-/healthy`);
  assert.equal(without.status, 401);
  assert.equal(without.headers['www-authenticate'], 'Basic');
  assert.equal(without.headers['x-frame-options'], 'deny');
  assert.equal(await status(basic('anna', 'first')), 200);
  assert.equal(await status(basic('anna', 'first')), 200);
  assert.equal(await status(basic('anna', 'wrong')), 401);
  assert.equal(await status(basic('bert', 'first')), 401);
  assert.equal(await status({ authorization: 'Bearer x' }), 401);
  rewrite(folder.path, users('second'));
  assert.equal(await status(basic('anna', 'first')), 401);
  assert.equal(await status(basic('anna', 'second')), 200);
  rewrite(folder.path, 'nonsense: [');
  assert.equal(await status(basic('anna', 'second')), 200, 'a broken file changes nothing');
});

test('TLS, client certificates and a renewed certificate', async () => {
  using folder = scratch('');
  const server = makeCertificate(folder.folder, 'server');
  const client = makeCertificate(folder.folder, 'client');
  const stranger = makeCertificate(folder.folder, 'stranger');
  writeFileSync(
    folder.path,
    'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  client_ca_file: client.crt\n  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [client]\n',
  );
  await using running = await start({ webConfigPath: folder.path });
  const { url } = running.server;
  assert.match(url, /^https:/);
  const visit = (who: { cert: string; key: string }, ca: string) =>
    ask(`${url}/-/healthy`, {
      ca: readFileSync(ca),
      cert: readFileSync(who.cert),
      key: readFileSync(who.key),
    } as RequestOptions);
  assert.equal((await visit(client, server.cert)).status, 200);
  await assert.rejects(visit(stranger, server.cert));
  await assert.rejects(ask(`${url}/-/healthy`, { rejectUnauthorized: false } as RequestOptions));
  const renewed = makeCertificate(folder.folder, 'renewed');
  rewrite(server.cert, readFileSync(renewed.cert, 'utf8'));
  rewrite(server.key, readFileSync(renewed.key, 'utf8'));
  assert.equal((await visit(client, renewed.cert)).status, 200);
});

test('a wrong web configuration is refused at the start with its place', async () => {
  const f = async (config: string, message: RegExp): Promise<void> => {
    using folder = scratch(config);
    await assert.rejects(start({ webConfigPath: folder.path }), { kind: 'bad-data', message });
  };
  await f(
    'basic_auth_users: {a: plain}',
    /web\.yml:1:23: basic_auth_users\.a: is not a bcrypt hash/,
  );
  await f(
    'tls_server_config: {cert_file: a.crt}',
    /web\.yml:1:32: .*cert_file: cannot read .*a\.crt/,
  );
  await f(
    'tls_server_config: {cert: x}',
    /web\.yml:1:20: tls_server_config: needs key_file or key/,
  );
  await f('tls_server_config: {cert: x, key: y, min_version: 3}', /min_version: must be TLS10/);
  await f(
    'tls_server_config: {cert: x, key: y, cipher_suites: [z]}',
    /cipher_suites\[0\]: is unknown; known: TLS_/,
  );
  await f('http_server_config: {headers: {Server: x}}', /headers\.Server: cannot be set/);
  await f('tls: {}', /tls: unknown field; known here: tls_server_config/);
});

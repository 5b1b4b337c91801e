import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { PAGE_PATHS } from '../../ui/src/app/page-paths.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { createReadiness } from '../telemetry/readiness.ts';
import { type HttpServer, startHttpServer } from '../transport/http-server.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { createUi, missingPageRoute, UI_PATHS, type UiOptions } from './ui-routes.ts';

const SCRIPT = 'export const text = "some text";\n'.repeat(100);
const HTML = `<!doctype html><html><head><meta property="csp-nonce" nonce="" /><title>Tsanos</title>
<link rel="icon" href="./favicon.svg" />
<script type="application/json" id="tsanos">{}</script>
<script type="module" src="./assets/app-a1b2.js"></script></head></html>`;

const folder = mkdtempSync(join(tmpdir(), 'ui-'));
const directory = join(folder, 'dist');
mkdirSync(join(directory, 'assets'), { recursive: true });
writeFileSync(join(folder, 'secret.js'), 'secret');
writeFileSync(join(directory, 'index.html'), HTML);
writeFileSync(join(directory, 'favicon.svg'), '<svg/>');
writeFileSync(join(directory, 'manifest.json'), '{}');
writeFileSync(join(directory, 'assets/app-a1b2.js'), SCRIPT);
writeFileSync(join(directory, 'assets/app-a1b2.js.br'), brotliCompressSync(SCRIPT));
writeFileSync(join(directory, 'assets/app-a1b2.js.gz'), gzipSync(SCRIPT));
writeFileSync(join(directory, 'assets/small-c3d4.css'), 'a{}');
after(() => rmSync(folder, { recursive: true }));

interface Started extends AsyncDisposable {
  ask(path: string, headers?: Record<string, string>, method?: string): Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
  readonly text: string;
}

async function start(more: Partial<UiOptions> = {}, routePrefix = ''): Promise<Started> {
  const ui = createUi({
    files: realFileSystem,
    directory,
    component: 'query',
    title: 'Tsanos',
    version: '1.2.3',
    features: ['a'],
    externalPrefix: '',
    prefixHeader: '',
    ...more,
  });
  const metrics = createMetricRegistry();
  const server: HttpServer = await startHttpServer({
    address: '127.0.0.1:0',
    gracePeriodMs: 0,
    webConfigPath: '',
    routePrefix,
    allowOtherOrigins: false,
    routes: [...ui.routes, missingPageRoute(ui)],
    metrics,
    readiness: createReadiness(metrics, 'test'),
    logger: silentLogger,
    clock: realClock,
    files: realFileSystem,
  });
  return {
    ask: (path, headers = {}, method = 'GET') => ask(server.url, { path, headers, method }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

interface Asked {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly method: string;
}

/** The path is sent as it is: no client tidies it up before. */
function ask(url: string, asked: Asked): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpRequest(url, { ...asked, agent: false }, async (response) => {
    const bytes = Buffer.concat(await Array.fromAsync(response)).subarray();
    const { statusCode: status = 0, headers } = response;
    resolve({ status, headers, bytes, text: bytes.toString() });
  });
  request.on('error', reject);
  request.end();
  return promise;
}

const SCRIPT_PATH = '/assets/app-a1b2.js';
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('every page of the UI is served, and no other', () => {
  assert.deepEqual([...UI_PATHS].sort(), [...PAGE_PATHS].sort());
});

test('a page has a strict policy with a nonce of its own, and is not kept', async () => {
  await using ui = await start();
  const nonces = new Set<string>();
  for (const path of ['/', '/graph?g0.expr=up', '/tsdb-status']) {
    const { status, headers, text } = await ui.ask(path);
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8']);
    const policy = String(headers['content-security-policy']);
    const nonce = /style-src 'self' 'nonce-([\w+/=]{24})'/.exec(policy)?.[1] ?? '';
    assert(text.includes(`nonce="${nonce}"`));
    assert.match(policy, /default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 3);
});

test('a page is told what serves it, whatever the title holds', async () => {
  await using ui = await start({ title: '</script><b>"&$1' });
  const { text } = await ui.ask('/');
  assert(text.includes('<title>&lt;/script&gt;&lt;b&gt;&quot;&amp;$1</title>'));
  const settings = /id="tsanos">(.*?)<\/script>/.exec(text)?.[1] ?? '';
  assert.deepEqual(JSON.parse(settings), {
    component: 'query',
    prefix: '',
    features: ['a'],
    version: '1.2.3',
    title: '</script><b>"&$1',
  });
});

test('links of a page carry the prefix under which the browser sees it', async () => {
  const f = async (more: Partial<UiOptions>, headers: Record<string, string>, want: string) => {
    await using ui = await start(more);
    const { text } = await ui.ask('/graph', headers);
    assert(text.includes(`src="${want}/assets/app-a1b2.js"`), text);
    assert(text.includes(`href="${want}/favicon.svg"`));
    assert(text.includes(`"prefix":"${want}"`));
  };
  const headers = { 'x-forwarded-prefix': '/proxy/' };
  await f({}, headers, '');
  await f({ prefixHeader: 'X-Forwarded-Prefix' }, headers, '/proxy');
  await f({ prefixHeader: 'X-Forwarded-Prefix', externalPrefix: 'a/b' }, headers, '/a/b');
  await f({ externalPrefix: 'https://example.org/"x"' }, {}, '/%22x%22');
});

test('pages and files lie under the prefix of the routes', async () => {
  await using ui = await start({ externalPrefix: '/tsanos' }, '/tsanos');
  assert.equal((await ui.ask('/tsanos/graph')).status, 200);
  assert.equal((await ui.ask(`/tsanos${SCRIPT_PATH}`)).text, SCRIPT);
  assert.equal((await ui.ask('/tsanos/nothing', BROWSER)).status, 404);
  assert.equal((await ui.ask('/graph', BROWSER)).status, 404);
});

test('files named by their content are kept for ever, others are asked for', async () => {
  await using ui = await start();
  const script = await ui.ask(SCRIPT_PATH);
  assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  const icon = await ui.ask('/favicon.svg');
  assert.deepEqual(
    [icon.headers['cache-control'], icon.headers['content-type']],
    ['no-cache', 'image/svg+xml'],
  );
  assert.equal((await ui.ask('/favicon.ico')).headers['content-type'], 'image/svg+xml');
  assert.equal((await ui.ask('/manifest.json')).headers['content-type'], 'application/json');
});

test('a file comes in the best encoding that the browser takes', async () => {
  await using ui = await start();
  const f = async (accept: string | undefined, want: string | undefined): Promise<void> => {
    const headers: Record<string, string> =
      accept === undefined ? {} : { 'accept-encoding': accept };
    const { bytes, headers: got } = await ui.ask(SCRIPT_PATH, headers);
    const decode = { br: brotliDecompressSync, gzip: gunzipSync }[want ?? ''];
    assert.equal(String(decode === undefined ? bytes : decode(bytes)), SCRIPT);
    assert.deepEqual([got['content-encoding'], got.vary], [want, 'accept-encoding'], accept);
  };
  await f('gzip, deflate, br, zstd', 'br');
  await f('gzip', 'gzip');
  await f('br;q=0, gzip;q=0.5', 'gzip');
  await f('*', 'br');
  await f('identity', undefined);
  await f(undefined, undefined);
  const small = await ui.ask('/assets/small-c3d4.css', { 'accept-encoding': 'br' });
  assert.deepEqual([small.text, small.headers['content-encoding']], ['a{}', undefined]);
});

test('who has a file already gets no body, in the encoding that was sent', async () => {
  await using ui = await start();
  const br = { 'accept-encoding': 'br' };
  const { etag = '' } = (await ui.ask(SCRIPT_PATH, br)).headers;
  const f = async (
    header: string,
    headers: Record<string, string>,
    want: number,
  ): Promise<void> => {
    const answer = await ui.ask(SCRIPT_PATH, { ...headers, 'if-none-match': header });
    assert.deepEqual([answer.status, answer.bytes.length === 0], [want, want === 304], header);
  };
  assert.match(etag, /^"[\w-]{22}"$/);
  await f(etag, br, 304);
  await f(`"other", W/${etag}`, br, 304);
  await f('*', br, 304);
  await f('"other"', br, 200);
  await f(etag, {}, 200);
});

test('HEAD answers as GET does, without the body', async () => {
  await using ui = await start();
  const head = await ui.ask(SCRIPT_PATH, {}, 'HEAD');
  assert.deepEqual(
    [head.status, head.headers['content-length'], head.bytes.length],
    [200, String(SCRIPT.length), 0],
  );
  const page = await ui.ask('/graph', {}, 'HEAD');
  assert.deepEqual([page.status, page.headers['content-type']], [200, 'text/html; charset=utf-8']);
  assert.equal((await ui.ask('/graph', {}, 'POST')).status, 405);
});

test('what is not there is a page only for who looks for pages', async () => {
  await using ui = await start();
  const f = async (path: string, want: readonly [number, boolean]): Promise<void> => {
    const { status, text } = await ui.ask(path, BROWSER);
    assert.deepEqual([status, text.startsWith('<!doctype')], want, path);
  };
  await f('/nothing', [404, true]);
  await f('/graph/', [200, true]);
  await f('/assets/app-other.js', [404, false]);
  await f('/assets', [404, false]);
  await f('/api/v1/nothing', [404, false]);
  await f('/-/nothing', [404, false]);
  await f('/robots.txt', [404, false]);
  assert.equal((await ui.ask('/nothing', { accept: '*/*' })).text, '404 page not found\n');
});

test('no path leads out of the directory, nor to what is not a file of the UI', async () => {
  await using ui = await start();
  const paths = [
    '/assets/../../secret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '/assets/..%2f..%2fsecret.js',
    '/assets/..%5c..%5csecret.js',
    '/assets//../../secret.js',
    '/../secret.js',
    '/assets/app-a1b2.js.br',
    '/assets/app-a1b2.js%00',
    '/assets/',
    '/index.html',
  ];
  for (const path of paths) {
    const { status, text } = await ui.ask(path, BROWSER);
    assert(status === 404 || status === 400, `${path}: ${status}`);
    assert.doesNotMatch(text, /secret/, path);
  }
});

test('a UI that has not been built says how to build it', async () => {
  await using ui = await start({ directory: join(folder, 'absent') });
  const { status, text } = await ui.ask('/graph');
  assert.deepEqual(
    [status, text],
    [503, 'the web UI has not been built: run `npm run build:ui`\n'],
  );
  assert.equal((await ui.ask(SCRIPT_PATH)).status, 404);
});

import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  createBlocks,
  type Program,
  ready,
  startCommand,
  startPrometheus,
  temporaryFolder,
} from './real-programs.ts';
import { noise, printSeries, type SeriesText, START_MS } from './series-text.ts';

const SAMPLES = 700;
const SERIES: readonly SeriesText[] = [
  ...['a', 'b', 'c'].map((instance, k) => ({
    name: 'requests_total',
    type: 'counter' as const,
    labels: `instance="${instance}",job="${k < 2 ? 'web' : 'api'}"`,
    value: (i: number) => Math.floor(((i + 40 * k) % 170) * (3 + k)),
  })),
  ...Array.from({ length: 40 }, (_, k) => ({
    name: 'temperature',
    type: 'gauge' as const,
    labels: `room="r${k}"`,
    value: (i: number) => 20 + noise(i, k),
  })),
];

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const folder = temporaryFolder();
let dataPath = '';
let prometheus: Program;
let tsanos: Program;

before(async () => {
  dataPath = createBlocks(folder.path, printSeries(SERIES, SAMPLES));
  prometheus = await startPrometheus({ dataPath, config: 'global: {}' });
  tsanos = await ready(await startCommand('query', [`--block-dir=${dataPath}`]));
});

after(async () => {
  await tsanos?.[Symbol.asyncDispose]();
  await prometheus?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

interface Call {
  readonly method?: string;
  /** Of the URL. */
  readonly query?: string;
  /** Sent as a form. */
  readonly form?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Undecoded, unlike fetch. */
async function call(program: Program, path: string, call: Call = {}): Promise<Answer> {
  const { method = 'GET', query = '', form, headers = {} } = call;
  const content = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const sent = request(`${program.url}${path}?${query}`, {
      method,
      headers: { ...content, ...headers },
    });
    sent.on('error', reject);
    sent.on('response', async (answer) => {
      const body = Buffer.concat(await answer.toArray());
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
    });
    sent.end(form);
  });
}

function parsed({ body }: Answer): unknown {
  const answer = JSON.parse(body.toString()) as { data?: { analysis?: unknown } };
  if (typeof answer.data === 'object') delete answer.data.analysis;
  return answer;
}

/** Both servers answer with the same status and the same JSON. */
async function same(path: string, one: Call, status: number): Promise<void> {
  const [ours, theirs] = [await call(tsanos, path, one), await call(prometheus, path, one)];
  const what = `${path} ${JSON.stringify(one)}`;
  assert.equal(theirs.status, status, what);
  assert.equal(ours.status, status, what);
  assert.deepEqual(parsed(ours), parsed(theirs), what);
}

const START = START_MS / 1000;
const TIME = START + 3000.5;
const RANGE = `start=${START + 600.5}&end=${START + 6000}&step=61`;

test('parameters come from the URL, a form or both', async () => {
  await same('/api/v1/query', { query: `query=requests_total&time=${TIME}` }, 200);
  await same('/api/v1/query', { method: 'POST', form: `query=requests_total&time=${TIME}` }, 200);
  await same('/api/v1/query', { method: 'POST', form: '', query: `query=1%2B1&time=4` }, 200);
  await same('/api/v1/query', { method: 'POST', form: 'query=1%2B1', query: 'time=4' }, 200);
  await same('/api/v1/query_range', { query: `query=temperature&${RANGE}` }, 200);
  await same('/api/v1/query_range', { method: 'POST', form: `query=time()&${RANGE}` }, 200);
  await same('/api/v1/labels', { method: 'POST', form: '', query: 'match[]=temperature' }, 200);
  await same('/api/v1/series', { method: 'POST', form: 'match[]={job="web"}' }, 200);
  await same('/api/v1/label/room/values', {}, 200);
  await same('/api/v1/label/job/values', { query: 'match[]=requests_total' }, 200);
  await same('/api/v1/format_query', { query: 'query=sum(a)by(b)' }, 200);
});

test('what is wrong with a request is said in the same words', async () => {
  await same('/api/v1/query', { query: 'query=sum(' }, 400);
  await same('/api/v1/query', { query: 'query=rate(x)' }, 400);
  await same('/api/v1/query', { query: 'query=x&timeout=y' }, 400);
  await same('/api/v1/query_range', { query: 'query=x&start=2&end=1&step=1' }, 400);
  await same('/api/v1/query_range', { query: 'query=x&start=1&end=2&step=0' }, 400);
  await same('/api/v1/query_range', { query: 'query=x&start=x&end=2&step=1' }, 400);
  await same('/api/v1/query_range', { query: 'query=x&start=0&end=1e7&step=1' }, 400);
  await same('/api/v1/series', {}, 400);
  await same('/api/v1/series', { query: 'match[]={' }, 400);
  await same('/api/v1/labels', { query: 'match[]={}' }, 400);
  const query = encodeURIComponent('label_replace(temperature, "room", "x", "room", ".*")');
  await same('/api/v1/query', { query: `query=${query}&time=${TIME}` }, 422);
});

test('a known path with another method is not allowed, an unknown one not found', async () => {
  for (const [method, path, status] of [
    ['POST', '/api/v1/label/job/values', 405],
    ['POST', '/api/v1/metadata', 405],
    ['POST', '/api/v1/status/buildinfo', 405],
    ['PUT', '/api/v1/query', 405],
    ['GET', '/api/v1/nothing', 404],
  ] as const) {
    const answers = [
      await call(tsanos, path, { method }),
      await call(prometheus, path, { method }),
    ];
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [status, status],
      `${method} ${path}`,
    );
  }
});

test('a large result is whole, compressed for who accepts it', async () => {
  const form = `query=temperature&start=${START + 0.5}&end=${START + 10_000}&step=1`;
  const plain = await call(tsanos, '/api/v1/query_range', { method: 'POST', form });
  assert.equal(plain.status, 200);
  assert.ok(plain.body.length > 5 << 20, `${plain.body.length} bytes`);
  const theirs = await call(prometheus, '/api/v1/query_range', { method: 'POST', form });
  assert.deepEqual(parsed(plain), parsed(theirs));
  const headers = { 'accept-encoding': 'gzip' };
  const small = await call(tsanos, '/api/v1/query_range', { method: 'POST', form, headers });
  assert.equal(small.headers['content-encoding'], 'gzip');
  assert.ok(small.body.length < plain.body.length / 2);
  assert.ok(gunzipSync(small.body).equals(plain.body));
});

test('other origins may ask, as with Prometheus', async () => {
  const headers = { origin: 'http://grafana.test' };
  const ours = await call(tsanos, '/api/v1/query', { query: 'query=1', headers });
  const theirs = await call(prometheus, '/api/v1/query', { query: 'query=1', headers });
  const name = 'access-control-allow-origin';
  assert.ok(ours.headers[name] !== undefined);
  assert.ok(theirs.headers[name] !== undefined);
});

test('Grafana finds what it asks for when it starts', async () => {
  const build = parsed(await call(tsanos, '/api/v1/status/buildinfo')) as { data: object };
  assert.ok('version' in build.data && !('features' in build.data));
  const form = 'query=1%2B1&time=4';
  await same('/api/v1/query', { method: 'POST', form }, 200);
  await same('/api/v1/metadata', { query: 'limit=40000' }, 200);
  const query = `query=test&start=${START_MS}&end=${START_MS + 1}`;
  await same('/api/v1/query_exemplars', { query }, 200);
});

test('a block that cannot be read ends the program with its file and offset', async () => {
  const broken = temporaryFolder();
  const path = createBlocks(broken.path, printSeries(SERIES.slice(0, 2), 10));
  const [block = ''] = readdirSync(path).filter((name) => name.length === 26);
  const index = join(path, block, 'index');
  const bytes = readFileSync(index);
  bytes[bytes.length - 20] = (bytes[bytes.length - 20] as number) ^ 1;
  writeFileSync(index, bytes);
  const program = await startCommand('query', [`--block-dir=${path}`]);
  assert.notEqual(await program.ended, 0);
  assert.match(program.output(), /table of contents at offset \d+ of .*index/);
  broken[Symbol.dispose]();
});

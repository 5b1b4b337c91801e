import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { silentLogger } from '../telemetry/logger.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { createOtlpTracer } from '../telemetry/otlp-tracer.ts';
import { createReadiness } from '../telemetry/readiness.ts';
import { readSpans, type SentSpan } from '../telemetry/testing/otlp-spans.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { defaultTlsSettings } from './client-settings.ts';
import { createHttpClient } from './http-client.ts';
import { textAnswer } from './http-route.ts';
import { startHttpServer } from './http-server.ts';
import { makeCertificate } from './testing/certificate.ts';
import {
  Closing,
  forever,
  number,
  startClient,
  startServer,
  stream,
  unary,
} from './testing/grpc.ts';
import { listen, serve } from './testing/http.ts';
import { type CollectorSettings, createTraceSender } from './trace-sender.ts';
import { parseTracingConfig } from './tracing-config.ts';

const { signal } = new AbortController();

function collecting(): { readonly tracer: Tracer; readonly sent: SentSpan[] } {
  const sent: SentSpan[] = [];
  const tracer = createOtlpTracer({
    settings: { serviceName: 's', resourceAttributes: {}, sampledFraction: 0, followsParent: true },
    clock: realClock,
    send: async (request) => void sent.push(...readSpans(request)),
    onLost: (count, cause) => assert.fail(`${count} spans are lost: ${String(cause)}`),
  });
  return { tracer, sent };
}

test('a forced request is one trace through HTTP and gRPC to the last server', async () => {
  const { tracer, sent } = collecting();
  await using closing = new Closing();
  const last = await startServer(
    closing,
    new Map([
      [
        '/s.S/Stream',
        stream(async function* () {
          yield number(1);
          yield number(2);
        }),
      ],
      ['/s.S/Fail', unary(() => Promise.reject(new Error('no')))],
    ]),
    { tracer },
  );
  const grpc = startClient(closing, last.address, { tracer });
  const metrics = createMetricRegistry();
  await using server = await startHttpServer({
    address: '127.0.0.1:0',
    gracePeriodMs: 0,
    webConfigPath: '',
    routePrefix: '',
    allowOtherOrigins: false,
    tracer,
    metrics,
    readiness: createReadiness(metrics, 'test'),
    logger: silentLogger,
    clock: realClock,
    files: realFileSystem,
    routes: [
      {
        methods: ['POST'],
        path: '/ask',
        handler: 'ask',
        async handle() {
          const answers = await Array.fromAsync(
            grpc.serverStream('/s.S/Stream', number(0), { signal: forever }),
          );
          await grpc.unary('/s.S/Fail', number(0), { signal: forever }).catch(() => undefined);
          return textAnswer(200, String(answers.length));
        },
      },
    ],
  });
  await using client = createHttpClient(realFileSystem);
  const ask = (headers: Record<string, string>) =>
    client.request({ method: 'POST', url: `${server.url}/ask?q=1`, headers, body: 'x', signal });
  const plain = await ask({});
  assert.equal(plain.headers['x-thanos-trace-id'], undefined);
  assert.equal(await plain.text(), '2');
  const forced = await ask({ 'x-thanos-force-tracing': '1' });
  assert.equal(await forced.text(), '2');
  // The server's span ends when its connection has taken the answer, perhaps after the client has it.
  for (await tracer.close(); sent.length < 5; await tracer.close()) await realClock.sleep(1);
  const names = sent.map(({ name, kind, failure }) => `${name} ${kind} ${failure ?? '-'}`).sort();
  assert.deepEqual(names, [
    '/ask HTTP[server] 2 -',
    '/s.S/Fail 2 Unknown',
    '/s.S/Fail 3 Unknown',
    '/s.S/Stream 2 -',
    '/s.S/Stream 3 -',
  ]);
  assert.deepEqual(
    [...new Set(sent.map(({ traceId }) => traceId))],
    [forced.headers['x-thanos-trace-id']],
  );
  const of = (name: string, kind: number) =>
    sent.find((span) => span.name === name && span.kind === kind);
  assert.equal(of('/s.S/Stream', 2)?.parentId, of('/s.S/Stream', 3)?.spanId);
  assert.equal(of('/s.S/Stream', 3)?.parentId, of('/ask HTTP[server]', 2)?.spanId);
  assert.deepEqual(of('/ask HTTP[server]', 2)?.attributes['http.url'], '/ask?q=1');
});

test('the client of HTTP hands the current span on', async () => {
  const { tracer } = collecting();
  await using server = await serve((request, response) => {
    response.end(request.headers.traceparent);
  });
  await using client = createHttpClient(realFileSystem, undefined, tracer);
  const ask = async () => (await client.request({ method: 'GET', url: server.url, signal })).text();
  assert.equal(await ask(), '');
  const span = tracer.start('a', { isForced: true });
  assert.match(await span.run(ask), new RegExp(`^00-${span.traceId}-[0-9a-f]{16}-01$`));
  await tracer.close();
});

const collector: CollectorSettings = {
  clientType: 'http',
  endpoint: '',
  urlPath: '/v1/traces',
  isPlain: true,
  tls: defaultTlsSettings,
  headers: [['X-Scope-OrgID', 'me']],
  isCompressed: true,
  timeoutMs: 1000,
  retry: { firstDelayMs: 1, delayMaxMs: 2, totalMs: 1000 },
};

function senderOf(settings: Partial<CollectorSettings>) {
  return createTraceSender({
    settings: { ...collector, ...settings },
    files: realFileSystem,
    clock: realClock,
    signal,
  });
}

test('traces go to a collector by HTTP, again when it is busy, not when it refuses', async () => {
  const asked: string[] = [];
  let statuses: number[] = [];
  await using server = await serve(async (request, response) => {
    const body = gunzipSync(Buffer.concat(await Array.fromAsync(request)));
    const { 'x-scope-orgid': tenant, 'content-type': type } = request.headers;
    asked.push(`${request.method} ${request.url} ${tenant} ${type} ${body}`);
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await using sender = senderOf({ endpoint: `127.0.0.1:${server.port}` });
  statuses = [503, 429];
  await sender.send(Buffer.from('traces'));
  assert.deepEqual(asked, Array(3).fill('POST /v1/traces me application/x-protobuf traces'));
  statuses = [400];
  await assert.rejects(sender.send(Buffer.from('x')), { message: /v1\/traces answered 400$/ });
  assert.equal(asked.length, 4);
  await using lonely = senderOf({
    endpoint: '127.0.0.1:1',
    retry: { ...collector.retry, totalMs: 0 },
  });
  await assert.rejects(lonely.send(Buffer.from('x')), { kind: 'unavailable' });
});

test('traces go to a collector by HTTP over TLS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'traces-'));
  try {
    const { cert, key } = makeCertificate(folder, 'server');
    const options = { cert: readFileSync(cert), key: readFileSync(key) };
    await using server = await listen(
      createServer(options, (_, response) => response.end()),
      'https',
    );
    await using sender = senderOf({
      endpoint: `127.0.0.1:${server.port}`,
      isPlain: false,
      tls: { ...defaultTlsSettings, ca: { kind: 'file', path: cert } },
    });
    await sender.send(Buffer.from('traces'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('traces go to a collector by gRPC', async () => {
  await using closing = new Closing();
  const asked: string[] = [];
  const name = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  const handle = unary(async (request, { metadata }) => {
    asked.push(`${metadata['x-scope-orgid']} ${Buffer.from(request)}`);
    return new Uint8Array();
  });
  const { address } = await startServer(closing, new Map([[name, handle]]));
  await using sender = senderOf({ endpoint: address, clientType: 'grpc' });
  await sender.send(Buffer.from('traces'));
  assert.deepEqual(asked, ['me traces']);
});

test("Thanos' configuration is read with its defaults", () => {
  const { trace, collector: found } = parseTracingConfig(
    'type: OTLP\nconfig: {client_type: grpc, timeout: 1500000000, sampler_type: TraceIDRatioBased, sampler_param: "0.25"}',
    't.yml',
  );
  assert.deepEqual(trace, {
    serviceName: 'tsanos',
    resourceAttributes: {},
    sampledFraction: 0.25,
    followsParent: false,
  });
  assert.deepEqual(found, {
    clientType: 'grpc',
    endpoint: 'localhost:4317',
    urlPath: '/v1/traces',
    isPlain: false,
    tls: defaultTlsSettings,
    headers: [],
    isCompressed: false,
    timeoutMs: 1500,
    retry: { firstDelayMs: 5000, delayMaxMs: 30_000, totalMs: 60_000 },
  });
});

test('a wrong configuration of tracing is refused with its place', () => {
  const f = (yaml: string, message: RegExp): void =>
    assert.throws(() => parseTracingConfig(yaml, 't.yml'), { kind: 'bad-data', message }, yaml);
  f('type: JAEGER', /t\.yml:1:7: type: must be OTLP, which Jaeger/);
  f('config: {}', /t\.yml:1:1: has no type/);
  f('type: OTLP', /has no config/);
  f('type: OTLP\nconfig: {}', /needs client_type: http or grpc/);
  const g = (config: string, message: RegExp): void =>
    f(`type: OTLP\nconfig: {client_type: http, ${config}}`, message);
  g('endpoint: "http://x:4318"', /endpoint: is not host:port.*without a scheme/);
  g('compression: snappy', /compression: must be gzip/);
  g('sampler_type: sometimes', /sampler_type: must be alwayssample/);
  g('sampler_type: traceidratiobased', /sampler_type: needs sampler_param/);
  g('sampler_type: traceidratiobased, sampler_param: 2', /sampler_param: needs sampler_param/);
  g('servicename: x', /servicename: unknown field/);
});

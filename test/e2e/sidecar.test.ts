import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { testKernel } from '../../src/base/testing/kernel.ts';
import { allocChunkTable, decodeChunks, setChunkRow } from '../../src/chunk/columns.ts';
import { compareLabels, type Labels } from '../../src/model/labels.ts';
import {
  ExemplarsRequestSchema,
  ExemplarsResponseSchema,
} from '../../src/wire/gen/thanos/exemplars_pb.ts';
import { InfoResponseSchema } from '../../src/wire/gen/thanos/info_pb.ts';
import { LabelMatcher_Type as Type } from '../../src/wire/gen/thanos/label_pb.ts';
import {
  MetricMetadataRequestSchema,
  MetricMetadataResponseSchema,
} from '../../src/wire/gen/thanos/metadata_pb.ts';
import {
  RulesRequest_Type,
  RulesRequestSchema,
  RulesResponseSchema,
} from '../../src/wire/gen/thanos/rules_pb.ts';
import {
  TsdbStatisticsRequestSchema,
  TsdbStatisticsResponseSchema,
} from '../../src/wire/gen/thanos/status_pb.ts';
import {
  type AggrChunk,
  LabelNamesRequestSchema,
  LabelNamesResponseSchema,
  LabelValuesRequestSchema,
  LabelValuesResponseSchema,
  type Series,
  SeriesRequestSchema,
  SeriesResponseSchema,
} from '../../src/wire/gen/thanos/store_pb.ts';
import {
  TargetsRequestSchema,
  TargetsResponseSchema,
} from '../../src/wire/gen/thanos/targets_pb.ts';
import {
  createBlocks,
  freePort,
  type Program,
  ready,
  startCommand,
  startPrometheus,
  temporaryFolder,
} from './real-programs.ts';
import { noise, printSeries, type SeriesText, START_MS, STEP_MS } from './series-text.ts';

const SAMPLES = 1500;
const END_MS = START_MS + SAMPLES * STEP_MS;
const CONFIG = `
global:
  scrape_interval: 1s
  external_labels: { cluster: demo, region: local, replica: A }
rule_files: [rules.yml]
`;
const RULES = `
groups:
  - name: demo
    interval: 1s
    rules:
      - { record: 'a:b', expr: 'vector(1)', labels: { team: t } }
      - { alert: Always, expr: 'vector(1)', annotations: { summary: 's' } }
`;
/** A target beside the sidecar's own Prometheus; its port is put in when it is known. */
const scrape = (url: string): string => `
scrape_configs:
  - job_name: self
    static_configs: [{ targets: ['${new URL(url).host}'], labels: { replica: inner } }]
`;

/** Label sets that lose their order when external labels are added or replica labels dropped. */
const SERIES: readonly SeriesText[] = [
  ...['a', 'b'].flatMap((handler) =>
    ['200', '500'].map((code) => ({
      name: 'requests_total',
      type: 'counter' as const,
      labels: `code="${code}",handler="${handler}",job="web"`,
      value: (i: number) => (i % 700) * 3 + code.length + noise(i, handler.length),
    })),
  ),
  { name: 'temperature', type: 'gauge', labels: 'job="x"', value: (i) => 20 + Math.sin(i / 9) },
  { name: 'temperature', type: 'gauge', labels: 'job="x",mode="in"', value: (i) => noise(i, 1) },
  { name: 'temperature', type: 'gauge', labels: 'job="x",zone="q"', value: (i) => -i },
  { name: 'temperature', type: 'gauge', labels: 'job="y",replica="inner"', value: () => 1 / 3 },
  {
    name: 'temperature',
    type: 'gauge',
    labels: 'job="y",replica="inner",zone="ü"',
    value: () => 7,
  },
  {
    name: 'odd_values',
    type: 'gauge',
    labels: 'job="odd"',
    value: (i) => [NaN, Infinity, -Infinity, -0, 5e-324, 1.7976931348623157e308][i % 6] ?? 0,
  },
];

const folder = temporaryFolder();
let prometheus: Program;
let sidecar: Program;
let client: grpc.Client;
let grpcAddress: string;
let config: string;

before(async () => {
  const dataPath = createBlocks(folder.path, printSeries(SERIES, SAMPLES));
  writeFileSync(join(folder.path, 'rules.yml'), RULES);
  const port = await freePort();
  config = CONFIG + scrape(`http://127.0.0.1:${port}`);
  prometheus = await startPrometheus({ dataPath, config, port });
  grpcAddress = `127.0.0.1:${await freePort()}`;
  sidecar = await startCommand('sidecar', [
    `--grpc-address=${grpcAddress}`,
    `--prometheus.url=${prometheus.url}`,
    '--prometheus.get_config_interval=200ms',
  ]);
  await ready(sidecar);
  client = new grpc.Client(grpcAddress, grpc.credentials.createInsecure());
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + 10_000, (error) => (error ? reject(error) : resolve()));
  });
});

after(async () => {
  client?.close();
  await sidecar?.[Symbol.asyncDispose]();
  await prometheus?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const bytes = (message: Uint8Array): Buffer => Buffer.from(message);

function unary(method: string, request: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method,
      bytes,
      (b: Buffer) => b,
      request,
      (error, answer) => {
        if (error !== null) reject(error);
        else resolve(answer ?? assert.fail());
      },
    );
  });
}

type SeriesInit = Exclude<MessageInitShape<typeof SeriesRequestSchema>, { $typeName: string }>;

const matcher = (name: string, value: string, type: Type = Type.EQ) => ({ type, name, value });
const ALL = [matcher('__name__', 'requests_total|temperature|odd_values', Type.RE)];

async function select(init: SeriesInit): Promise<Series[]> {
  const request = create(SeriesRequestSchema, {
    minTime: BigInt(START_MS),
    maxTime: BigInt(END_MS),
    matchers: ALL,
    ...init,
  });
  const call = client.makeServerStreamRequest(
    '/thanos.Store/Series',
    bytes,
    (b: Buffer) => b,
    toBinary(SeriesRequestSchema, request),
  );
  const found: Series[] = [];
  for await (const message of call) {
    const { result } = fromBinary(SeriesResponseSchema, message as Buffer);
    if (result.case === 'series') found.push(result.value);
    else if (result.case === 'batch') found.push(...result.value.series);
  }
  return found;
}

const labelsOf = ({ labels }: Series): Labels => labels.flatMap(({ name, value }) => [name, value]);
const textOf = (series: Series): string =>
  series.labels.map(({ name, value }) => `${name}=${value}`).join(' ');

/** Pairs of time and value as Prometheus' JSON has them. */
function samplesOf(chunks: readonly AggrChunk[]): [number, string][] {
  const kernel = testKernel();
  const table = allocChunkTable(kernel, chunks.length);
  chunks.forEach(({ raw }, row) => {
    if (raw === undefined) assert.fail('a chunk without raw data');
    const { data, type } = raw;
    const address = kernel.arena.alloc(data.length);
    kernel.u8.set(data, address);
    setChunkRow(kernel, table, row, { address, length: data.length, encoding: type + 1 });
  });
  const columns = decodeChunks(kernel, { table, count: chunks.length, describe: String });
  return Array.from({ length: columns.count }, (_, i) => [
    (kernel.f64[(columns.times >>> 3) + i] ?? 0) / 1000,
    goNumber(kernel.f64[(columns.values >>> 3) + i] ?? 0),
  ]);
}

/** Numbers read from Prometheus' text and printed again, so that only values are compared. */
function goNumber(value: number | string): string {
  const text = String(value);
  if (text === '+Inf') return 'Infinity';
  if (text === '-Inf') return '-Infinity';
  return Object.is(Number(text), -0) || Object.is(value, -0) ? '-0' : String(Number(text));
}

interface RawSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly [number, string][];
}

/** Raw samples by Prometheus' own query API. */
async function rawSamples(selector: string): Promise<RawSeries[]> {
  const rangeS = (END_MS - START_MS) / 1000;
  const query = encodeURIComponent(`${selector}[${rangeS}s]`);
  const answer = await fetch(`${prometheus.url}/api/v1/query?query=${query}&time=${END_MS / 1000}`);
  const { data } = (await answer.json()) as { data: { result: RawSeries[] } };
  return data.result;
}

test('every series and every sample is what Prometheus itself answers', async () => {
  const found = await select({});
  const want = await rawSamples('{__name__=~"requests_total|temperature|odd_values"}');
  assert.equal(found.length, SERIES.length);
  const external = { cluster: 'demo', region: 'local', replica: 'A' };
  const key = (record: Readonly<Record<string, string>>): string =>
    Object.keys(record)
      .sort()
      .map((name) => `${name}=${record[name]}`)
      .join(' ');
  const byKey = new Map(
    want.map(({ metric, values }) => [key({ ...metric, ...external }), values]),
  );
  for (const series of found) {
    const values = byKey.get(textOf(series)) ?? assert.fail(textOf(series));
    assert.deepEqual(
      samplesOf(series.chunks),
      values.map(([time, value]) => [time, goNumber(value)]),
      textOf(series),
    );
    assert.equal(values.length, SAMPLES);
  }
});

test('series are sorted, with and without replica labels, single and in batches', async () => {
  const isSorted = (found: readonly Series[]): void => {
    const sorted = found.toSorted((a, b) => compareLabels(labelsOf(a), labelsOf(b)));
    assert.deepEqual(found.map(textOf), sorted.map(textOf));
  };
  for (const responseBatchSize of [0n, 1n, 3n, 64n]) {
    const plain = await select({ responseBatchSize });
    isSorted(plain);
    assert.equal(plain.length, SERIES.length);
    const without = await select({
      responseBatchSize,
      withoutReplicaLabels: ['replica', 'region'],
    });
    isSorted(without);
    assert.equal(without.length, SERIES.length);
    assert.ok(without.every(({ labels }) => labels.every(({ name }) => name !== 'replica')));
  }
});

test('skip_chunks, limit, time range and matchers on external labels', async () => {
  const labels = await select({ skipChunks: true, withoutReplicaLabels: ['replica'] });
  const whole = await select({ withoutReplicaLabels: ['replica'] });
  assert.deepEqual(labels.map(textOf), whole.map(textOf));
  assert.ok(labels.every(({ chunks }) => chunks.length === 0));
  assert.equal((await select({ limit: 2n })).length, 2);
  assert.equal((await select({ minTime: 0n, maxTime: BigInt(START_MS - 1) })).length, 0);
  const one = await select({ maxTime: BigInt(START_MS), matchers: [matcher('job', 'web')] });
  assert.deepEqual(
    one.map(({ chunks }) => samplesOf(chunks)[0]?.[0]),
    Array.from({ length: 4 }, () => START_MS / 1000),
  );
  assert.equal(
    (await select({ matchers: [...ALL, matcher('replica', 'A')] })).length,
    SERIES.length,
  );
  assert.deepEqual(await select({ matchers: [...ALL, matcher('replica', 'B')] }), []);
});

test('label names and values, with matchers', async () => {
  const range = { start: BigInt(START_MS), end: BigInt(END_MS) };
  const names = async (matchers: SeriesInit['matchers'] = []) => {
    const request = create(LabelNamesRequestSchema, { ...range, matchers });
    const answer = await unary(
      '/thanos.Store/LabelNames',
      toBinary(LabelNamesRequestSchema, request),
    );
    return fromBinary(LabelNamesResponseSchema, answer).names;
  };
  const values = async (label: string, matchers: SeriesInit['matchers'] = []) => {
    const request = create(LabelValuesRequestSchema, { ...range, label, matchers });
    const answer = await unary(
      '/thanos.Store/LabelValues',
      toBinary(LabelValuesRequestSchema, request),
    );
    return fromBinary(LabelValuesResponseSchema, answer).values;
  };
  const external = ['cluster', 'region', 'replica'];
  assert.deepEqual(await names([matcher('job', 'web')]), [
    '__name__',
    'cluster',
    'code',
    'handler',
    'job',
    ...external.slice(1),
  ]);
  assert.deepEqual(await values('code'), ['200', '500']);
  assert.deepEqual(await values('handler', [matcher('code', '2.*', Type.RE)]), ['a', 'b']);
  assert.deepEqual(await values('region', [matcher('job', 'web')]), ['local']);
  assert.deepEqual(await values('region', [matcher('job', 'none')]), []);
});

test('info, health and metrics tell what the sidecar is', async () => {
  const info = fromBinary(
    InfoResponseSchema,
    await unary('/thanos.info.Info/Info', new Uint8Array()),
  );
  assert.equal(info.componentType, 'sidecar');
  assert.equal(info.store?.minTime, BigInt(START_MS));
  assert.ok(info.rules && info.targets && info.metricMetadata && info.exemplars && info.status);
  assert.equal(info.store?.maxTime, 2n ** 63n - 1n);
  assert.deepEqual(
    info.labelSets[0]?.labels.map(({ name, value }) => `${name}=${value}`),
    ['cluster=demo', 'region=local', 'replica=A'],
  );
  const metrics = await (await fetch(`${sidecar.url}/metrics`)).text();
  assert.match(metrics, /^thanos_sidecar_prometheus_up 1$/m);
  assert.match(metrics, /^thanos_status\{.*check="ready".*\} 1$/m);
  assert.match(
    metrics,
    /^grpc_server_handled_total\{.*grpc_method="Series".*grpc_code="OK".*\} \d+$/m,
  );
});

test('errors come as gRPC statuses', async () => {
  const code = (promise: Promise<unknown>, want: grpc.status, text: RegExp): Promise<void> =>
    assert.rejects(promise, (error: grpc.ServiceError) => {
      assert.equal(error.code, want, error.message);
      assert.match(error.details, text);
      return true;
    });
  await code(select({ matchers: [] }), grpc.status.INVALID_ARGUMENT, /no matchers specified/);
  await code(
    select({ matchers: [matcher('a', '(', Type.RE)] }),
    grpc.status.INVALID_ARGUMENT,
    /missing closing/,
  );
  await code(
    unary('/thanos.Store/LabelNames', Uint8Array.of(0xff)),
    grpc.status.INVALID_ARGUMENT,
    /cannot decode/,
  );
});

async function all<Request extends DescMessage, Response extends DescMessage>(
  method: string,
  [request, response]: readonly [Request, Response],
  init: MessageInitShape<Request>,
): Promise<MessageShape<Response>[]> {
  const bytesOf = toBinary(request, create(request, init));
  const found: MessageShape<Response>[] = [];
  const call = client.makeServerStreamRequest(method, bytes, (b: Buffer) => b, bytesOf);
  for await (const message of call) found.push(fromBinary(response, message as Buffer));
  return found;
}

/** JSON of a message, as the judge of what came. */
async function jsonOf<Request extends DescMessage, Response extends DescMessage>(
  method: string,
  schemas: readonly [Request, Response],
  init: MessageInitShape<Request>,
): Promise<string> {
  const messages = await all(method, schemas, init);
  return JSON.stringify(messages.map((message) => toJson(schemas[1], message)));
}

test('rules, targets, metadata, exemplars and statistics come from Prometheus', async () => {
  const external =
    '{"name":"cluster","value":"demo"},{"name":"region","value":"local"},{"name":"replica","value":"A"}';
  let rules = '';
  while (!rules.includes('FIRING')) {
    rules = await jsonOf('/thanos.Rules/Rules', [RulesRequestSchema, RulesResponseSchema], {});
    await sleep(50);
  }
  assert.match(rules, /^\[\{"group":\{"name":"demo","file":"[^"]*rules.yml"/);
  assert.ok(rules.includes(`"labels":{"labels":[${external},{"name":"team","value":"t"}]}`), rules);
  assert.ok(rules.includes('"annotations":{"labels":[{"name":"summary","value":"s"}]}'), rules);
  assert.match(rules, /"value":"1e\+00"/);
  const records = { type: RulesRequest_Type.RECORD };
  const recorded = await jsonOf(
    '/thanos.Rules/Rules',
    [RulesRequestSchema, RulesResponseSchema],
    records,
  );
  assert.ok(recorded.includes('a:b') && !recorded.includes('Always'), recorded);

  let targets = '';
  while (!targets.includes('TARGET_HEALTH_UP')) {
    targets = await jsonOf(
      '/thanos.Targets/Targets',
      [TargetsRequestSchema, TargetsResponseSchema],
      {},
    );
    await sleep(50);
  }
  assert.ok(targets.includes(`"scrapeUrl":"${prometheus.url}/metrics"`), targets);
  assert.ok(
    targets.includes('{"name":"replica","value":"A"}') && !targets.includes('inner'),
    targets,
  );

  const metadata = await jsonOf(
    '/thanos.Metadata/MetricMetadata',
    [MetricMetadataRequestSchema, MetricMetadataResponseSchema],
    { metric: 'go_goroutines', limit: -1 },
  );
  assert.match(
    metadata,
    /"go_goroutines":\{"metas":\[\{"type":"gauge","help":"Number of goroutines/,
  );
  const exemplars = [ExemplarsRequestSchema, ExemplarsResponseSchema] as const;
  const range = { start: 0n, end: BigInt(Date.now()) };
  assert.equal(
    await jsonOf('/thanos.Exemplars/Exemplars', exemplars, { query: 'up', ...range }),
    '[]',
  );
  await assert.rejects(all('/thanos.Exemplars/Exemplars', exemplars, { query: '(', ...range }), {
    code: grpc.status.INVALID_ARGUMENT,
  });
  const statistics = await jsonOf(
    '/thanos.Status/TSDBStatistics',
    [TsdbStatisticsRequestSchema, TsdbStatisticsResponseSchema],
    { limit: 2 },
  );
  assert.match(statistics, /"headStatistics":\{"numSeries":"\d+","numLabelPairs":"\d+"/);
  assert.equal(
    statistics.match(/"seriesCountByMetricName":\[\{[^\]]*\]/)?.[0].split('{').length,
    3,
  );
});

test('readiness follows Prometheus down and up again', async () => {
  const status = async (): Promise<number> => (await fetch(`${sidecar.url}/-/ready`)).status;
  const until = async (want: number): Promise<void> => {
    while ((await status()) !== want) await sleep(50);
  };
  const dataPath = `${folder.path}/data`;
  const port = Number(new URL(prometheus.url).port);
  await prometheus[Symbol.asyncDispose]();
  await until(503);
  assert.match(
    await (await fetch(`${sidecar.url}/metrics`)).text(),
    /^thanos_sidecar_prometheus_up 0$/m,
  );
  await assert.rejects(select({}), (error: grpc.ServiceError) => {
    assert.equal(error.code, grpc.status.UNAVAILABLE);
    assert.match(error.details, /cannot read from http:\/\/127\.0\.0\.1:\d+\/api\/v1\/read/);
    return true;
  });
  prometheus = await startPrometheus({ dataPath, config, port });
  await until(200);
  assert.equal((await select({})).length, SERIES.length);
});

test('a sidecar that cannot do its work says why and exits with 1', async () => {
  const fails = async (args: readonly string[], want: RegExp): Promise<void> => {
    const address = `--grpc-address=127.0.0.1:${await freePort()}`;
    await using program = await startCommand('sidecar', [address, ...args]);
    assert.equal(await program.ended, 1, program.output());
    assert.match(program.output(), want);
  };
  const url = `--prometheus.url=${prometheus.url}`;
  await fails(
    [url, '--objstore.config=type: S3'],
    /--objstore.config:1:7: type: has no config beside it/,
  );
  await fails([url, '--reloader.rule-dir=/x'], /--reloader.rule-dir is not supported yet/);
  const nobody = `--prometheus.url=http://127.0.0.1:${await freePort()}`;
  await fails(
    [nobody, '--prometheus.ready_timeout=300ms'],
    /was not ready within 0.3 s.*ECONNREFUSED/,
  );
});

test('a sidecar ends in good order on SIGTERM', async () => {
  sidecar.child.kill('SIGTERM');
  assert.equal(await sidecar.ended, 0, sidecar.output());
});

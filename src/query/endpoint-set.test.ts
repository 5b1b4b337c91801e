import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { GrpcClient } from '../transport/grpc.ts';
import { InfoResponseSchema } from '../wire/gen/thanos/info_pb.ts';
import { MetricMetadataResponseSchema } from '../wire/gen/thanos/metadata_pb.ts';
import { encodeMessage } from '../wire/message.ts';
import { EndpointSet } from './endpoint-set.ts';
import { fetchMetadata } from './metadata.ts';

type Info = MessageInitShape<typeof InfoResponseSchema>;

const { signal } = new AbortController();
const label = (name: string, value: string) => ({ labels: [{ name, value }] });
const sidecar: Info = {
  componentType: 'sidecar',
  labelSets: [label('replica', 'A')],
  store: { minTime: 5n, maxTime: 9223372036854775807n, supportsWithoutReplicaLabels: true },
};

/** A set over endpoints that answer what `answers` says: nothing there is a failure. */
class Scene {
  nowMs = 1_000_000;
  readonly answers = new Map<string, Info>();
  readonly closed: string[] = [];
  readonly later: (() => void)[] = [];
  readonly logged: string[] = [];
  /** Pauses between rounds. */
  readonly slept: number[] = [];
  onSleep: () => void = () => {};
  listed: string[] = [];
  readonly set: EndpointSet;

  constructor() {
    const clock: Clock = {
      nowMs: () => this.nowMs,
      monotonicMs: () => this.nowMs,
      after: (_, callback) => {
        this.later.push(callback);
        return () => {};
      },
      sleep: async (delayMs) => {
        this.slept.push(delayMs);
        this.nowMs += delayMs;
        this.onSleep();
      },
    };
    const log = (message: string): void => {
      this.logged.push(message);
    };
    const logger: Logger = { debug: log, info: log, warn: log, error: log, with: () => logger };
    this.set = new EndpointSet({
      specs: () =>
        this.listed.map((one) => ({ address: one.replace('!', ''), isStrict: one.endsWith('!') })),
      connect: (address) => this.client(address),
      clock,
      logger,
      infoTimeoutMs: 5000,
      unhealthyTimeoutMs: 300_000,
      closeDelayMs: 1000,
      onUpdate: () => {},
    });
  }

  client(address: string): GrpcClient {
    return {
      address,
      unary: async () => {
        const info = this.answers.get(address);
        if (info === undefined) throw new OperationError('unavailable', `no ${address}`);
        return encodeMessage(InfoResponseSchema, info);
      },
      async *serverStream() {
        if (address === 'bad:1') throw new OperationError('unavailable', 'no connection');
        const up = { metas: [{ type: 'gauge', help: 'Up.', unit: '' }] };
        const own = { metas: [{ type: 'counter', help: address, unit: 's' }] };
        yield encodeMessage(MetricMetadataResponseSchema, {
          result: { case: 'metadata', value: { metadata: { up, [`of_${address}`]: own } } },
        });
        yield encodeMessage(MetricMetadataResponseSchema, {
          result: { case: 'warning', value: 'slow disk' },
        });
      },
      close: async () => {
        this.closed.push(address);
      },
    };
  }

  /** Who is queried after another round. */
  async round(...listed: string[]): Promise<string> {
    this.listed = listed;
    await this.set.update(signal);
    return this.set.stores.map(({ address }) => address).join(' ');
  }
}

test('endpoints that answer are queried, with what they say of themselves', async () => {
  const scene = new Scene();
  scene.answers.set('a:1', sidecar);
  scene.answers.set('q:1', {
    componentType: 'query',
    labelSets: [label('replica', 'A'), label('replica', 'B'), { labels: [] }],
    store: {
      minTime: 1n,
      maxTime: 9n,
      tsdbInfos: [{ labels: label('region', 'eu'), minTime: 2n, maxTime: 3n }],
    },
  });
  scene.answers.set('r:1', { componentType: 'rule', rules: {} });
  scene.answers.set('x:1', { componentType: 'new thing', store: {} });
  assert.equal(await scene.round('x:1', 'r:1', 'q:1', 'a:1', 'none:1'), 'a:1 q:1 x:1');
  const [a, q] = scene.set.stores;
  assert.deepEqual([a?.minTime, a?.maxTime, a?.supportsWithoutReplicaLabels], [5, 2 ** 63, true]);
  assert.deepEqual(a?.databases[0]?.labels, ['replica', 'A']);
  assert.deepEqual(q?.databases, [{ labels: ['region', 'eu'], minTime: 2, maxTime: 3 }]);
  const statuses = scene.set.statuses();
  assert.deepEqual(Object.keys(statuses), ['sidecar', 'query', 'rule', 'unknown-store-api']);
  assert.deepEqual(statuses.query, [
    {
      name: 'q:1',
      lastCheck: '1970-01-01T00:16:40.000Z',
      lastError: null,
      labelSets: [{ replica: 'A' }, { replica: 'B' }],
      minTime: 1,
      maxTime: 9,
    },
  ]);
  assert.deepEqual(scene.closed, ['none:1']);
});

test('one that stops answering is not queried, and forgotten after a while', async () => {
  const scene = new Scene();
  scene.answers.set('a:1', sidecar);
  assert.equal(await scene.round('a:1'), 'a:1');
  scene.answers.delete('a:1');
  scene.nowMs += 5000;
  assert.equal(await scene.round('a:1'), '');
  const [status] = scene.set.statuses().sidecar ?? [];
  assert.equal(status?.lastError, 'no a:1');
  assert.equal(status?.lastCheck, '1970-01-01T00:16:40.000Z');
  scene.answers.set('a:1', sidecar);
  assert.equal(await scene.round('a:1'), 'a:1');
  scene.answers.delete('a:1');
  scene.nowMs += 299_999;
  await scene.round('a:1');
  assert.equal(scene.set.statuses().sidecar?.length, 1);
  scene.nowMs += 1;
  await scene.round('a:1');
  assert.deepEqual(scene.set.statuses(), {});
  assert.deepEqual(scene.closed, []);
  for (const callback of scene.later) callback();
  assert.deepEqual(scene.closed, ['a:1']);
});

test('rounds come quickly while a new endpoint has not answered, but not for ever', async () => {
  const scene = new Scene();
  const over = new AbortController();
  scene.listed = ['early:1', 'late:1'];
  scene.answers.set('early:1', sidecar);
  scene.onSleep = () => {
    if (scene.slept.length === 3) scene.answers.set('late:1', sidecar);
    if (scene.slept.length === 5) scene.listed.push('never:1');
    if (scene.slept.length === 50) over.abort();
  };
  await scene.set.update(over.signal);
  await scene.set.run(over.signal);
  assert.deepEqual(scene.slept.slice(0, 6), [1000, 1000, 1000, 5000, 5000, 1000]);
  assert.equal(scene.slept.filter((pause) => pause === 1000).length, 3 + 30);
  assert.equal(scene.slept.at(-1), 5000);
});

test('one that is no longer listed is forgotten at once', async () => {
  const scene = new Scene();
  scene.answers.set('a:1', sidecar);
  scene.answers.set('b:1', sidecar);
  assert.equal(await scene.round('a:1', 'b:1'), 'a:1 b:1');
  assert.equal(await scene.round('b:1'), 'b:1');
  assert.deepEqual(
    Object.values(scene.set.statuses())
      .flat()
      .map(({ name }) => name),
    ['b:1'],
  );
});

test('a strict endpoint is always asked, for everything until it has answered', async () => {
  const scene = new Scene();
  assert.equal(await scene.round('a:1!'), 'a:1');
  assert.deepEqual(scene.set.stores[0]?.databases, []);
  scene.answers.set('a:1', sidecar);
  await scene.round('a:1!');
  assert.equal(scene.set.stores[0]?.minTime, 5);
  scene.answers.delete('a:1');
  scene.nowMs += 1e9;
  assert.equal(await scene.round('a:1!'), 'a:1');
  assert.equal(scene.set.statuses().sidecar?.[0]?.lastError, 'no a:1');
});

test('metadata of several endpoints is put together, failures are told', async () => {
  const scene = new Scene();
  for (const address of ['a:1', 'b:1', 'bad:1']) {
    scene.answers.set(address, { ...sidecar, metricMetadata: {} });
  }
  scene.answers.set('none:1', sidecar);
  await scene.round('a:1', 'b:1', 'bad:1', 'none:1');
  const ask = (limit: number) => fetchMetadata(scene.set.queryable, { metric: '', limit, signal });
  assert.deepEqual(await ask(0), {
    metadata: {
      'of_a:1': [{ type: 'counter', help: 'a:1', unit: 's' }],
      'of_b:1': [{ type: 'counter', help: 'b:1', unit: 's' }],
      up: [{ type: 'gauge', help: 'Up.', unit: '' }],
    },
    warnings: ['fetch metadata from bad:1: no connection', 'slow disk'],
  });
  assert.deepEqual(Object.keys((await ask(1)).metadata), ['of_a:1']);
});

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { OperationError } from '../base/errors.ts';
import { parseExpr } from '../promql/parse/parse-expr.ts';
import {
  type ExemplarsRequest,
  ExemplarsRequestSchema,
  ExemplarsResponseSchema,
} from '../wire/gen/thanos/exemplars_pb.ts';
import { InfoResponseSchema } from '../wire/gen/thanos/info_pb.ts';
import { AlertState, RulesResponseSchema } from '../wire/gen/thanos/rules_pb.ts';
import { TsdbStatisticsResponseSchema } from '../wire/gen/thanos/status_pb.ts';
import { TargetHealth, TargetsResponseSchema } from '../wire/gen/thanos/targets_pb.ts';
import { decodeMessage, encodeMessage } from '../wire/message.ts';
import type { Endpoint } from './endpoint.ts';
import { fetchExemplars } from './exemplars.ts';
import { alertsOf, fetchRules } from './rules.ts';
import { fetchTargets } from './targets.ts';
import { fetchStatistics } from './tsdb-statistics.ts';

const signal = new AbortController().signal;

/** An endpoint of one replica that answers every call with what `answer` gives. */
function endpoint(
  replica: string,
  answer: (request: Uint8Array) => readonly Uint8Array[],
): Endpoint {
  const labels = [
    { name: 'region', value: 'eu' },
    { name: 'replica', value: replica },
  ];
  return {
    address: `${replica}:1`,
    isStrict: false,
    createdMs: 0,
    lastCheckMs: 0,
    lastError: undefined,
    info: create(InfoResponseSchema, {
      labelSets: [{ labels }],
      rules: {},
      targets: {},
      exemplars: {},
      status: {},
    }),
    client: {
      address: `${replica}:1`,
      unary: async () => new Uint8Array(0),
      async *serverStream(_method, request) {
        yield* answer(request);
      },
      close: async () => undefined,
    },
  };
}

const DOWN = endpoint('C', () => {
  throw new OperationError('unavailable', 'connection refused');
});

function set(labels: Record<string, string>) {
  return { labels: Object.entries(labels).map(([name, value]) => ({ name, value })) };
}

function alertGroup(replica: string, state: AlertState, seconds: number): Uint8Array {
  const result: MessageInitShape<typeof RulesResponseSchema>['result'] = {
    case: 'group',
    value: {
      name: 'g',
      file: 'f.yml',
      interval: 15,
      rules: [
        {
          result: {
            case: 'alert',
            value: {
              name: 'Down',
              query: 'up == 0',
              state,
              labels: set({ replica, severity: 'page' }),
              lastEvaluation: { seconds: BigInt(seconds), nanos: 0 },
              alerts: [{ labels: set({ replica, job: 'x' }), state, value: '0e+00' }],
            },
          },
        },
        { result: { case: 'recording', value: { name: `of:${replica}`, query: 'vector(1)' } } },
      ],
    },
  };
  return encodeMessage(RulesResponseSchema, { result });
}

const RULES = {
  type: 'all' as const,
  groups: [],
  names: [],
  files: [],
  matchers: [],
  deduplicate: true,
  replicaLabels: ['replica'],
  partialResponse: true,
  signal,
};

test("replicas' rules become one, and the alert that is further on counts", async () => {
  const endpoints = [
    endpoint('A', () => [alertGroup('A', AlertState.PENDING, 20)]),
    endpoint('B', () => [alertGroup('B', AlertState.FIRING, 10)]),
    DOWN,
  ];
  const { groups, warnings } = await fetchRules(endpoints, RULES);
  assert.deepEqual(warnings, ['fetch rules from C:1: connection refused']);
  assert.equal(groups.length, 1);
  const summary = groups[0]?.rules.map(({ name, type, state, labels }) => [
    name,
    type,
    state,
    labels,
  ]);
  assert.deepEqual(summary, [
    ['Down', 'alerting', 'firing', { severity: 'page' }],
    ['of:A', 'recording', undefined, {}],
    ['of:B', 'recording', undefined, {}],
  ]);
  const [alert] = alertsOf(groups) as [{ labels: unknown; activeAt: string }];
  assert.deepEqual(alert.labels, { job: 'x' });
  const each = await fetchRules(endpoints, { ...RULES, deduplicate: false, names: ['Down'] });
  assert.equal(each.groups[0]?.rules.length, 2);
  const none = await fetchRules(endpoints, { ...RULES, files: ['other.yml'] });
  assert.deepEqual(none.groups, []);
});

test('without partial response a failing endpoint fails the answer and is named', async () => {
  const endpoints = [endpoint('A', () => []), DOWN];
  await assert.rejects(
    fetchRules(endpoints, { ...RULES, partialResponse: false }),
    /fetch rules from C:1: connection refused/,
  );
});

test('a target that both replicas scrape is one target, as the later scrape saw it', async () => {
  const seen = (replica: string, health: TargetHealth, seconds: number): Uint8Array =>
    encodeMessage(TargetsResponseSchema, {
      result: {
        case: 'targets',
        value: {
          activeTargets: [
            {
              labels: set({ instance: 'x:1', replica }),
              scrapePool: 'p',
              scrapeUrl: 'http://x:1/metrics',
              lastScrape: { seconds: BigInt(seconds), nanos: 0 },
              health,
            },
          ],
          droppedTargets: [{ discoveredLabels: set({ __address__: 'y:1', replica }) }],
        },
      },
    });
  const endpoints = [
    endpoint('A', () => [seen('A', TargetHealth.UP, 10)]),
    endpoint('B', () => [seen('B', TargetHealth.DOWN, 20)]),
  ];
  const request = { ...RULES, state: 'any' as const };
  const { activeTargets, droppedTargets } = await fetchTargets(endpoints, request);
  assert.equal(activeTargets.length, 1);
  const [target] = activeTargets as [{ labels: unknown; health: string; lastScrape: string }];
  assert.deepEqual(target.labels, { instance: 'x:1' });
  assert.deepEqual([target.health, target.lastScrape], ['down', '1970-01-01T00:00:20.000Z']);
  assert.deepEqual(droppedTargets, [{ discoveredLabels: { __address__: 'y:1' } }]);
  const each = await fetchTargets(endpoints, { ...request, deduplicate: false });
  assert.equal(each.activeTargets.length, 2);
});

test('exemplars are asked for without external labels, and only where those fit', async () => {
  const asked: ExemplarsRequest[] = [];
  const exemplar = { labels: set({ trace: 't1' }), value: 0.5, ts: 1500n };
  const answer = (request: Uint8Array): readonly Uint8Array[] => {
    asked.push(decodeMessage(ExemplarsRequestSchema, request));
    const value = { seriesLabels: set({ __name__: 'x', replica: 'A' }), exemplars: [exemplar] };
    return [encodeMessage(ExemplarsResponseSchema, { result: { case: 'data', value } })];
  };
  const endpoints = [endpoint('A', answer), endpoint('B', answer)];
  const request = { startMs: 1000, endMs: 2000, replicaLabels: ['replica'] };
  const fetch = (query: string) =>
    fetchExemplars(endpoints, {
      ...request,
      expr: parseExpr(query),
      partialResponse: true,
      signal,
    });
  const { data } = await fetch('rate(x{region="eu",a="1"}[5m]) / y{region="us"}');
  assert.deepEqual(
    asked.map(({ query, start, end }) => [query, start, end]),
    [
      ['{a="1",__name__="x"}', 1000n, 2000n],
      ['{a="1",__name__="x"}', 1000n, 2000n],
    ],
  );
  assert.deepEqual(data, [
    {
      seriesLabels: { __name__: 'x' },
      exemplars: [{ labels: { trace: 't1' }, value: '0.5', timestamp: 1.5 }],
    },
  ]);
  asked.length = 0;
  await fetch('x{replica="B"}');
  assert.deepEqual(
    asked.map(({ query }) => query),
    ['{__name__="x"}'],
  );
});

function database(series: bigint, times: readonly [bigint, bigint], up: bigint): Uint8Array {
  const entry = {
    headStatistics: {
      numSeries: series,
      numLabelPairs: 10n,
      chunkCount: series + 1n,
      minTime: times[0],
      maxTime: times[1],
    },
    seriesCountByMetricName: [
      { name: 'up', value: up },
      { name: 'x', value: 3n },
    ],
    labelValueCountByLabelName: [{ name: 'job', value: up }],
    memoryInBytesByLabelName: [{ name: 'job', value: up }],
    seriesCountByLabelValuePair: [{ name: 'job=a', value: up }],
  };
  const result = { case: 'statistics' as const, value: { statistics: { '': entry } } };
  return encodeMessage(TsdbStatisticsResponseSchema, { result });
}

test('databases are added up, but of counts of label values the largest stands', async () => {
  const empty = database(0n, [2n ** 63n - 1n, -(2n ** 63n)], 0n);
  const endpoints = [
    endpoint('A', () => [database(5n, [100n, 200n], 2n)]),
    endpoint('B', () => [database(7n, [50n, 150n], 4n), empty]),
    DOWN,
  ];
  const request = { limit: 10, matchers: [], partialResponse: true, signal };
  const { statistics, warnings } = await fetchStatistics(endpoints, request);
  assert.deepEqual(warnings, ['fetch statistics of the database from C:1: connection refused']);
  assert.deepEqual(statistics.head, { series: 12, chunks: 15, minTime: 50, maxTime: 200 });
  assert.deepEqual(statistics.top, {
    labelPairs: 30,
    seriesByMetric: [
      { name: 'x', value: 9 },
      { name: 'up', value: 6 },
    ],
    valuesByLabel: [{ name: 'job', value: 4 }],
    bytesByLabel: [{ name: 'job', value: 6 }],
    seriesByPair: [{ name: 'job=a', value: 6 }],
  });
  const one = await fetchStatistics(endpoints, { ...request, limit: 1 });
  assert.deepEqual(one.statistics.top.seriesByMetric, [{ name: 'x', value: 9 }]);
  const none = await fetchStatistics([], request);
  assert.deepEqual(none.statistics.head, { series: 0, chunks: 0, minTime: 0, maxTime: 0 });
});

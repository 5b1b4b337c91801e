import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Health } from './gen/grpc/health_pb.ts';
import { Exemplars } from './gen/thanos/exemplars_pb.ts';
import { Info, InfoResponseSchema } from './gen/thanos/info_pb.ts';
import { Metadata } from './gen/thanos/metadata_pb.ts';
import { Query } from './gen/thanos/query_pb.ts';
import { Rules } from './gen/thanos/rules_pb.ts';
import { Status } from './gen/thanos/status_pb.ts';
import { Store } from './gen/thanos/store_pb.ts';
import { Targets } from './gen/thanos/targets_pb.ts';
import { WriteableStore } from './gen/thanos/writeable_store_pb.ts';
import { decodeMessage, encodeMessage, methodPath } from './message.ts';

test('method paths are those of Thanos, with their kinds', () => {
  const services = [
    Store,
    WriteableStore,
    Info,
    Rules,
    Targets,
    Metadata,
    Exemplars,
    Status,
    Query,
  ];
  const paths = [...services, Health].flatMap((service) =>
    service.methods.map((method) => `${methodPath(method)} ${method.methodKind}`),
  );
  assert.deepEqual(paths, [
    '/thanos.Store/Series server_streaming',
    '/thanos.Store/LabelNames unary',
    '/thanos.Store/LabelValues unary',
    '/thanos.WriteableStore/RemoteWrite unary',
    '/thanos.info.Info/Info unary',
    '/thanos.Rules/Rules server_streaming',
    '/thanos.Targets/Targets server_streaming',
    '/thanos.Metadata/MetricMetadata server_streaming',
    '/thanos.Exemplars/Exemplars server_streaming',
    '/thanos.Status/TSDBStatistics server_streaming',
    '/thanos.Query/Query server_streaming',
    '/thanos.Query/QueryRange server_streaming',
    '/grpc.health.v1.Health/Check unary',
    '/grpc.health.v1.Health/Watch server_streaming',
  ]);
});

test('a message survives encoding', () => {
  const bytes = encodeMessage(InfoResponseSchema, {
    componentType: 'sidecar',
    labelSets: [{ labels: [{ name: 'replica', value: 'A' }] }],
    store: { minTime: -5n, maxTime: 9223372036854775807n, supportsWithoutReplicaLabels: true },
  });
  const info = decodeMessage(InfoResponseSchema, bytes);
  assert.equal(info.componentType, 'sidecar');
  assert.equal(info.labelSets[0]?.labels[0]?.value, 'A');
  assert.equal(info.store?.minTime, -5n);
  assert.equal(info.store?.maxTime, 9223372036854775807n);
  assert.equal(info.rules, undefined);
});

test('bytes that are not the message name it and their size', () => {
  assert.throws(() => decodeMessage(InfoResponseSchema, Uint8Array.of(0x0a, 0x7f)), {
    name: 'OperationError',
    kind: 'corrupt',
    message: 'cannot decode thanos.info.InfoResponse of 2 bytes',
  });
});

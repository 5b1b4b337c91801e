/** What `tsanos query` is made of over StoreAPI servers: endpoints, a proxy over them, and itself as a store. */
import xxhash from 'xxhash-wasm';
import { Gate } from '../base/gate.ts';
import { Kernel } from '../base/kernel.ts';
import { NameResolution } from '../discovery/dns.ts';
import type { WorkerEngineOptions } from '../engine/worker-engine.ts';
import { type Labels, makeLabels } from '../model/labels.ts';
import type { Endpoint, EndpointStatus } from '../query/endpoint.ts';
import { componentOf, labelSetsText } from '../query/endpoint.ts';
import { EndpointSet } from '../query/endpoint-set.ts';
import type { MetadataAnswer } from '../query/metadata.ts';
import { fetchMetadata } from '../query/metadata.ts';
import type { OpenView } from '../storage/query-view.ts';
import { answerProxyCall, openProxy } from '../storeapi/proxy-queryable.ts';
import { ProxySource } from '../storeapi/proxy-source.ts';
import { storeServices } from '../storeapi/server.ts';
import { StoreProxy } from '../storeapi/store-proxy.ts';
import { counter, gauge, sampledGauge } from '../telemetry/metrics.ts';
import type { GrpcServices } from '../transport/grpc.ts';
import { createGrpcClient, type GrpcClientOptions } from '../transport/grpc-client.ts';
import { messageEncodings } from '../transport/grpc-compression.ts';
import { grpcMetrics } from '../transport/grpc-metrics.ts';
import { TlsFiles } from '../transport/grpc-tls.ts';
import { realDnsResolver } from '../world/dns-resolver.ts';
import { readKernelModule } from '../world/kernel-module.ts';
import type { CommandContext } from './command.ts';
import type { EndpointValues, GrpcClientValues } from './endpoint-options.ts';
import { usageError } from './options.ts';
import type { EvaluationValues, ViewValues } from './query-options.ts';

export type StoresValues = EndpointValues & GrpcClientValues & ViewValues & EvaluationValues;

export interface QueryStores {
  readonly open: OpenView;
  readonly endpoints: () => readonly Endpoint[];
  readonly onHostCall: WorkerEngineOptions['onHostCall'];
  readonly onReturned: (buffers: readonly ArrayBuffer[]) => void;
  readonly statuses: () => Readonly<Record<string, readonly EndpointStatus[]>>;
  readonly metadata: (request: {
    readonly metric: string;
    readonly limit: number;
    readonly signal: AbortSignal;
  }) => Promise<MetadataAnswer>;
  /** Info and Store for queriers above. */
  readonly services: GrpcServices;
}

const KERNEL_BYTES = 256 << 20;
const EXTERNAL_LABELS_MAX = 1000;

/** Returns after the first round over all endpoints. Ends with the command. */
export async function startStores(
  context: CommandContext,
  values: StoresValues,
): Promise<QueryStores> {
  refuseUnsupported(values);
  const { clock, resources, stop } = context;
  const endpoints = await startEndpoints(context, values);
  const proxy = new StoreProxy({
    stores: () => endpoints.stores,
    clock,
    limits: {
      responseTimeoutMs: values.responseTimeoutMs,
      answerMaxBytes: values.answerMaxBytes,
    },
  });
  const source = new ProxySource({
    proxy,
    selectorLabels: selectorLabels(values),
    hash: (await xxhash()).h64Raw,
  });
  resources.defer(() => endpoints.close());
  void endpoints.run(stop);
  return {
    open: openProxy(proxy, values.deduplication),
    endpoints: () => endpoints.queryable,
    onHostCall: gatedCalls(context, values, (payload, scope) =>
      answerProxyCall(proxy, payload, scope),
    ),
    onReturned: (buffers) => proxy.slabs.giveBack(buffers),
    statuses: () => endpoints.statuses(),
    metadata: (request) => fetchMetadata(endpoints.queryable, request),
    services: storeServices(source),
  };
}

function refuseUnsupported(values: StoresValues): void {
  const groups = [...values.endpointGroups, ...values.strictEndpointGroups];
  if (groups.length > 0) {
    throw usageError('--endpoint-group is not supported yet: use --endpoint');
  }
  if (values.endpointConfig !== undefined) {
    throw usageError('--endpoint.sd-config is not supported yet: use --endpoint');
  }
}

async function startEndpoints(context: CommandContext, values: StoresValues): Promise<EndpointSet> {
  const { clock, logger, stop } = context;
  const names = await startNames(context, values);
  const client = clientOptions(context, values);
  const strict = values.strictEndpoints.map((address) => ({ address, isStrict: true }));
  const endpoints = new EndpointSet({
    specs: () => [...names.addresses.map((address) => ({ address, isStrict: false })), ...strict],
    connect: (address) => createGrpcClient(address, client),
    clock,
    logger,
    infoTimeoutMs: values.infoTimeoutMs,
    unhealthyTimeoutMs: values.unhealthyTimeoutMs,
    closeDelayMs: Math.max(values.timeoutMs, values.infoTimeoutMs, values.unhealthyTimeoutMs),
    onUpdate: connectionMetric(context, values),
  });
  await endpoints.update(stop);
  return endpoints;
}

async function startNames(
  { clock, logger, metrics, stop }: CommandContext,
  { endpoints, dnsIntervalMs }: StoresValues,
): Promise<NameResolution> {
  // The second name of each is the one that the dashboards of older versions ask for.
  const dns = metrics.declare({
    lookups: counter('thanos_query_endpoints_dns_lookups_total', 'Look-ups of endpoint names.'),
    failures: counter('thanos_query_endpoints_dns_failures_total', 'Look-ups that failed.'),
    oldLookups: counter('thanos_query_store_apis_dns_lookups_total', 'Look-ups of endpoint names.'),
    oldFailures: counter('thanos_query_store_apis_dns_failures_total', 'Look-ups that failed.'),
    results: gauge('thanos_query_endpoints_dns_provider_results', 'Addresses of each name.', [
      'addr',
    ]),
  });
  const names = new NameResolution({
    names: endpoints,
    resolver: realDnsResolver,
    onLookup(name, failure) {
      dns.lookups.inc();
      dns.oldLookups.inc();
      if (failure === undefined) return;
      dns.failures.inc();
      dns.oldFailures.inc();
      logger.error('cannot look up an endpoint', { addr: name, err: failure });
    },
  });
  const resolve = async (): Promise<void> => {
    await names.resolve();
    dns.results.reset();
    for (const [addr, found] of names.resolved) dns.results.set({ addr }, found.length);
  };
  const again = async (): Promise<void> => {
    while (!stop.aborted) {
      // Woken by the end of the command.
      await clock.sleep(dnsIntervalMs, stop).catch(() => {});
      if (!stop.aborted) await resolve();
    }
  };
  await resolve();
  void again();
  return names;
}

function connectionMetric(
  { metrics }: CommandContext,
  { connectionLabels }: StoresValues,
): (endpoints: readonly Endpoint[]) => void {
  const help = 'Endpoints that are connected and healthy.';
  const { connections } = metrics.declare({
    connections: gauge('thanos_store_nodes_grpc_connections', help, connectionLabels),
  });
  return (endpoints) => {
    connections.reset();
    for (const endpoint of endpoints) {
      const external = labelSetsText(endpoint).slice(0, EXTERNAL_LABELS_MAX);
      const all = {
        external_labels: external === '' ? 'no_external_labels' : external,
        store_type: componentOf(endpoint),
        ip_port: endpoint.address,
      };
      connections.inc(Object.fromEntries(connectionLabels.map((name) => [name, all[name]])));
    }
  };
}

function clientOptions(
  { clock, metrics, tracer, files }: CommandContext,
  values: StoresValues,
): GrpcClientOptions {
  const { clientCert: cert, clientKey: key, clientCa: ca, clientServerName } = values;
  if ((cert === '') !== (key === '')) {
    throw usageError('--grpc-client-tls-cert and --grpc-client-tls-key belong together: give both');
  }
  const tls = {
    files: new TlsFiles(files, { cert, key, ca, minVersion: values.clientMinVersion }),
    skipVerify: values.clientSkipVerify,
    ...(clientServerName === '' ? {} : { serverName: clientServerName }),
  };
  return {
    clock,
    encodings: messageEncodings(new Kernel(readKernelModule(), KERNEL_BYTES)),
    observer: grpcMetrics(metrics, 'client', clock),
    tracer,
    compression: values.compression,
    ...(values.clientTls ? { tls } : {}),
  };
}

/** At most so many selectors of one query are fetched at a time. */
function gatedCalls(
  { metrics }: CommandContext,
  { maxConcurrentSelect }: StoresValues,
  call: QueryStores['onHostCall'],
): QueryStores['onHostCall'] {
  // A query is known by its signal, and its gate goes with it.
  const gates = new WeakMap<AbortSignal, Gate>();
  let running = 0;
  const prefix = 'thanos_query_concurrent_selects_gate_queries';
  metrics.declare({
    max: sampledGauge(
      `${prefix}_max`,
      'Selectors of one query that may be fetched at a time.',
      () => maxConcurrentSelect,
    ),
    inFlight: sampledGauge(
      `${prefix}_in_flight`,
      'Selectors that are being fetched.',
      () => running,
    ),
  });
  return async (payload, scope) => {
    const gate = gates.get(scope.signal) ?? new Gate(maxConcurrentSelect);
    gates.set(scope.signal, gate);
    const leave = await gate.enter(scope.signal);
    running++;
    try {
      return await call(payload, scope);
    } finally {
      running--;
      leave();
    }
  };
}

function selectorLabels({ selectorLabels: texts }: StoresValues): Labels {
  return makeLabels(
    texts.map((given) => {
      const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"$/.exec(given);
      if (match === null) {
        throw usageError(`--selector-label=${given} is not a label such as region="eu"`);
      }
      return [match[1] as string, JSON.parse(`"${match[2]}"`) as string] as const;
    }),
  );
}

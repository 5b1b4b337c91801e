/**
 * The system of `tsanos up`: two Prometheus that scrape the same targets, a sidecar beside each, two queriers over both
 * sidecars, and the entry before the queriers. Everything listens on 127.0.0.1 only.
 */
import type { ComponentAddress, ComponentSpec } from './component.ts';
import { printPrometheusConfig, type ScrapeJob, type UserConfig } from './prometheus-config.ts';
import { systemStatePath } from './system-state.ts';

export interface LocalSystemOptions {
  /** How this program is started again: file and first arguments. */
  readonly self: readonly string[];
  /** A Prometheus server to run in place of our own. */
  readonly prometheusBinary: string | undefined;
  readonly dataDirectory: string;
  readonly portOffset: number;
  /** host:port of the entry; the offset is added to the port. */
  readonly listenAddress: string;
  readonly cluster: string;
  readonly region: string;
  readonly retention: { readonly time: string; readonly size: string };
  readonly scrapeIntervalSeconds: number;
  /** host:port each, scraped as job "targets". */
  readonly targets: readonly string[];
  /** Of a prometheus.yml that was given. */
  readonly userConfig: UserConfig;
}

export interface LocalSystem {
  readonly groups: readonly (readonly ComponentSpec[])[];
  /** Files to be written before the start. */
  readonly configFiles: readonly { readonly path: string; readonly text: string }[];
  /** Where a person looks. */
  readonly entryUrl: string;
}

const HOST = '127.0.0.1';
const PORTS = {
  queriers: [
    { http: 19192, grpc: 19190 },
    { http: 19194, grpc: 19196 },
  ],
  sidecars: [
    { http: 19181, grpc: 19191 },
    { http: 19183, grpc: 19193 },
  ],
  prometheus: [19090, 19290],
};
const REPLICAS = ['A', 'B'];

/** Job names of the components: dashboards and alerts made for Thanos look for `.*thanos-query.*` and the like. */
export const OWN_JOBS: readonly string[] = [
  'prometheus',
  'thanos-sidecar',
  'thanos-query',
  'tsanos-entry',
  'targets',
];

/**
 * Roles that hold little: a small heap that is tidied often. The young generation of V8 grows to 16 MiB a semi-space
 * when nobody limits it, and its helper threads cost about 1 MB each.
 */
const SMALL_HEAP = ['--max-semi-space-size=1', '--v8-pool-size=1', '--max-old-space-size=256'];
const SERVER_HEAP = ['--max-semi-space-size=4', '--v8-pool-size=1'];
const QUERY_HEAP = ['--max-semi-space-size=4', '--v8-pool-size=1'];

export function describeLocalSystem(options: LocalSystemOptions): LocalSystem {
  const address = (port: number): string => `${HOST}:${port + options.portOffset}`;
  const entryAddress = shifted(options);
  const prometheus = REPLICAS.map((replica, i) =>
    prometheusSpec(replica, address(PORTS.prometheus[i]), options),
  );
  const sidecars = REPLICAS.map((replica, i) => {
    const { http, grpc } = PORTS.sidecars[i];
    return ownSpec(options, {
      name: `sidecar-${replica.toLowerCase()}`,
      command: 'sidecar',
      reads: [prometheus[i].name],
      http: address(http),
      grpc: address(grpc),
      heap: SMALL_HEAP,
      args: [
        `--prometheus.url=http://${address(PORTS.prometheus[i])}`,
        `--tsdb.path=${prometheusData(replica, options)}`,
        '--prometheus.get_config_interval=5s',
      ],
    });
  });
  const queriers = REPLICAS.map((replica, i) => {
    const { http, grpc } = PORTS.queriers[i];
    return ownSpec(options, {
      name: `query-${replica.toLowerCase()}`,
      command: 'query',
      reads: sidecars.map(({ name }) => name),
      http: address(http),
      grpc: address(grpc),
      heap: QUERY_HEAP,
      args: [
        ...PORTS.sidecars.map((sidecar) => `--endpoint=${address(sidecar.grpc)}`),
        '--query.replica-label=replica',
      ],
    });
  });
  const entry = ownSpec(options, {
    name: 'entry',
    command: 'entry',
    reads: queriers.map(({ name }) => name),
    http: entryAddress,
    heap: SMALL_HEAP,
    args: [
      ...PORTS.queriers.map(({ http }) => `--querier.url=http://${address(http)}`),
      `--host-metrics.data-dir=${options.dataDirectory}`,
      `--system.state-file=${systemStatePath(options.dataDirectory)}`,
    ],
  });
  const jobs: readonly ScrapeJob[] = [
    { name: 'prometheus', targets: PORTS.prometheus.map(address) },
    { name: 'thanos-sidecar', targets: PORTS.sidecars.map(({ http }) => address(http)) },
    { name: 'thanos-query', targets: PORTS.queriers.map(({ http }) => address(http)) },
    { name: 'tsanos-entry', targets: [reachable(entryAddress)] },
    ...(options.targets.length === 0 ? [] : [{ name: 'targets', targets: options.targets }]),
  ];
  return {
    groups: [prometheus, sidecars, queriers, [entry]],
    configFiles: configFiles(jobs, options),
    entryUrl: `http://${reachable(entryAddress)}`,
  };
}

/** One for each Prometheus. */
function configFiles(
  jobs: readonly ScrapeJob[],
  options: LocalSystemOptions,
): LocalSystem['configFiles'] {
  return REPLICAS.map((replica) => ({
    path: prometheusConfig(replica, options),
    text: printPrometheusConfig({
      externalLabels: { cluster: options.cluster, region: options.region },
      replica,
      scrapeIntervalSeconds: options.scrapeIntervalSeconds,
      jobs,
      user: options.userConfig,
    }),
  }));
}

function shifted({ listenAddress, portOffset }: LocalSystemOptions): string {
  const colon = listenAddress.lastIndexOf(':');
  return `${listenAddress.slice(0, colon)}:${Number(listenAddress.slice(colon + 1)) + portOffset}`;
}

/** How we reach ourselves where every interface is listened on. */
function reachable(hostPort: string): string {
  return hostPort.replace(/^(0\.0\.0\.0|\[::\])?(?=:\d+$)/, HOST);
}

function prometheusConfig(replica: string, { dataDirectory }: LocalSystemOptions): string {
  return `${dataDirectory}/prometheus-${replica.toLowerCase()}.yml`;
}

function prometheusData(replica: string, { dataDirectory }: LocalSystemOptions): string {
  return `${dataDirectory}/prometheus-${replica.toLowerCase()}`;
}

/** Block durations are those that Thanos wants beside a sidecar that uploads: nothing is compacted locally. */
function prometheusSpec(
  replica: string,
  hostPort: string,
  options: LocalSystemOptions,
): ComponentSpec {
  const { prometheusBinary, self, retention } = options;
  const [node, ...first] = self;
  const flags = [
    `--config.file=${prometheusConfig(replica, options)}`,
    `--storage.tsdb.path=${prometheusData(replica, options)}`,
    `--storage.tsdb.retention.time=${retention.time}`,
    `--storage.tsdb.retention.size=${retention.size}`,
    '--storage.tsdb.min-block-duration=2h',
    '--storage.tsdb.max-block-duration=2h',
    `--web.listen-address=${hostPort}`,
  ];
  const program =
    prometheusBinary === undefined
      ? { file: node, args: [...SERVER_HEAP, ...first, 'prometheus', ...flags] }
      : { file: prometheusBinary, args: flags };
  return {
    name: `prometheus-${replica.toLowerCase()}`,
    kind: 'prometheus',
    reads: [],
    ...program,
    environment: compileCache(options),
    addresses: [{ protocol: 'HTTP', hostPort }],
    readyUrl: `http://${hostPort}/-/ready`,
  };
}

function compileCache({ dataDirectory }: LocalSystemOptions): Readonly<Record<string, string>> {
  return { NODE_COMPILE_CACHE: `${dataDirectory}/compile-cache` };
}

interface OwnSpec {
  readonly name: string;
  readonly command: string;
  readonly reads: readonly string[];
  readonly http: string;
  readonly grpc?: string;
  /** Flags of the runtime. */
  readonly heap: readonly string[];
  readonly args: readonly string[];
}

function ownSpec(options: LocalSystemOptions, spec: OwnSpec): ComponentSpec {
  const { name, command, reads, http, grpc, heap, args } = spec;
  const [file, ...first] = options.self;
  const http1: ComponentAddress = { protocol: 'HTTP', hostPort: http };
  return {
    name,
    kind: command,
    reads,
    file,
    args: [
      ...heap,
      ...first,
      command,
      `--http-address=${http}`,
      ...(grpc === undefined ? [] : [`--grpc-address=${grpc}`]),
      ...args,
    ],
    environment: compileCache(options),
    addresses: grpc === undefined ? [http1] : [http1, { protocol: 'gRPC', hostPort: grpc }],
    readyUrl: `http://${reachable(http)}/-/ready`,
  };
}

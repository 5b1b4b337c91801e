/** Every flag of Prometheus 3.14, hidden ones too, with its defaults; what has no meaning here is told apart. */
import {
  byteSize,
  decimal,
  duration,
  hostPort,
  oneOf,
  path,
  restrict,
  text,
  type ValueForm,
  wholeNumber,
} from './option-forms.ts';
import { many, type Option, type OptionValues, one, optional, section, toggle } from './options.ts';

/** Go's flags take whole numbers in any notation. */
const count: ValueForm<number> = restrict(
  decimal,
  'a whole number of at least 0, such as 10000 or 5e7',
  (value) => Number.isSafeInteger(value) && value >= 0,
);

const percentage = restrict(wholeNumber, 'a whole number from 0 to 100', (value) => {
  return value >= 0 && value <= 100;
});

export const configOptions: {
  readonly configFile: Option<string>;
  readonly autoReload: Option<boolean>;
  readonly autoReloadIntervalMs: Option<number>;
  readonly features: Option<readonly string[]>;
} = section('Configuration', {
  configFile: one({
    flag: 'config.file',
    value: path,
    initial: 'prometheus.yml',
    help: 'The configuration. Read again at SIGHUP, and at POST /-/reload where that is enabled.',
  }),
  autoReload: toggle({
    flag: 'config.auto-reload',
    initial: false,
    help: 'Read the configuration again whenever it has changed.',
  }),
  autoReloadIntervalMs: one({
    flag: 'config.auto-reload-interval',
    value: duration,
    initial: '30s',
    help: 'How often to look whether it has changed; at least 1s.',
  }),
  features: many({
    flag: 'enable-feature',
    value: text,
    separator: ',',
    help: "Feature to enable, by Prometheus' name; several by commas. Unknown names are told in the log.",
  }),
});

export const serverWebOptions: {
  readonly listenAddresses: Option<readonly string[]>;
  readonly webConfigPath: Option<string>;
  readonly readTimeoutMs: Option<number>;
  readonly maxConnections: Option<number>;
  readonly maxSubscribers: Option<number>;
  readonly externalUrl: Option<string>;
  readonly routePrefix: Option<string | undefined>;
  readonly userAssets: Option<string>;
  readonly enableLifecycle: Option<boolean>;
  readonly enableAdmin: Option<boolean>;
  readonly enableWriteReceiver: Option<boolean>;
  readonly writeMessages: Option<readonly string[]>;
  readonly enableOtlpReceiver: Option<boolean>;
  readonly consoleTemplates: Option<string>;
  readonly consoleLibraries: Option<string>;
  readonly pageTitle: Option<string>;
  readonly corsOrigin: Option<string>;
  readonly searchLimitMax: Option<number>;
} = section('Web', {
  listenAddresses: many({
    flag: 'web.listen-address',
    value: hostPort,
    initial: ['0.0.0.0:9090'],
    help: 'Where HTTP is served: API, probes, metrics. May be repeated.',
  }),
  webConfigPath: one({
    flag: 'web.config.file',
    value: path,
    initial: '',
    help: 'Web configuration file with TLS, users and headers. Read again when it changes.',
  }),
  readTimeoutMs: one({
    flag: 'web.read-timeout',
    value: duration,
    initial: '5m',
    help: 'How long reading a request may take, and how long an idle connection is kept.',
  }),
  maxConnections: one({
    flag: 'web.max-connections',
    value: count,
    initial: '512',
    help: 'Most connections at the same time, over all addresses.',
  }),
  maxSubscribers: one({
    flag: 'web.max-notifications-subscribers',
    value: count,
    initial: '16',
    help: 'Most subscribers of live notifications.',
  }),
  externalUrl: one({
    flag: 'web.external-url',
    value: text,
    initial: '',
    help: 'URL under which clients see this server, if it stands behind a proxy. Its path is put before every route.',
  }),
  routePrefix: optional({
    flag: 'web.route-prefix',
    value: path,
    help: 'Put before every route. Default: the path of --web.external-url.',
  }),
  userAssets: one({
    flag: 'web.user-assets',
    value: path,
    initial: '',
    help: 'Accepted and ignored: there are no pages of your own.',
  }),
  enableLifecycle: toggle({
    flag: 'web.enable-lifecycle',
    initial: false,
    help: 'Let POST /-/reload and /-/quit reload and stop the server.',
  }),
  enableAdmin: toggle({
    flag: 'web.enable-admin-api',
    initial: false,
    help: 'Let the API delete series, clean tombstones and make snapshots.',
  }),
  enableWriteReceiver: toggle({
    flag: 'web.enable-remote-write-receiver',
    initial: false,
    help: 'Not supported: nothing takes remote write requests.',
  }),
  writeMessages: many({
    flag: 'web.remote-write-receiver.accepted-protobuf-messages',
    value: oneOf('prometheus.WriteRequest', 'io.prometheus.write.v2.Request'),
    initial: ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'],
    help: 'Messages of remote write requests. Used by the receiver only.',
  }),
  enableOtlpReceiver: toggle({
    flag: 'web.enable-otlp-receiver',
    initial: false,
    help: 'Not supported: nothing takes OTLP requests.',
  }),
  consoleTemplates: one({
    flag: 'web.console.templates',
    value: path,
    initial: 'consoles',
    help: 'Accepted and ignored: there are no console templates.',
  }),
  consoleLibraries: one({
    flag: 'web.console.libraries',
    value: path,
    initial: 'console_libraries',
    help: 'Accepted and ignored, as --web.console.templates.',
  }),
  pageTitle: one({
    flag: 'web.page-title',
    value: text,
    initial: 'Prometheus Time Series Collection and Processing Server',
    help: 'Title of the pages.',
  }),
  corsOrigin: one({
    flag: 'web.cors.origin',
    value: text,
    initial: '.*',
    help: "Pages of which origins may read answers: a regular expression for the whole origin, such as 'https?://(one|two)\\.com'.",
  }),
  searchLimitMax: one({
    flag: 'web.search.max-limit',
    value: count,
    initial: '10000',
    help: 'Accepted and ignored: there is no search API.',
  }),
});

export const storageOptions: {
  readonly directory: Option<string>;
  readonly minBlockMs: Option<number>;
  readonly maxBlockMs: Option<number | undefined>;
  readonly chunkSegmentBytes: Option<number | undefined>;
  readonly walSegmentBytes: Option<number | undefined>;
  readonly retentionMs: Option<number | undefined>;
  readonly retentionBytes: Option<number | undefined>;
  readonly withoutLockFile: Option<boolean>;
  readonly overlappingCompaction: Option<boolean>;
  readonly walCompression: Option<boolean>;
  readonly walCompressionType: Option<'snappy' | 'zstd'>;
  readonly chunksQueue: Option<number>;
  readonly samplesPerChunk: Option<number>;
  readonly compactionDelayPercent: Option<number>;
  readonly delayCompactFile: Option<string>;
  readonly blockReloadMs: Option<number>;
} = section('Storage', {
  directory: one({
    flag: 'storage.tsdb.path',
    value: path,
    initial: 'data/',
    help: 'Directory of the data.',
  }),
  minBlockMs: one({
    flag: 'storage.tsdb.min-block-duration',
    value: duration,
    initial: '2h',
    hidden: true,
    help: 'How much time one block of the head holds.',
  }),
  maxBlockMs: optional({
    flag: 'storage.tsdb.max-block-duration',
    value: duration,
    hidden: true,
    help: 'How much time a compacted block may hold. Default: a tenth of the retention, at most 31d.',
  }),
  chunkSegmentBytes: optional({
    flag: 'storage.tsdb.max-block-chunk-segment-size',
    value: byteSize,
    hidden: true,
    help: 'Accepted and ignored: a file of chunks in a block has at most 512 MiB.',
  }),
  walSegmentBytes: optional({
    flag: 'storage.tsdb.wal-segment-size',
    value: byteSize,
    hidden: true,
    help: 'Size of a segment of the write-ahead log.',
  }),
  retentionMs: optional({
    flag: 'storage.tsdb.retention.time',
    value: duration,
    help: 'How long samples are kept; 15d if neither this nor the size is given. The configuration file (storage.tsdb.retention) goes before.',
  }),
  retentionBytes: optional({
    flag: 'storage.tsdb.retention.size',
    value: byteSize,
    help: 'How many bytes of blocks are kept. The configuration file goes before.',
  }),
  withoutLockFile: toggle({
    flag: 'storage.tsdb.no-lockfile',
    initial: false,
    help: 'Do not lock the directory.',
  }),
  overlappingCompaction: toggle({
    flag: 'storage.tsdb.allow-overlapping-compaction',
    initial: true,
    hidden: true,
    help: 'Merge blocks that overlap in time.',
  }),
  walCompression: toggle({
    flag: 'storage.tsdb.wal-compression',
    initial: true,
    hidden: true,
    help: 'Compress the write-ahead log.',
  }),
  walCompressionType: one({
    flag: 'storage.tsdb.wal-compression-type',
    value: oneOf('snappy', 'zstd'),
    initial: 'snappy',
    hidden: true,
    help: 'How it is compressed.',
  }),
  chunksQueue: one({
    flag: 'storage.tsdb.head-chunks-write-queue-size',
    value: count,
    initial: '0',
    help: 'Accepted and ignored: full chunks are written at once.',
  }),
  samplesPerChunk: one({
    flag: 'storage.tsdb.samples-per-chunk',
    value: count,
    initial: '120',
    hidden: true,
    help: 'Accepted and ignored: a chunk of the head holds at most 120 samples.',
  }),
  compactionDelayPercent: one({
    flag: 'storage.tsdb.delayed-compaction.max-percent',
    value: percentage,
    initial: '10',
    hidden: true,
    help: 'Accepted and ignored: compaction works in slices and needs no delay.',
  }),
  delayCompactFile: one({
    flag: 'storage.tsdb.delay-compact-file.path',
    value: path,
    initial: '',
    help: 'Not supported: compaction does not wait until a sidecar has uploaded blocks. Equal block durations (both 2h) turn it off.',
  }),
  blockReloadMs: one({
    flag: 'storage.tsdb.block-reload-interval',
    value: duration,
    initial: '1m',
    hidden: true,
    help: 'Accepted and ignored: blocks that others put into the directory or take out are seen within a minute.',
  }),
});

export const remoteOptions: {
  readonly flushDeadlineMs: Option<number>;
  readonly readSampleLimit: Option<number>;
  readonly readConcurrency: Option<number>;
  readonly readFrameBytes: Option<number>;
} = section('Remote read and write', {
  flushDeadlineMs: one({
    flag: 'storage.remote.flush-deadline',
    value: duration,
    initial: '1m',
    help: 'Accepted and ignored: there is no remote write.',
  }),
  readSampleLimit: one({
    flag: 'storage.remote.read-sample-limit',
    value: count,
    initial: '5e7',
    help: 'Most samples of one remote read that is not streamed; 0 is any number.',
  }),
  readConcurrency: one({
    flag: 'storage.remote.read-concurrent-limit',
    value: count,
    initial: '10',
    help: 'Most remote reads at the same time; 0 is any number.',
  }),
  readFrameBytes: one({
    flag: 'storage.remote.read-max-bytes-in-frame',
    value: count,
    initial: '1048576',
    help: 'Most bytes of chunks in one frame of a streamed remote read; one chunk always fits.',
  }),
});

export const scrapeOptions: {
  readonly adjustTimestamps: Option<boolean>;
  readonly timestampToleranceMs: Option<number>;
  readonly discoveryReloadMs: Option<number>;
} = section('Scrapes', {
  adjustTimestamps: toggle({
    flag: 'scrape.adjust-timestamps',
    initial: true,
    hidden: true,
    help: 'Move timestamps of scrapes to the planned time where they are near it: they take less space then.',
  }),
  timestampToleranceMs: one({
    flag: 'scrape.timestamp-tolerance',
    value: duration,
    initial: '2ms',
    hidden: true,
    help: 'How near.',
  }),
  discoveryReloadMs: one({
    flag: 'scrape.discovery-reload-interval',
    value: duration,
    initial: '5s',
    hidden: true,
    help: 'How often changes of targets are taken over at most.',
  }),
});

export const serverQueryOptions: {
  readonly lookbackMs: Option<number>;
  readonly timeoutMs: Option<number>;
  readonly maxConcurrent: Option<number>;
  readonly maxSamples: Option<number>;
  readonly workers: Option<number>;
  readonly workerMemoryBytes: Option<number>;
  readonly blockCacheBytes: Option<number>;
  readonly headMemoryBytes: Option<number>;
} = section('Queries and memory', {
  lookbackMs: one({
    flag: 'query.lookback-delta',
    value: duration,
    initial: '5m',
    help: 'How old a sample may be and still be the value of its series, in queries and in federation.',
  }),
  timeoutMs: one({
    flag: 'query.timeout',
    value: duration,
    initial: '2m',
    help: 'Longest time that a query may take.',
  }),
  maxConcurrent: one({
    flag: 'query.max-concurrency',
    value: restrict(count, 'a whole number of at least 1', (value) => value >= 1),
    initial: '20',
    help: 'Most queries at the same time; more of them wait.',
  }),
  maxSamples: one({
    flag: 'query.max-samples',
    value: count,
    initial: '50000000',
    help: 'Most samples that one query may hold in memory at the same time.',
  }),
  workers: one({
    flag: 'query.workers',
    value: restrict(count, 'a whole number of at least 1', (value) => value >= 1),
    initial: '2',
    help: 'Threads that evaluate queries; started when the first query comes. Ours alone.',
  }),
  workerMemoryBytes: one({
    flag: 'query.worker-memory',
    value: byteSize,
    initial: '1GB',
    help: 'Most memory that the queries of one thread may hold; a query that needs more is refused. Ours alone.',
  }),
  blockCacheBytes: one({
    flag: 'block-cache-size',
    value: byteSize,
    initial: '128MiB',
    help: 'Bytes of decoded samples, index pages and chunks that each thread keeps of the blocks. Ours alone.',
  }),
  headMemoryBytes: one({
    flag: 'head-memory',
    value: byteSize,
    initial: '3GB',
    help: 'Most memory that the series of the head may take, at most 4GB; series above it are refused. Ours alone.',
  }),
});

/** Of things that there are not: rules, notifications, agent mode, and the Go runtime. */
export const idleOptions: {
  readonly outageToleranceMs: Option<number>;
  readonly gracePeriodMs: Option<number>;
  readonly resendDelayMs: Option<number>;
  readonly concurrentEvaluations: Option<number>;
  readonly notificationQueue: Option<number>;
  readonly notificationBatch: Option<number>;
  readonly drainNotifications: Option<boolean>;
  readonly agent: Option<boolean>;
  readonly agentPath: Option<string>;
  readonly agentWalSegmentBytes: Option<number | undefined>;
  readonly agentWalCompression: Option<boolean>;
  readonly agentWalCompressionType: Option<'snappy' | 'zstd'>;
  readonly agentTruncateMs: Option<number | undefined>;
  readonly agentMinAgeMs: Option<number>;
  readonly agentMaxAgeMs: Option<number>;
  readonly agentMemoryCheckpoint: Option<boolean>;
  readonly agentCheckpointBatch: Option<number>;
  readonly agentWithoutLockFile: Option<boolean>;
  readonly autoProcessors: Option<boolean>;
  readonly autoMemory: Option<boolean>;
  readonly autoMemoryRefreshMs: Option<number>;
} = section('Accepted for compatibility', {
  outageToleranceMs: idleDuration('rules.alert.for-outage-tolerance', '1h', rules()),
  gracePeriodMs: idleDuration('rules.alert.for-grace-period', '10m', rules()),
  resendDelayMs: idleDuration('rules.alert.resend-delay', '1m', rules()),
  concurrentEvaluations: idleCount('rules.max-concurrent-evals', '4', rules()),
  notificationQueue: idleCount('alertmanager.notification-queue-capacity', '10000', rules()),
  notificationBatch: idleCount('alertmanager.notification-batch-size', '256', rules()),
  drainNotifications: toggle({
    flag: 'alertmanager.drain-notification-queue-on-shutdown',
    initial: true,
    help: rules(),
  }),
  agent: toggle({ flag: 'agent', initial: false, help: 'Not supported: there is no agent mode.' }),
  agentPath: one({
    flag: 'storage.agent.path',
    value: path,
    initial: 'data-agent/',
    help: agentMode(),
  }),
  agentWalSegmentBytes: optional({
    flag: 'storage.agent.wal-segment-size',
    value: byteSize,
    hidden: true,
    help: agentMode(),
  }),
  agentWalCompression: toggle({
    flag: 'storage.agent.wal-compression',
    initial: true,
    help: agentMode(),
  }),
  agentWalCompressionType: one({
    flag: 'storage.agent.wal-compression-type',
    value: oneOf('snappy', 'zstd'),
    initial: 'snappy',
    hidden: true,
    help: agentMode(),
  }),
  agentTruncateMs: optional({
    flag: 'storage.agent.wal-truncate-frequency',
    value: duration,
    hidden: true,
    help: agentMode(),
  }),
  agentMinAgeMs: idleDuration('storage.agent.retention.min-time', '5m', agentMode()),
  agentMaxAgeMs: idleDuration('storage.agent.retention.max-time', '4h', agentMode()),
  agentMemoryCheckpoint: toggle({
    flag: 'storage.agent.checkpoint-from-in-memory-series',
    initial: false,
    help: agentMode(),
  }),
  agentCheckpointBatch: idleCount('storage.agent.checkpoint-batch-size', '1000', agentMode()),
  agentWithoutLockFile: toggle({
    flag: 'storage.agent.no-lockfile',
    initial: false,
    help: agentMode(),
  }),
  autoProcessors: toggle({
    flag: 'auto-gomaxprocs',
    initial: true,
    help: 'Accepted and ignored: Node finds the number of processors by itself.',
  }),
  autoMemory: toggle({
    flag: 'auto-gomemlimit',
    initial: true,
    help: 'Accepted and ignored: Node finds its memory limit by itself.',
  }),
  autoMemoryRefreshMs: idleDuration(
    'auto-gomemlimit.refresh-interval',
    '0s',
    'Accepted and ignored, as --auto-gomemlimit.',
  ),
});

function rules(): string {
  return 'For rules and alerts, which there are not.';
}

function agentMode(): string {
  return 'For agent mode, which there is not.';
}

function idleDuration(flag: string, initial: string, help: string): Option<number> {
  return one({ flag, value: duration, initial, help });
}

function idleCount(flag: string, initial: string, help: string): Option<number> {
  return one({ flag, value: count, initial, help });
}

export type PrometheusValues = OptionValues<
  typeof configOptions &
    typeof serverWebOptions &
    typeof storageOptions &
    typeof remoteOptions &
    typeof scrapeOptions &
    typeof serverQueryOptions &
    typeof idleOptions
>;

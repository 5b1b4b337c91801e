/** What each Prometheus tells of itself: configuration, flags, disk. */
import { errorText } from '../../base/errors.ts';
import type { FileSystem } from '../../base/file-system.ts';
import { parseYaml } from '../../base/yaml.ts';
import { parseByteSize } from '../../model/byte-size.ts';
import { parsePrometheusDuration } from '../../model/duration.ts';
import { Asked, type AskOptions, textRecord } from './ask.ts';
import type { HaFacts, LabelSet, ServerFacts } from './facts.ts';
import { samplesOf } from './gather-metrics.ts';

export interface ServerOptions extends AskOptions {
  readonly serverUrls: readonly string[];
  readonly files: FileSystem;
}

const SERVERS_MAX = 16;
const DEFAULT_INTERVAL_MS = 60_000;
/** Of a chunk, with its share of the index, where no compaction has told yet. */
const USUAL_SAMPLE_BYTES = 2;
const DAY_SECONDS = 86_400;

export async function gatherServers(
  querier: Asked,
  options: ServerOptions,
  candidates: readonly string[],
): Promise<Pick<HaFacts, 'servers' | 'unreached'>> {
  const urls = [...new Set([...options.serverUrls, ...candidates])].slice(0, SERVERS_MAX);
  const growth = await gatherGrowth(querier);
  const asked = await Promise.all(urls.map((url) => askServer(url, options)));
  const reached = asked.filter((one) => 'facts' in one);
  const disks = await Promise.all(reached.map((one) => findDisk(querier, one, options.files)));
  const sharers = (disk: string): number => disks.filter((one) => one?.disk === disk).length;
  const servers = reached.map(({ facts, host }, i): ServerFacts => {
    const disk = disks[i];
    if (disk === undefined) return facts;
    const { usedBytes = 0, bytesPerDay = 0 } = growth.get(host) ?? {};
    const freeBytes = disk.freeBytes / sharers(disk.disk);
    return { ...facts, storage: { freeBytes, usedBytes, bytesPerDay } };
  });
  const unreached = asked.filter((one) => 'reason' in one);
  return { servers, unreached };
}

interface ReachedServer {
  readonly facts: ServerFacts;
  /** host:port, as it stands in the label `instance`. */
  readonly host: string;
  /** As its flag has it, made absolute. */
  readonly dataPath: string;
}

async function askServer(
  url: string,
  options: AskOptions,
): Promise<ReachedServer | { readonly url: string; readonly reason: string }> {
  const server = new Asked(url, options);
  try {
    const [config, flagData, runtime, build] = await Promise.all([
      server.record('/api/v1/status/config'),
      server.record('/api/v1/status/flags'),
      server.record('/api/v1/status/runtimeinfo'),
      server.record('/api/v1/status/buildinfo'),
    ]);
    const flags = textRecord(flagData);
    const path = flags['storage.tsdb.path'] ?? '';
    const folder = textRecord(runtime).CWD ?? '';
    return {
      host: new URL(url).host,
      dataPath: path.startsWith('/') ? path : `${folder}/${path}`,
      facts: {
        url,
        version: textRecord(build).version ?? '?',
        skewMs: server.skewMs,
        minBlockMs: durationOf(flags['storage.tsdb.min-block-duration']),
        maxBlockMs: durationOf(flags['storage.tsdb.max-block-duration']),
        delaysCompaction: (flags['storage.tsdb.delay-compact-file.path'] ?? '') !== '',
        isConfigGood: runtime.reloadConfigSuccess !== false,
        corruptions: Number(runtime.corruptionCount ?? 0),
        storage: undefined,
        ...readConfig(textRecord(config).yaml ?? '', url),
        ...readRetention(textRecord(runtime).storageRetention, flags),
      },
    };
  } catch (error) {
    return { url, reason: errorText(error) };
  }
}

function readConfig(
  text: string,
  url: string,
): Pick<ServerFacts, 'externalLabels' | 'scrapeIntervalMs' | 'jobs'> {
  const fields = new Map(parseYaml(text, `${url}/config`).entries());
  const global = new Map(fields.get('global')?.entries() ?? []);
  const labels = (global.get('external_labels')?.entries() ?? []).map(
    ([name, value]) => [name, value.text()] as const,
  );
  const jobs = (fields.get('scrape_configs')?.list() ?? []).map(
    (job) => new Map(job.entries()).get('job_name')?.text() ?? '',
  );
  const interval = durationOf(global.get('scrape_interval')?.text());
  return {
    externalLabels: Object.fromEntries(labels),
    scrapeIntervalMs: interval ?? DEFAULT_INTERVAL_MS,
    jobs,
  };
}

/** What holds stands in the runtime information (`15d or 20GiB`), what was asked for in the flags. */
function readRetention(
  told: string | undefined,
  flags: LabelSet,
): Pick<ServerFacts, 'retentionMs' | 'retentionBytes'> {
  const texts = told?.split(' or ') ?? [
    flags['storage.tsdb.retention.time'] ?? '',
    flags['storage.tsdb.retention.size'] ?? '',
  ];
  const sizes = texts.map(parseByteSize).filter((size) => size !== undefined);
  const times = texts.map(durationOf).filter((time) => time !== undefined);
  return { retentionMs: times[0] ?? 0, retentionBytes: sizes[0] ?? 0 };
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parsePrometheusDuration(text);
}

interface Growth {
  readonly usedBytes: number;
  readonly bytesPerDay: number;
}

const USED = `sum by (instance) (
  {__name__=~"prometheus_tsdb_(storage_blocks|wal_storage_size|head_chunks_storage_size)_bytes"})`;
const RATE = 'sum by (instance) (rate(prometheus_tsdb_head_samples_appended_total[30m]))';
const SAMPLE_BYTES = `sum by (instance) (prometheus_tsdb_compaction_chunk_size_bytes_sum)
  / sum by (instance) (prometheus_tsdb_compaction_chunk_samples_sum)`;

/** By the label `instance`. */
async function gatherGrowth(querier: Asked): Promise<ReadonlyMap<string, Growth>> {
  const ask = async (query: string): Promise<ReadonlyMap<string, number>> => {
    const samples = await samplesOf(querier, query);
    return new Map(samples.map(({ labels, value }) => [labels.instance ?? '', value]));
  };
  const [used, rates, sizes] = await Promise.all([ask(USED), ask(RATE), ask(SAMPLE_BYTES)]);
  const instances = [...new Set([...used.keys(), ...rates.keys()])];
  return new Map(
    instances.map((instance) => {
      const size = sizes.get(instance) ?? Number.NaN;
      const sampleBytes = size > 0 ? size : USUAL_SAMPLE_BYTES;
      const bytesPerDay = (rates.get(instance) ?? 0) * sampleBytes * DAY_SECONDS;
      return [instance, { usedBytes: used.get(instance) ?? 0, bytesPerDay }];
    }),
  );
}

interface Disk {
  /** Servers of the same share it. */
  readonly disk: string;
  readonly freeBytes: number;
}

/** On this machine by looking; elsewhere as a node_exporter on the same host tells, or the kubelet of its volume. */
async function findDisk(
  querier: Asked,
  { host, dataPath }: ReachedServer,
  files: FileSystem,
): Promise<Disk | undefined> {
  const name = host.replace(/:\d+$/, '');
  const isHere = /^(localhost|127\.|\[::1\])/.test(name);
  if (isHere && files.stat(dataPath)?.isDirectory === true) {
    return { disk: 'here', freeBytes: files.freeBytes(dataPath) };
  }
  const samples = await samplesOf(querier, 'node_filesystem_avail_bytes');
  const holding = samples
    .filter(({ labels }) => labels.instance?.replace(/:\d+$/, '') === name)
    .filter(({ labels }) => isBelow(dataPath, labels.mountpoint ?? ''))
    .sort((a, b) => (b.labels.mountpoint ?? '').length - (a.labels.mountpoint ?? '').length);
  if (holding.length === 0) return undefined;
  const { labels, value } = holding[0];
  return { disk: `${name} ${labels.mountpoint}`, freeBytes: value };
}

function isBelow(path: string, mountpoint: string): boolean {
  return mountpoint !== '' && `${path}/`.startsWith(mountpoint === '/' ? '/' : `${mountpoint}/`);
}

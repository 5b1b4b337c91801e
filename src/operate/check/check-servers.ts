/** Checks of the Prometheus servers themselves: flags, configuration, disk, versions; and of what is kept for long. */
import type { BucketFacts, Build, HaFacts, ServerFacts, StoreFacts } from './facts.ts';
import { type Finding, good, trouble, unknown, warning } from './finding.ts';
import { includes, labelText, replicaGroups, replicaLabels, without } from './replica-sets.ts';

const UPLOADED_BLOCK_MS = 2 * 3_600_000;
const DAY_MS = 86_400_000;
/** What Prometheus keeps when no flag says otherwise. */
const DEFAULT_RETENTION_MS = 15 * DAY_MS;
const FULL_SHARE = 0.8;

export function checkServers({ servers, unreached }: HaFacts): readonly Finding[] {
  const away = unreached.map(({ url, reason }) => unknown('server-unreached', { url, reason }));
  if (servers.length === 0) return away.length > 0 ? away : [unknown('servers-none')];
  const problems = servers.flatMap(({ url, isConfigGood, corruptions }) => [
    ...(isConfigGood ? [] : [trouble('config-rejected', { url })]),
    ...(corruptions === 0 ? [] : [trouble('wal-corrupt', { url, count: corruptions })]),
  ]);
  const reached = problems.length > 0 ? [] : [good('servers-well', { count: servers.length })];
  return [...reached, ...problems, ...away];
}

export function checkConfigs(facts: HaFacts): readonly Finding[] {
  const names = replicaLabels(facts);
  const groups = Map.groupBy(facts.servers, ({ externalLabels }) =>
    labelText(without(externalLabels, names)),
  );
  return [...groups.values()]
    .filter((servers) => servers.length > 1)
    .flatMap(([first, ...others]) => {
      const problems = others.flatMap((other) => compareConfigs(first, other));
      return problems.length > 0 ? problems : [good('configs-same', { count: others.length + 1 })];
    });
}

function compareConfigs(one: ServerFacts, other: ServerFacts): readonly Finding[] {
  const urls = { one: one.url, other: other.url };
  const missing = [
    ...one.jobs.filter((job) => !other.jobs.includes(job)),
    ...other.jobs.filter((job) => !one.jobs.includes(job)),
  ];
  const isEqual = one.scrapeIntervalMs === other.scrapeIntervalMs;
  const intervals = { a: one.scrapeIntervalMs / 1000, b: other.scrapeIntervalMs / 1000 };
  return [
    ...(missing.length === 0
      ? []
      : [trouble('jobs-differ', { ...urls, list: missing.join(', ') })]),
    ...(isEqual ? [] : [warning('intervals-differ', { ...urls, ...intervals })]),
  ];
}

export function checkBlockDurations({ servers, metrics }: HaFacts): readonly Finding[] {
  if (!metrics.hasShipper) return [];
  if (servers.length === 0) return [unknown('blocks-untold')];
  const findings = servers.map((server) => {
    const { url, minBlockMs, maxBlockMs, delaysCompaction } = server;
    if (minBlockMs === undefined || maxBlockMs === undefined) {
      return unknown('block-flags-untold', { url });
    }
    const values = {
      url,
      min: hours(minBlockMs),
      max: maxBlockMs === 0 ? '31d' : hours(maxBlockMs),
    };
    if (minBlockMs !== maxBlockMs && !delaysCompaction) return trouble('blocks-unequal', values);
    return minBlockMs > UPLOADED_BLOCK_MS
      ? warning('blocks-long', values)
      : good('blocks-equal', values);
  });
  const others = findings.filter(({ level }) => level !== 'good');
  return others.length > 0 ? others : findings.slice(0, 1);
}

function hours(durationMs: number): string {
  const whole = durationMs / 3_600_000;
  return Number.isInteger(whole) ? `${whole}h` : `${durationMs / 60_000}m`;
}

export function checkRetention({ servers }: HaFacts): readonly Finding[] {
  if (servers.length === 0) return [unknown('retention-untold')];
  return servers.map(retentionOf);
}

function retentionOf({ url, retentionMs, retentionBytes, storage }: ServerFacts): Finding {
  if (storage === undefined) return unknown('disk-untold', { url });
  const { freeBytes, usedBytes, bytesPerDay } = storage;
  const isUnlimited = retentionMs === 0 && retentionBytes === 0;
  const days = (isUnlimited ? DEFAULT_RETENTION_MS : retentionMs) / DAY_MS;
  const byTime = bytesPerDay === 0 || days === 0 ? Number.POSITIVE_INFINITY : bytesPerDay * days;
  const bySize = retentionBytes === 0 ? Number.POSITIVE_INFINITY : retentionBytes;
  const need = Math.min(byTime, bySize);
  const room = freeBytes + usedBytes;
  const isGuess = bytesPerDay === 0 && days > 0 && need > room; // the size may never be reached
  if (need === Number.POSITIVE_INFINITY || isGuess) {
    return unknown('growth-untold', { url, room: size(room) });
  }
  const fullDays = bytesPerDay === 0 ? '?' : String(Math.floor(freeBytes / bytesPerDay));
  const values = { url, need: size(need), room: size(room), fullDays };
  if (need > room) return trouble('disk-too-small', values);
  return need > FULL_SHARE * room
    ? warning('disk-nearly-full', values)
    : good('disk-holds', values);
}

/** `1.5 GiB`. */
function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

export function checkVersions({ metrics: { builds } }: HaFacts): readonly Finding[] {
  if (builds.length === 0) return [unknown('versions-untold')];
  const programs = Map.groupBy(builds, ({ program }) => program);
  const differing = [...programs]
    .filter(([, some]) => new Set(some.map(({ version }) => version)).size > 1)
    .map(([program, some]) => warning('versions-differ', { program, list: versionList(some) }));
  if (differing.length > 0) return differing;
  const list = [...programs].map(([program, [{ version }]]) => `${program} ${version}`).join(', ');
  return [good('versions-same', { list })];
}

function versionList(builds: readonly Build[]): string {
  return [...Map.groupBy(builds, ({ version }) => version)]
    .map(([version, some]) => `${version} (${some.map(({ instance }) => instance).join(', ')})`)
    .join(', ');
}

/** Whether what Prometheus forgets is kept and can be read. */
export function checkHistory(facts: HaFacts): readonly Finding[] {
  const { metrics, stores } = facts;
  const failures = metrics.uploadFailures.map(({ instance, count }) =>
    trouble('uploads-fail', { instance, count }),
  );
  const gateways = stores.filter(({ type, fault }) => type === 'store' && fault === '');
  if (gateways.length === 0) {
    return [...failures, metrics.hasShipper ? trouble('history-unread') : warning('history-none')];
  }
  const holes = replicaGroups(facts).flatMap(({ shared }) => {
    const kept = gateways.filter(({ labelSets }) => labelSets.some((set) => includes(set, shared)));
    const live = stores.filter(
      ({ type, labelSets }) => type === 'sidecar' && labelSets.some((set) => includes(set, shared)),
    );
    return holeBetween(labelText(shared), kept, live);
  });
  const problems = [...failures, ...holes];
  return problems.length > 0 ? problems : [good('history-whole', { count: gateways.length })];
}

function holeBetween(
  group: string,
  kept: readonly StoreFacts[],
  live: readonly StoreFacts[],
): readonly Finding[] {
  if (live.length === 0) return [];
  if (kept.length === 0) return [warning('history-missing', { group })];
  const keptUntil = Math.max(...kept.map(({ maxTime }) => maxTime));
  const liveSince = Math.min(...live.map(({ minTime }) => minTime));
  if (keptUntil >= liveSince) return [];
  const values = { group, from: timeText(keptUntil), to: timeText(liveSince) };
  return [trouble('history-hole', values)];
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Keys that stand in tutorials and images. */
const WELL_KNOWN_KEYS = [
  'minio',
  'minioadmin',
  'minio123',
  'minio12345',
  'minio-secret-key',
  'accesskey',
  'secretkey',
  'admin',
  'password',
  'thanos',
  'rustfsadmin',
  'any',
];
const AWS_EXAMPLE = /EXAMPLE(KEY)?$/;

export function checkBucket({ bucket }: HaFacts): readonly Finding[] {
  if (bucket === undefined) return [];
  const { path, fault, endpoint } = bucket;
  if (fault !== '') return [trouble('bucket-unreadable', { path, reason: fault })];
  const keys = { access_key: bucket.accessKey, secret_key: bucket.secretKey };
  const known = Object.entries(keys).filter(
    ([, key]) => WELL_KNOWN_KEYS.includes(key.toLowerCase()) || AWS_EXAMPLE.test(key),
  );
  const problems = [
    ...known.map(([name]) => trouble('bucket-keys-known', { path, name })),
    ...(bucket.isInsecure && isFar(bucket) ? [warning('bucket-insecure', { path, endpoint })] : []),
  ];
  return problems.length > 0 ? problems : [good('bucket-well', { path, type: bucket.type })];
}

/** Beyond this machine, this cluster and private networks. */
function isFar({ endpoint }: BucketFacts): boolean {
  const host = endpoint.replace(/^https?:\/\//, '').replace(/:\d+$/, '');
  const isNear =
    /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[?::1)/.test(host) ||
    /\.(svc|local|internal)(\.|$)/.test(host) ||
    !host.includes('.');
  return !isNear;
}

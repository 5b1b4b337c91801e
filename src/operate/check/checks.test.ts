import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { CHECKS, runChecks } from './checks.ts';
import type { HaFacts, ServerFacts, StoreFacts, TargetFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { printReport, reportJson } from './report.ts';
import { type CheckText, TEXTS, type TextKey } from './texts.data.ts';

const HOUR_MS = 3_600_000;
const GIB = 1 << 30;
const NOW_MS = 1_800_000_000_000;

function sidecar(replica: string, change: Partial<StoreFacts> = {}): StoreFacts {
  return {
    type: 'sidecar',
    address: `sidecar-${replica}:10901`,
    fault: '',
    labelSets: [{ cluster: 'c', replica }],
    minTime: NOW_MS - 24 * HOUR_MS,
    maxTime: Number.POSITIVE_INFINITY,
    ...change,
  };
}

const gateway: StoreFacts = {
  type: 'store',
  address: 'store:10901',
  fault: '',
  labelSets: [{ cluster: 'c', replica: 'A' }],
  minTime: 0,
  maxTime: NOW_MS - 2 * HOUR_MS,
};

function server(replica: string, change: Partial<ServerFacts> = {}): ServerFacts {
  return {
    url: `http://prometheus-${replica}:9090`,
    externalLabels: { cluster: 'c', replica },
    version: '3.14.0',
    skewMs: 200,
    minBlockMs: 2 * HOUR_MS,
    maxBlockMs: 2 * HOUR_MS,
    delaysCompaction: false,
    retentionMs: 15 * 24 * HOUR_MS,
    retentionBytes: 0,
    scrapeIntervalMs: 30_000,
    jobs: ['prometheus', 'node'],
    isConfigGood: true,
    corruptions: 0,
    storage: { freeBytes: 100 * GIB, usedBytes: GIB, bytesPerDay: GIB },
    ...change,
  };
}

function target(replica: string, instance: string, change: Partial<TargetFacts> = {}): TargetFacts {
  const labels = { __name__: 'up', cluster: 'c', replica, job: 'node', instance };
  return { labels, isUp: true, ageMs: 4000, scrapes: 60, ...change };
}

/** Nothing is wrong with it. */
const sound: HaFacts = {
  querier: {
    url: 'http://query:10902',
    fault: '',
    version: '0.43.0',
    answerMs: 3,
    skewMs: -300,
    replicaLabels: ['replica'],
  },
  stores: [sidecar('A'), sidecar('B'), gateway],
  targets: ['A', 'B'].flatMap((replica) => [target(replica, 'n1'), target(replica, 'n2')]),
  merged: [{ __name__: 'up', cluster: 'c', instance: 'n1' }],
  warnings: [],
  servers: [server('A'), server('B')],
  unreached: [],
  metrics: {
    lonelySidecars: [],
    hasShipper: true,
    uploadFailures: [],
    builds: [
      { program: 'Prometheus', instance: 'prometheus-A:9090', version: '3.14.0' },
      { program: 'Prometheus', instance: 'prometheus-B:9090', version: '3.14.0' },
    ],
  },
  bucket: {
    path: 'objstore.yml',
    fault: '',
    type: 'S3',
    endpoint: 's3.example.com',
    accessKey: 'AKX2',
    secretKey: 'c2VjcmV0',
    isInsecure: false,
  },
  expected: new Map([
    ['sidecar', 2],
    ['store', 1],
  ]),
};

/** One finding of every sentence that was said. */
const seen = new Map<TextKey, Finding>();

/** Sentences other than good ones that the changed facts give. */
function problems(change: Partial<HaFacts>): readonly string[] {
  const findings = runChecks({ ...sound, ...change });
  for (const finding of findings) seen.set(finding.text, finding);
  return findings
    .filter(({ level }) => level !== 'good')
    .map(({ level, check, text }) => `${level} ${check}: ${text}`);
}

function f(change: Partial<HaFacts>, ...want: readonly string[]): void {
  assert.deepEqual(problems(change), want);
}

const querier = (change: Partial<HaFacts['querier']>): Partial<HaFacts> => ({
  querier: { ...sound.querier, ...change },
});
const metrics = (change: Partial<HaFacts['metrics']>): Partial<HaFacts> => ({
  metrics: { ...sound.metrics, ...change },
});
const servers = (a: Partial<ServerFacts>, b: Partial<ServerFacts> = {}): Partial<HaFacts> => ({
  servers: [server('A', a), server('B', b)],
});
const bucket = (change: object): Partial<HaFacts> => ({
  bucket: sound.bucket === undefined ? assert.fail() : { ...sound.bucket, ...change },
});

test('a sound set-up gives a good finding for every check and no other', () => {
  const findings = runChecks(sound);
  for (const finding of findings) seen.set(finding.text, finding);
  assert.deepEqual(
    [...new Set(findings.map(({ check }) => check))],
    CHECKS.map(({ id }) => id),
  );
  f({});
});

test('the querier and its endpoints are looked at', () => {
  f(querier({ fault: 'refused' }), 'trouble querier: querier-away');
  f({ warnings: ['store x is away'] }, 'warning querier: querier-warns');
  f(
    { stores: [sidecar('A'), sidecar('B'), { ...gateway, fault: 'away', labelSets: [] }] },
    'trouble stores: store-fault',
    'trouble stores: stores-few',
    'trouble history: history-unread',
  );
  f(metrics({ lonelySidecars: undefined }), 'unknown sidecars: sidecars-untold');
  f(metrics({ lonelySidecars: [{ instance: 'x' }] }), 'trouble sidecars: sidecar-lonely');
  assert.deepEqual(problems({ stores: [], servers: [] }).slice(0, 2), [
    'trouble stores: stores-none',
    'unknown replicas: replicas-none',
  ]);
  const noLive = problems({ stores: [gateway], expected: new Map(), servers: [] });
  assert.equal(noLive[0], 'trouble stores: stores-no-live');
});

test('replicas and their labels are looked at', () => {
  f(
    { stores: [sidecar('A'), gateway], expected: new Map() },
    'trouble replicas: replica-single',
    'trouble replicas: server-unseen',
  );
  f(querier({ replicaLabels: undefined }), 'unknown replica-label: replica-flag-untold');
  f(querier({ replicaLabels: [] }), 'trouble replica-label: replica-flag-missing');
  assert.deepEqual(
    problems({
      merged: [
        { __name__: 'up', replica: 'A' },
        { __name__: 'up', replica: 'B' },
      ],
    }),
    ['trouble replica-label: replica-label-kept'],
  );
  const equal = problems({ stores: [sidecar('A'), sidecar('A', { address: 'twin' }), gateway] });
  assert.ok(equal.includes('trouble external-labels: labels-equal'));
  const empty = problems({ stores: [sidecar('A'), sidecar('B', { labelSets: [{}] }), gateway] });
  assert.ok(empty.includes('trouble external-labels: labels-empty'));
  assert.ok(empty.includes('trouble replica-label: replica-label-missing'));
  const zones = ['x', 'y'].map((zone) => sidecar(zone, { labelSets: [{ zone }] }));
  const unclear = problems({ ...querier({ replicaLabels: [] }), stores: zones });
  assert.ok(unclear.includes('warning replica-label: replica-label-unclear'));
});

test('the series of the replicas are compared', () => {
  const [a1, a2, b1, b2] = sound.targets ?? [];
  const old = { ageMs: 91_000 };
  f({ targets: [a1, a2, { ...b1, ...old }, { ...b2, ...old }] }, 'trouble lag: lag-behind');
  f({ targets: [a1, a2, { ...b1, ...old }, b2] });
  f({ targets: [a1, a2] }, 'trouble lag: lag-none');
  f({ targets: undefined }, 'unknown lag: series-untold', 'unknown targets: series-untold');
  f({ targets: [a1, a2, b1] }, 'trouble targets: targets-missing');
  f({ targets: [a1, { ...a2, scrapes: 2 }, b1] });
  f({ targets: [a1, a2, { ...b1, isUp: false }, b2] }, 'warning targets: targets-split');
  f({ targets: [a1, a2, { ...b1, scrapes: 40 }, b2] }, 'warning targets: targets-holes');
  f({ targets: [{ ...a1, ageMs: -5000 }, a2, b1, b2] }, 'trouble clocks: clock-future');
  f(querier({ skewMs: 3000 }), 'warning clocks: clock-ahead');
  f(servers({ skewMs: -61_000 }), 'trouble clocks: clock-behind');
  const untold = { ...querier({ skewMs: undefined }), ...servers({ skewMs: undefined }) };
  f({ ...untold, servers: [server('A', { skewMs: undefined })] }, 'unknown clocks: clocks-untold');
});

test('the servers are looked at', () => {
  const unreached = [{ url: 'http://x', reason: 'refused' }];
  f({ unreached }, 'unknown servers: server-unreached');
  f(
    { servers: [] },
    'unknown servers: servers-none',
    'unknown blocks: blocks-untold',
    'unknown retention: retention-untold',
  );
  f(servers({ isConfigGood: false }), 'trouble servers: config-rejected');
  f(servers({}, { corruptions: 1 }), 'trouble servers: wal-corrupt');
  f(servers({ jobs: ['prometheus'] }), 'trouble configs: jobs-differ');
  f(servers({ scrapeIntervalMs: 15_000 }), 'warning configs: intervals-differ');
  f(servers({ maxBlockMs: 0 }), 'trouble blocks: blocks-unequal');
  f(servers({ maxBlockMs: 0, delaysCompaction: true }));
  const day = 24 * HOUR_MS;
  f(servers({ minBlockMs: day, maxBlockMs: day }), 'warning blocks: blocks-long');
  f(servers({ minBlockMs: undefined }), 'unknown blocks: block-flags-untold');
  f({ ...servers({ maxBlockMs: 0 }), ...metrics({ hasShipper: false }), stores: sound.stores });
  const [one, other] = sound.metrics.builds;
  const builds = [one, { ...other, version: '2.42.0' }];
  f(metrics({ builds }), 'warning versions: versions-differ');
  f(metrics({ builds: [] }), 'unknown versions: versions-untold');
});

test('retention is held against the disk', () => {
  const storage = { freeBytes: 100 * GIB, usedBytes: GIB, bytesPerDay: GIB };
  f(servers({ storage: undefined }), 'unknown retention: disk-untold');
  f(servers({ storage: { ...storage, bytesPerDay: 0 } }), 'unknown retention: growth-untold');
  f(servers({ storage: { ...storage, freeBytes: 10 * GIB } }), 'trouble retention: disk-too-small');
  f(
    servers({ storage: { ...storage, freeBytes: 16 * GIB } }),
    'warning retention: disk-nearly-full',
  );
  f(servers({ storage: { ...storage, freeBytes: 10 * GIB }, retentionBytes: 8 * GIB }));
  const young = { storage: { ...storage, bytesPerDay: 0 }, retentionBytes: 200 * GIB };
  f(servers(young), 'unknown retention: growth-untold');
  const bySize = { retentionMs: 0, retentionBytes: 200 * GIB };
  f(servers({ storage, ...bySize }), 'trouble retention: disk-too-small');
  const unlimited = { retentionMs: 0, retentionBytes: 0 };
  f(
    servers({ storage: { ...storage, bytesPerDay: 10 * GIB }, ...unlimited }),
    'trouble retention: disk-too-small',
  );
});

test('what is kept for long is looked at', () => {
  const replicas = [sidecar('A'), sidecar('B')];
  const expected = new Map();
  f({ stores: replicas, expected }, 'trouble history: history-unread');
  f(
    { stores: replicas, expected, ...metrics({ hasShipper: false }) },
    'warning history: history-none',
  );
  const stale = { ...gateway, maxTime: NOW_MS - 48 * HOUR_MS };
  f({ stores: [...replicas, stale] }, 'trouble history: history-hole');
  const foreign = { ...gateway, labelSets: [{ cluster: 'other' }] };
  f({ stores: [...replicas, foreign] }, 'warning history: history-missing');
  f(metrics({ uploadFailures: [{ instance: 'x', count: 3 }] }), 'trouble history: uploads-fail');
  f(bucket({ fault: 'ENOENT' }), 'trouble bucket: bucket-unreadable');
  f(
    bucket({ accessKey: 'minioadmin', secretKey: 'minioadmin' }),
    'trouble bucket: bucket-keys-known',
    'trouble bucket: bucket-keys-known',
  );
  f(bucket({ isInsecure: true }), 'warning bucket: bucket-insecure');
  for (const endpoint of ['minio:9000', '127.0.0.1:9000', '10.0.0.7:9000', 'minio.ns.svc:9000']) {
    f(bucket({ isInsecure: true, endpoint }));
  }
});

test('every sentence was said above, in both languages and with all its values', () => {
  assert.deepEqual([...seen.keys()].sort(), Object.keys(TEXTS).sort());
  for (const { text, values } of seen.values()) {
    const { say, mend }: CheckText = TEXTS[text];
    const named = [...`${say.en}${mend?.en ?? ''}`.matchAll(/\{(\w+)/g)].map(([, name]) => name);
    assert.deepEqual(
      named.filter((name) => values[name] === undefined),
      [],
      text,
    );
  }
  for (const [key, { say, ...rest }] of Object.entries(TEXTS)) {
    const placesOf = (sentence: string): string[] =>
      [...new Set([...sentence.matchAll(/\{[\w|]+\}/g)].map(([place]) => place))].sort();
    assert.deepEqual(placesOf(say.ko), placesOf(say.en), key);
    assert.match(say.ko, /[가-힣]/, key);
    if ('mend' in rest) assert.deepEqual(placesOf(rest.mend.ko), placesOf(rest.mend.en), key);
  }
});

test('a person reads marks, sentences and remedies; colours only on a terminal', () => {
  const findings = runChecks({ ...sound, ...querier({ replicaLabels: [] }), bucket: undefined });
  const plain = printReport('http://q', findings, { language: 'en', isColored: false });
  assert.match(plain, /^HA check of http:\/\/q\n\n✓ querier {10}the querier answers in 3 ms/);
  assert.match(plain, /\n✓ stores {11}2 sidecars, 1 store connected\n/);
  assert.match(
    plain,
    /\n✗ replica-label {4}the querier drops no replica label: .*\n {19}→ Start it with --query\.replica-label=replica\.\n/,
  );
  assert.match(plain, /\n\n16 right, 0 to look at, 1 wrong, 0 not known\.\n$/);
  const korean = printReport('http://q', findings, { language: 'ko', isColored: true });
  assert.match(korean, /^고가용성 점검: http:\/\/q\n/);
  assert.ok(korean.includes('\u001b[31m✗\u001b[0m \u001b[90mreplica-label'));
  assert.match(korean, /쿼리어가 복제본 레이블을 제거하지 않아/);
  assert.match(korean, /사이드카 2개, 스토어 1개 연결됨/);
  const report = JSON.parse(reportJson('http://q', findings, 'en'));
  assert.deepEqual([report.ok, report.counts.trouble], [false, 1]);
  const [wrong] = report.findings.filter(({ level }: { level: string }) => level === 'trouble');
  assert.deepEqual(
    [wrong.check, wrong.code, wrong.values],
    ['replica-label', 'replica-flag-missing', { label: 'replica' }],
  );
});

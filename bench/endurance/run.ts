/**
 * A server under the limits of a small container for hours that pass in minutes: 100,000 series every 30 s, twenty
 * dashboard queries every 10 s, one CPU, 2 GiB. Its clock runs `--speed` times as fast, so that it has that much less of
 * the CPU than the hours would give it. Prints what it took; ends with status 1 when a scrape was missed, a query failed,
 * nothing was compacted, or the server died.
 *
 *     npm run endurance -- [--hours 3.25] [--speed 12] [--series 100000] [--memory-mib 2048] [--cpu 0]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { processCpuMs } from '../cpu-time.ts';
import { pssBytes } from '../memory.ts';
import { fetchBody, freePort } from '../server.ts';
import { createLimitedGroup, type LimitedGroup, leaveCpu } from './limits.ts';
import { readScrapes } from './scrapes.ts';
import { METRICS, serveTargets } from './targets.ts';

const SCRAPE_SECONDS = 30;
const QUERY_SECONDS = 10;
const QUERIES = 20;
const RANGE_SECONDS = 3600;
const TARGETS = 20;
const FAILURES_SHOWN = 5;
const TOLD_SECONDS = 900;
const MEBIBYTE = 1 << 20;

const { values: options } = parseArgs({
  options: {
    hours: { type: 'string', default: '3.25' },
    speed: { type: 'string', default: '12' },
    series: { type: 'string', default: '100000' },
    'memory-mib': { type: 'string', default: '2048' },
    cpu: { type: 'string', default: '0' },
  },
});
const [speed, hours, seriesCount, memoryMib, cpu] = [
  options.speed,
  options.hours,
  options.series,
  options['memory-mib'],
  options.cpu,
].map(Number) as [number, number, number, number, number];
const seconds = hours * 3600;
leaveCpu(cpu, availableParallelism());
const startMs = Date.now();

/** Seconds on the server's clock since the start, and its Unix time now. */
const passed = (): number => ((Date.now() - startMs) / 1000) * speed;
const serverNow = (): number => startMs / 1000 + passed();

const directory = mkdtempSync(join(tmpdir(), 'endurance-'));
const tallies = {
  readySeconds: 0,
  failed: 0,
  open: 0,
  mostOpen: 0,
  peakPss: 0,
  peakAnonymous: 0,
};
/** Of each answered query, in milliseconds of the machine's clock. */
const tookMs: number[] = [];
const group = createLimitedGroup(memoryMib * MEBIBYTE, cpu);
try {
  process.exitCode = await endure();
} finally {
  group.remove();
  rmSync(directory, { recursive: true, force: true });
}

async function endure(): Promise<number> {
  await using targets = await serveTargets(TARGETS, seriesCount / TARGETS);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = start(port, targets.addresses);
  const pid = child.pid ?? 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      child.kill('SIGKILL'); // nobody else would end it
      process.exit(1);
    });
  }
  try {
    await ready(url, child);
    tallies.readySeconds = passed();
    console.error(`endurance: ${group.prove(pid)}`);
    const asked = await drive(url, child);
    await Promise.all(asked);
    return await report({ url, pid, group });
  } finally {
    child.kill('SIGTERM');
    await Promise.race([new Promise((resolve) => child.once('exit', resolve)), delay(20_000)]);
  }
}

/** Inside the limits, with the fast clock in all its threads. */
function start(port: number, addresses: readonly string[]): ChildProcess {
  const config = join(directory, 'prometheus.yml');
  const targets = addresses.map((address) => `'${address}'`).join(', ');
  const job = `- job_name: endurance\n    static_configs: [{ targets: [${targets}] }]`;
  const interval = `scrape_interval: ${SCRAPE_SECONDS}s`;
  writeFileSync(config, `global: { ${interval} }\nscrape_configs:\n  ${job}\n`);
  const clock = new URL('./fast-clock.ts', import.meta.url).pathname;
  const main = new URL('../../src/cmd/main.ts', import.meta.url).pathname;
  const [program, ...words] = group.wrap([
    process.execPath,
    main,
    'prometheus',
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  return spawn(program, words, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=${clock}`,
      ENDURANCE_SPEED: options.speed,
      ENDURANCE_START_MS: String(startMs),
    },
  });
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    await delay(100);
  }
}

/** Asks the queries in rounds until the time is over. A round is asked though the last one is not answered yet. */
async function drive(url: string, child: ChildProcess): Promise<readonly Promise<void>[]> {
  const asked: Promise<void>[] = [];
  let told = 0;
  for (let round = 1; passed() < seconds; round++) {
    const waitSeconds = round * QUERY_SECONDS - passed();
    if (waitSeconds > 0) await delay((waitSeconds * 1000) / speed);
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(
        `the server died after ${Math.round(passed())} s: ${group.kills()} killed for memory`,
      );
    }
    for (let i = 0; i < QUERIES; i++) asked.push(ask(url, queryText(round * QUERIES + i)));
    watchMemory(child.pid ?? 0);
    if (passed() < told) continue;
    told += TOLD_SECONDS;
    const [peak, pss] = [group.peakBytes(), tallies.peakPss].map(mebibytes);
    const memory = `peak ${peak} MiB, Pss ${pss} MiB`;
    const queries = `${tookMs.length} queries, ${tallies.failed} failed, ${tallies.open} open`;
    console.error(`endurance: ${Math.round(passed())} s, ${memory}, ${queries}`);
  }
  return asked;
}

function watchMemory(pid: number): void {
  tallies.peakPss = Math.max(tallies.peakPss, pssBytes(pid));
  tallies.peakAnonymous = Math.max(tallies.peakAnonymous, group.anonymousBytes());
}

function queryText(number: number): string {
  const metric = `endurance_requests_${number % METRICS}_total`;
  switch (number % 4) {
    case 0:
      return `sum by (job) (rate(${metric}[5m]))`;
    case 1:
      return `topk(5, sum by (path) (rate(${metric}[5m])))`;
    case 2:
      return `max by (pod) (max_over_time(${metric}[10m]))`;
    default:
      return `sum by (instance) (increase(${metric}[2m]))`;
  }
}

async function ask(url: string, query: string): Promise<void> {
  const end = serverNow();
  const span = `start=${end - RANGE_SECONDS}&end=${end}&step=${SCRAPE_SECONDS}`;
  const askedMs = performance.now();
  tallies.mostOpen = Math.max(tallies.mostOpen, ++tallies.open);
  try {
    await fetchBody(`${url}/api/v1/query_range?query=${encodeURIComponent(query)}&${span}`);
  } catch (error) {
    tallies.failed++;
    if (tallies.failed <= FAILURES_SHOWN)
      console.error(`endurance: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    tallies.open--;
  }
  tookMs.push(performance.now() - askedMs);
}

/** The exit status. */
async function report({
  url,
  pid,
  group: limits,
}: {
  readonly url: string;
  readonly pid: number;
  readonly group: LimitedGroup;
}): Promise<number> {
  const cpuSeconds = processCpuMs(pid) / 1000;
  const wallSeconds = passed() / speed;
  const scrapes = await readScrapes(url, {
    hours: Math.ceil(hours) + 1,
    intervalSeconds: SCRAPE_SECONDS,
    fromSeconds: startMs / 1000 + tallies.readySeconds,
    untilSeconds: startMs / 1000 + seconds,
  });
  const counters = countersOf((await fetchBody(`${url}/metrics`)).toString());
  const counter = (name: string): number => counters.get(`prometheus_tsdb_${name}_total`) ?? 0;
  const [compactions, failures] = [counter('compactions'), counter('compactions_failed')];
  const truncations = counter('head_truncations');
  tookMs.sort((a, b) => a - b);
  const quantile = (of: number): string =>
    (tookMs[Math.min(tookMs.length - 1, Math.floor(of * tookMs.length))] ?? NaN).toFixed(0);
  const { failed, mostOpen, peakPss, peakAnonymous } = tallies;
  const peaks = [limits.peakBytes(), peakAnonymous, peakPss].map(mebibytes);
  const lines = [
    `${seriesCount} series, ${TARGETS} targets, ${options.hours} h at ${speed} times the speed`,
    `limits: ${limits.prove(pid)}`,
    `scrapes: ${scrapes.taken}, ${scrapes.missed} missed, ${scrapes.failed} failed, ${scrapes.partial} with fewer than ${seriesCount / TARGETS} samples; longest ${scrapes.longestSeconds.toFixed(2)} s of the server's clock`,
    `queries: ${tookMs.length}, ${failed} failed; ms: median ${quantile(0.5)}, 99 % ${quantile(0.99)}, slowest ${quantile(1)}; at most ${mostOpen} open`,
    `compactions: ${compactions}, ${failures} failed; ${truncations} truncations of the head`,
    `CPU: ${cpuSeconds.toFixed(0)} s in ${wallSeconds.toFixed(0)} s (${((100 * cpuSeconds) / wallSeconds).toFixed(0)} %); at the clock's pace ${((100 * cpuSeconds) / seconds).toFixed(1)} % of one CPU`,
    `memory: peak of the group ${peaks[0]} MiB with files, ${peaks[1]} MiB without, Pss ${peaks[2]} MiB; limit ${memoryMib} MiB, ${limits.kills()} killed`,
  ];
  console.log(lines.join('\n'));
  const isWell = [
    scrapes.missed,
    scrapes.failed,
    scrapes.partial,
    failed,
    failures,
    limits.kills(),
  ];
  const isCompacted = compactions > 0 && truncations > 0;
  const areAllThere = scrapes.targets === TARGETS && scrapes.samplesMin >= seriesCount / TARGETS;
  return isWell.every((count) => count === 0) && isCompacted && areAllThere ? 0 : 1;
}

/** Figures without labels of a page of metrics. */
function countersOf(page: string): ReadonlyMap<string, number> {
  return new Map(
    [...page.matchAll(/^([a-z_]+) (\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]),
  );
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / MEBIBYTE);
}

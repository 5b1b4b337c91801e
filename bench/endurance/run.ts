/**
 * A server under the limits of a small container for hours that pass in minutes: 100,000 series every 30 s, twenty
 * dashboard queries every 10 s, one CPU, 2 GiB. Prints what it took; ends with status 1 when a scrape was missed, a query
 * failed, or the server died.
 *
 *     npm run endurance -- [--hours 3.25] [--speed 12] [--series 100000] [--memory-mib 2048]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { processCpuMs } from '../cpu-time.ts';
import { pssBytes } from '../memory.ts';
import { fetchBody, freePort, queryValues } from '../server.ts';
import { createMemoryGroup } from './limits.ts';
import { METRICS, serveTargets } from './targets.ts';

const SCRAPE_SECONDS = 30;
const QUERY_SECONDS = 10;
const QUERIES = 20;
const RANGE_SECONDS = 3600;
const TARGETS = 20;
const FAILURES_SHOWN = 5;

const { values: options } = parseArgs({
  options: {
    hours: { type: 'string', default: '3.25' },
    speed: { type: 'string', default: '12' },
    series: { type: 'string', default: '100000' },
    'memory-mib': { type: 'string', default: '2048' },
  },
});
const speed = Number(options.speed);
const seconds = Number(options.hours) * 3600;
const startMs = Date.now();

/** Seconds on the server's clock since the start, and its Unix time now. */
const passed = (): number => ((Date.now() - startMs) / 1000) * speed;
const serverNow = (): number => startMs / 1000 + passed();

const directory = mkdtempSync(join(tmpdir(), 'endurance-'));
const group = createMemoryGroup(Number(options['memory-mib']) * 1_048_576);
const tallies = { readySeconds: 0, queries: 0, failed: 0, slowestMs: 0, totalMs: 0, peakPss: 0 };
process.exitCode = await endure();
group.remove();
rmSync(directory, { recursive: true, force: true });

async function endure(): Promise<number> {
  await using targets = await serveTargets(TARGETS, Number(options.series) / TARGETS);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = start(port, targets.addresses);
  const pid = child.pid ?? 0;
  group.add(pid);
  try {
    await ready(url, child);
    tallies.readySeconds = passed();
    const asked = await drive(url, child);
    await Promise.all(asked);
    return await report(url, pid);
  } finally {
    child.kill('SIGTERM');
    await Promise.race([new Promise((resolve) => child.once('exit', resolve)), delay(20_000)]);
  }
}

/** On one CPU, with the fast clock in all its threads. */
function start(port: number, addresses: readonly string[]): ChildProcess {
  const config = join(directory, 'prometheus.yml');
  const targets = addresses.map((address) => `'${address}'`).join(', ');
  const job = `- job_name: endurance\n    static_configs: [{ targets: [${targets}] }]`;
  const interval = `scrape_interval: ${SCRAPE_SECONDS}s`;
  writeFileSync(config, `global: { ${interval} }\nscrape_configs:\n  ${job}\n`);
  const clock = new URL('./fast-clock.ts', import.meta.url).pathname;
  const main = new URL('../../src/cmd/main.ts', import.meta.url).pathname;
  const command = [
    process.execPath,
    main,
    'prometheus',
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  return spawn('taskset', ['-c', '0', ...command], {
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
      throw new Error(`the server died after ${Math.round(passed())} s`);
    }
    for (let i = 0; i < QUERIES; i++) asked.push(ask(url, queryText(round * QUERIES + i)));
    tallies.peakPss = Math.max(tallies.peakPss, pssBytes(child.pid ?? 0));
    if (passed() < told) continue;
    told += 900;
    const mib = Math.round(tallies.peakPss / 1048576);
    console.error(
      `endurance: ${Math.round(passed())} s, peak Pss ${mib} MiB, ${tallies.failed} failed`,
    );
  }
  return asked;
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
  tallies.queries++;
  try {
    await fetchBody(`${url}/api/v1/query_range?query=${encodeURIComponent(query)}&${span}`);
  } catch (error) {
    tallies.failed++;
    if (tallies.failed <= FAILURES_SHOWN)
      console.error(`endurance: ${error instanceof Error ? error.message : String(error)}`);
  }
  const tookMs = performance.now() - askedMs;
  tallies.totalMs += tookMs;
  tallies.slowestMs = Math.max(tallies.slowestMs, tookMs);
}

/** The exit status. */
async function report(url: string, pid: number): Promise<number> {
  const hours = Math.ceil(Number(options.hours)) + 1;
  const counts = await queryValues(url, `count_over_time(up{job="endurance"}[${hours}h])`);
  const ups = await queryValues(url, `sum_over_time(up{job="endurance"}[${hours}h])`);
  const scrapedSeconds = seconds - tallies.readySeconds;
  const expected = Math.floor(scrapedSeconds / SCRAPE_SECONDS) - 1;
  const missed = counts.reduce((sum, count) => sum + Math.max(0, expected - count), 0);
  const down = counts.reduce((sum, count, i) => sum + count - (ups[i] ?? 0), 0);
  const blocks = readdirSync(join(directory, 'data')).filter((name) => /^[0-9A-Z]{26}$/.test(name));
  const { queries, failed, slowestMs, totalMs, peakPss } = tallies;
  const lines = [
    `${options.series} series, ${TARGETS} targets, ${options.hours} h at ${speed} times the speed`,
    `scrapes: at least ${Math.min(...counts)} of each target, ${missed} missed, ${down} failed`,
    `queries: ${queries}, ${failed} failed, mean ${(totalMs / queries).toFixed(1)} ms, longest ${slowestMs.toFixed(0)} ms`,
    `blocks written: ${blocks.length}`,
    `CPU: ${(processCpuMs(pid) / 1000).toFixed(0)} s of ${seconds} s`,
    `memory: peak Pss ${(peakPss / 1048576).toFixed(0)} MiB; limit ${options['memory-mib']} MiB (${group.kind}), ${group.kills()} killed`,
  ];
  console.log(lines.join('\n'));
  const isWell =
    missed === 0 && down === 0 && failed === 0 && blocks.length > 0 && group.kills() === 0;
  return isWell && counts.length === TARGETS ? 0 : 1;
}

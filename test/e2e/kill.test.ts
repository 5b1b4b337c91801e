import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, LocalSystem, type Series } from './local-system.ts';

/** Scraped by both replicas, killed by nobody. */
const QUERY = 'up{job="tsanos-entry"}';
const SCRAPE_SECONDS = 5;
const STEP_SECONDS = 15;

interface Span {
  /** Seconds since the epoch. */
  readonly start: number;
  readonly end: number;
}

/** What is wrong with the series that the entry gives for a span of time. */
async function faults(
  system: LocalSystem,
  { start, end }: Span,
  dedup: 'true' | 'false',
): Promise<readonly string[]> {
  const stepped = await system.ask('query_range', {
    query: QUERY,
    start: String(start),
    end: String(end),
    step: String(STEP_SECONDS),
    lookback_delta: `${STEP_SECONDS}s`,
    dedup,
  });
  const query = `${QUERY}[${end - start}s]`;
  const raw = await system.ask('query', { query, time: String(end), dedup });
  return [
    ...(stepped.length === 1 ? [] : [`${stepped.length} series instead of one`]),
    ...stepped.flatMap((series) => stepFaults(series, { start, end })),
    ...raw.flatMap(rawFaults),
  ];
}

function stepFaults({ values = [] }: Series, { start, end }: Span): readonly string[] {
  const present = new Set(values.map(([time]) => time));
  const missing: string[] = [];
  for (let time = start; time <= end; time += STEP_SECONDS) {
    if (!present.has(time)) missing.push(`no value at ${time}`);
  }
  return missing;
}

function rawFaults({ metric, values = [] }: Series): readonly string[] {
  return values.slice(1).flatMap(([time], i) => {
    const gap = time - values[i][0];
    // A scrape is written down with the time it began at, up to some milliseconds off the interval.
    const isRight = gap > 0 && gap <= 3 * SCRAPE_SECONDS + 0.1;
    return isRight ? [] : [`${gap} s between neighbours of replica ${metric.replica ?? 'any'}`];
  });
}

/** Kills whatever runs as the component, once at least, for so long. */
async function keepKilling(system: LocalSystem, name: string, seconds: number): Promise<void> {
  const endMs = Date.now() + seconds * 1000;
  let killed = 0;
  while (killed === 0 || Date.now() < endMs) {
    const pid = system.pidOf(name);
    if (pid !== undefined && isAlive(pid)) {
      process.kill(pid, 'SIGKILL');
      killed++;
    }
    await sleep(20);
  }
}

/** An instant query each second until the signal is aborted; returns how many were answered. */
async function keepAsking(system: LocalSystem, signal: AbortSignal): Promise<number> {
  let asked = 0;
  for (; !signal.aborted; asked++) {
    const [result] = await Promise.all([system.ask('query', { query: QUERY }), sleep(1000)]);
    assert.equal(result.length, 1, `one series at question ${asked}`);
  }
  return asked;
}

/** What a Prometheus says that it has, asked of itself: series and time → value. */
async function samplesOf(system: LocalSystem, name: string): Promise<ReadonlyMap<string, string>> {
  const selector = '{__name__=~"up|process_start_time_seconds|scrape_samples_scraped"}';
  const result = await system.ask('query', { query: `${selector}[10m]` }, name);
  return new Map(
    result.flatMap(({ metric, values = [] }) =>
      values.map(([time, value]) => [`${JSON.stringify(metric)} at ${time}`, value]),
    ),
  );
}

/** What it had before it was killed, and does not have any more or has changed. */
async function lost(
  system: LocalSystem,
  name: string,
  before: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  assert.ok(before.size > 0, `${name} has samples before it is killed`);
  const after = await samplesOf(system, name);
  return [...before].flatMap(([what, value]) =>
    after.get(what) === value ? [] : [`${name}: ${value} of ${what}, now ${after.get(what)}`],
  );
}

interface Victims {
  /** Prometheus servers, killed for ten seconds each. */
  readonly servers: readonly string[];
  readonly others: readonly string[];
}

/** Kills everybody who is named, one after the other; returns what a Prometheus has lost by it. */
async function killAll(
  system: LocalSystem,
  { servers, others }: Victims,
): Promise<readonly string[]> {
  const scrapes = (count: number) => sleep(count * SCRAPE_SECONDS * 1000);
  const losses: string[] = [];
  await scrapes(2); // every gap has a sample before it
  // Killed for ten seconds, a Prometheus comes back after sixteen: a gap that only its twin can fill.
  for (const name of servers) {
    const before = await samplesOf(system, name);
    await keepKilling(system, name, 10);
    while (!(await system.isReady(name))) await sleep(100);
    losses.push(...(await lost(system, name, before)));
    await scrapes(2);
  }
  for (const name of others) {
    await keepKilling(system, name, 1);
    while (!(await system.isReady(name))) await sleep(100);
    await scrapes(1);
  }
  await scrapes(2); // the last gap has steps behind it
  return losses;
}

async function survives(flags: readonly string[], victims: Victims): Promise<void> {
  await using system = new LocalSystem({ flags });
  system.start();
  await system.ready();
  const query = `count_over_time(${QUERY}[1m])`;
  await system.until({ query }, ([one]) => Number(one?.value?.[1] ?? 0) >= 2);
  const start = Math.ceil(Date.now() / 1000);
  const over = new AbortController();
  const [asked, losses] = await Promise.all([
    keepAsking(system, over.signal),
    killAll(system, victims).finally(() => over.abort()),
  ]);
  assert.ok(asked > 30);
  assert.deepEqual(losses, []);
  const steps = Math.floor((Date.now() / 1000 - start) / STEP_SECONDS);
  const span = { start, end: start + steps * STEP_SECONDS };
  assert.deepEqual(await faults(system, span, 'true'), []);
  const without = (await faults(system, span, 'false')).join('\n');
  assert.match(without, /2 series instead of one/);
  for (const name of victims.servers) {
    const replica = name.slice(-1).toUpperCase();
    assert.match(without, new RegExp(`s between neighbours of replica ${replica}`));
  }
}

test('killing any Prometheus, sidecar or querier costs no query and no sample', async () => {
  await survives([], {
    servers: ['prometheus-a', 'prometheus-b'],
    others: ['sidecar-a', 'sidecar-b', 'query-a', 'query-b'],
  });
});

test('killing a real Prometheus costs no query and no sample', async () => {
  await survives(['--prometheus.binary=prometheus'], {
    servers: ['prometheus-b'],
    others: [],
  });
});

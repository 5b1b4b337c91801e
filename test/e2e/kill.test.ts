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

async function killEverybody(system: LocalSystem): Promise<void> {
  const scrapes = (count: number) => sleep(count * SCRAPE_SECONDS * 1000);
  await scrapes(2); // every gap has a sample before it
  // Killed for ten seconds, a Prometheus comes back after sixteen: a gap that only its twin can fill.
  for (const name of ['prometheus-a', 'prometheus-b']) {
    await keepKilling(system, name, 10);
    while (!(await system.isReady(name))) await sleep(100);
    await scrapes(2);
  }
  for (const name of ['sidecar-a', 'sidecar-b', 'query-a', 'query-b']) {
    await keepKilling(system, name, 1);
    while (!(await system.isReady(name))) await sleep(100);
    await scrapes(1);
  }
}

test('killing any Prometheus, sidecar or querier costs no query and no sample', async () => {
  await using system = new LocalSystem();
  system.start();
  await system.ready();
  const query = `count_over_time(${QUERY}[1m])`;
  await system.until({ query }, ([one]) => Number(one?.value?.[1] ?? 0) >= 2);
  const start = Math.ceil(Date.now() / 1000);
  const over = new AbortController();
  const [asked] = await Promise.all([
    keepAsking(system, over.signal),
    killEverybody(system).finally(() => over.abort()),
  ]);
  assert.ok(asked > 60);
  const steps = Math.floor((Date.now() / 1000 - start) / STEP_SECONDS);
  const span = { start, end: start + steps * STEP_SECONDS };
  assert.deepEqual(await faults(system, span, 'true'), []);
  const without = (await faults(system, span, 'false')).join('\n');
  assert.match(without, /2 series instead of one/);
  assert.match(without, /s between neighbours of replica A/);
  assert.match(without, /s between neighbours of replica B/);
});

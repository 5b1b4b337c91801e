/**
 * The promise of the pair: any process dies and the answers go on. The whole system runs with real Prometheus servers;
 * each replica, sidecar and querier is killed in turn while somebody looks.
 */
import { strict as assert } from 'node:assert';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Program, startUp, temporaryFolder } from './real-programs.ts';

const SCRAPE_SECONDS = 5;
const STEP_SECONDS = 15;
const VICTIMS = ['prometheus-a', 'sidecar-a', 'query-a', 'prometheus-b', 'sidecar-b', 'query-b'];
/** Each victim has time to come back before the next one dies. */
const PAUSE_MS = 8000;

const folder = temporaryFolder();
let system: Program & { readonly offset: number };

before(async () => {
  system = await startUp(['--data-dir', folder.path]);
});

after(async () => {
  await system[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly value?: [number, string];
      readonly values?: readonly [number, string][];
    }[];
  };
}

async function ask(path: string, parameters: Record<string, string>): Promise<Answer> {
  const url = `${system.url}/api/v1/${path}?${new URLSearchParams(parameters)}`;
  const answer = await fetch(url);
  const text = await answer.text();
  assert.equal(answer.status, 200, `${path} answers ${answer.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

/** Process ids as the supervisor's newest table shows them. */
function pidOf(component: string): number {
  const rows = [...system.output().matchAll(/^\S\s+(\S+)\s.*?\s(\d+)\s+ready/gm)];
  const row = rows.findLast(([, name]) => name === component);
  assert.ok(row !== undefined, `no row of ${component} in\n${system.output()}`);
  return Number(row[2]);
}

/** Every query must be answered; gives what went wrong. */
async function watch(signal: AbortSignal): Promise<{ asked: number; failures: string[] }> {
  const failures: string[] = [];
  let asked = 0;
  while (!signal.aborted) {
    asked++;
    try {
      const { data } = await ask('query', { query: 'sum(up{job="prometheus"} >= 0)' });
      if (data.result.length !== 1) failures.push(`query ${asked}: ${data.result.length} results`);
    } catch (error) {
      failures.push(`query ${asked}: ${error instanceof Error ? error.message : String(error)}`);
    }
    await sleep(1000, undefined, { signal }).catch(() => undefined);
  }
  return { asked, failures };
}

/** One series of a target that both replicas scrape: no time twice, no gap that two replicas cannot explain. */
function checkRaw({ data }: Answer): void {
  const times = data.result.flatMap(({ values = [] }) => values.map(([time]) => time));
  assert.ok(times.length > 10, `${times.length} samples`);
  for (let i = 1; i < times.length; i++) {
    const gap = (times[i] as number) - (times[i - 1] as number);
    assert.ok(gap > 0, `sample ${i} does not come after the one before: ${gap} s`);
    assert.ok(gap <= 3 * SCRAPE_SECONDS, `${gap} s without a sample before sample ${i}`);
  }
}

test('killing any process costs no query and no sample', async () => {
  await sleep(3 * PAUSE_MS); // some history before the first kill
  const startSeconds = Math.floor(Date.now() / 1000);
  const watching = new AbortController();
  const watched = watch(watching.signal);
  for (const victim of VICTIMS) {
    const pid = pidOf(victim);
    process.kill(pid, 'SIGKILL');
    await sleep(PAUSE_MS);
    assert.notEqual(pidOf(victim), pid, `${victim} came back`);
  }
  watching.abort();
  const { asked, failures } = await watched;
  assert.ok(asked >= (VICTIMS.length * PAUSE_MS) / 1000 - 10, `${asked} queries were asked`);
  assert.deepEqual(failures, []);

  const endSeconds = Math.floor(Date.now() / 1000);
  const target = `up{job="prometheus",instance="127.0.0.1:${19_090 + system.offset}"}`;
  const stepped = await ask('query_range', {
    query: target,
    start: String(startSeconds),
    end: String(endSeconds),
    step: String(STEP_SECONDS),
    lookback_delta: `${3 * SCRAPE_SECONDS + 1}s`,
  });
  const steps = Math.floor((endSeconds - startSeconds) / STEP_SECONDS) + 1;
  assert.equal(stepped.data.result.length, 1);
  assert.equal(stepped.data.result[0]?.values?.length, steps, 'a value at every step');

  const raw = { query: `${target}[${endSeconds - startSeconds}s]`, time: String(endSeconds) };
  checkRaw(await ask('query', raw));
  // The check must see the difference, or it proves nothing.
  const undeduplicated = await ask('query', { ...raw, dedup: 'false' });
  assert.equal(undeduplicated.data.result.length, 2);
  assert.throws(() => checkRaw(undeduplicated));
});

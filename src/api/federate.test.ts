import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { KernelPool } from '../base/kernel-pool.ts';
import { testKernel } from '../base/testing/kernel.ts';
import { labelsOf } from '../model/labels.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import { createMetricRegistry } from '../telemetry/metrics.ts';
import { federateRoute } from './federate.ts';
import { requestOf } from './testing/request.ts';

const NOW_MS = 1_700_000_000_000;
const clock: Clock = {
  nowMs: () => NOW_MS,
  monotonicMs: () => 0,
  after: () => () => undefined,
  sleep: async () => undefined,
};

async function federate(store: MemoryStore, query: string, accept = ''): Promise<string> {
  const route = federateRoute({
    open: () => store,
    kernels: new KernelPool(() => testKernel()),
    clock,
    externalLabels: () => labelsOf({ cluster: 'one', replica: 'A' }),
    lookbackMs: 300_000,
    metrics: createMetricRegistry(),
  });
  const answer = await route.handle(requestOf(`/federate?${query}`, { accept }));
  return `${answer.headers?.['content-type']}\n${answer.body}`;
}

function store(): MemoryStore {
  const made = new MemoryStore();
  const add = (labels: Record<string, string>, ageMs: number, value: number | 'stale'): void =>
    made.append(labelsOf(labels), { time: NOW_MS - ageMs, value });
  add({ __name__: 'up', job: 'b', replica: 'own' }, 2000, 0);
  add({ __name__: 'up', job: 'a', instance: 'x' }, 9000, 0);
  add({ __name__: 'up', job: 'a', instance: 'x' }, 1000, 1e6);
  add({ __name__: 'up', job: 'gone' }, 9000, 1);
  add({ __name__: 'up', job: 'gone' }, 1000, 'stale');
  add({ __name__: 'up', job: 'old' }, 300_001, 1);
  add({ __name__: 'my.heat', 'a b': 'q"\\\n' }, 10, Number.NaN);
  return made;
}

// What Prometheus 3.14 answers on such series.
test('the newest sample of each series, with the external labels it lacks', async () => {
  assert.equal(
    await federate(store(), 'match[]=up&match[]={job="a"}'),
    `text/plain; version=0.0.4; charset=utf-8; escaping=underscores
# TYPE up untyped
up{instance="x",job="a",cluster="one",replica="A"} 1e+06 1699999999000
up{job="b",replica="own",cluster="one",instance=""} 0 1699999998000
`,
  );
});

test('names of the new character set are quoted where they may be, else made plain', async () => {
  const query = 'match[]={"my.heat"}';
  assert.match(
    await federate(store(), query),
    /\n# TYPE my_heat untyped\nmy_heat\{a_b="q\\"\\\\\\n",cluster="one",instance="",replica="A"\} NaN 1699999999990\n$/,
  );
  assert.match(
    await federate(store(), query, 'text/plain;version=1.0.0;escaping=allow-utf-8'),
    /escaping=allow-utf-8\n# TYPE "my.heat" untyped\n\{"my.heat","a b"="q\\"\\\\\\n",cluster="one",/,
  );
});

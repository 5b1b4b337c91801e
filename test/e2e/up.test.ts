import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { gone, LocalSystem, pssBytes, type Series } from './local-system.ts';

const COMPONENTS = 7;

test('the whole system answers deduplicated, ends with its supervisor, starts anew', async () => {
  await using system = new LocalSystem();
  system.start();
  await system.ready();
  assert.match(system.output, /component +HTTP +gRPC +pid +state/);
  const everybodyIsUp = { query: 'count(up == 1)' };
  const isEverybody = ([only]: readonly Series[]) => only?.value?.[1] === String(COMPONENTS);
  await system.until(everybodyIsUp, isEverybody);
  const prometheus = { query: 'up{job="prometheus"}', dedup: 'false' };
  await system.until(prometheus, (series) => {
    const replicas = new Set(series.map(({ metric }) => metric.replica));
    return series.length === 4 && replicas.size === 2;
  });

  const pids = system.pids();
  assert.equal(pids.size, COMPONENTS);
  const memory = [system.pid, ...pids.values()].map(pssBytes).reduce((sum, bytes) => sum + bytes);
  assert.ok(memory <= 900 << 20, `${Math.round(memory / (1 << 20))} MiB, at most 900`);

  await system.stop('SIGKILL');
  await gone(...pids.values());
  system.start();
  await system.until(everybodyIsUp, isEverybody);

  await using second = new LocalSystem({ portOffset: system.portOffset });
  second.start();
  await assert.rejects(second.ready(), /cannot listen on 127\.0\.0\.1:\d+ for .*the port is taken/);
});

import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gone, LocalSystem, pssBytes, type Series } from './local-system.ts';
import { freePort, startProgram, temporaryFolder } from './real-programs.ts';

const COMPONENTS = 7;

test('the whole system answers deduplicated, ends with its supervisor, starts anew', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const exporter = ['--web.listen-address', address, '--collector.disable-defaults'];
  const flags = [...exporter, '--collector.uname'];
  await using _ = startProgram('prometheus-node-exporter', flags, `http://${address}`);
  using folder = temporaryFolder();
  const configPath = join(folder.path, 'prometheus.yml');
  writeFileSync(configPath, userConfig(address));
  await using system = new LocalSystem({ flags: [`--prometheus.config=${configPath}`] });
  system.start();
  await system.ready();
  assert.match(system.output, /component +HTTP +gRPC +pid +state/);
  const everybodyIsUp = { query: 'count(up == 1)' };
  const isEverybody = ([only]: readonly Series[]) => only?.value?.[1] === String(COMPONENTS + 2);
  await system.until(everybodyIsUp, isEverybody);
  const prometheus = { query: 'up{job="prometheus"}', dedup: 'false' };
  await system.until(prometheus, (series) => {
    const replicas = new Set(series.map(({ metric }) => metric.replica));
    return series.length === 4 && replicas.size === 2;
  });

  const node = await system.ask('query', { query: 'node_uname_info{job=~"node|user-.*"}' });
  assert.deepEqual(
    node.map(({ metric: { job, team, replica } }) => [job, team, replica]),
    [
      ['node', 'mine', undefined],
      ['user-prometheus', 'mine', undefined],
    ],
  );
  assert.match(system.output, /job=prometheus as=user-prometheus/);

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

/** Somebody's own file, with a job that has the name of one of ours. */
function userConfig(target: string): string {
  const targets = [target];
  return JSON.stringify({
    global: { scrape_interval: '1s', external_labels: { team: 'mine' } },
    scrape_configs: ['node', 'prometheus'].map((name) => ({
      job_name: name,
      static_configs: [{ targets }],
    })),
  });
}

/** A sidecar beside a real Prometheus, with a directory as its bucket. */
import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createBlocks,
  freePort,
  type Program,
  ready,
  startCommand,
  startPrometheus,
  temporaryFolder,
} from './real-programs.ts';
import { printSeries } from './series-text.ts';

const CONFIG = 'global: { external_labels: { cluster: demo, replica: A } }\n';
const SAMPLES = 1500;

const folder = temporaryFolder();
const bucketPath = join(folder.path, 'bucket');
let dataPath: string;
let prometheus: Program;
let sidecar: Program;

before(async () => {
  const series = { name: 'up', type: 'gauge', labels: 'job="x"', value: Math.sin } as const;
  dataPath = createBlocks(folder.path, printSeries([series], SAMPLES));
  prometheus = await startPrometheus({
    dataPath,
    config: CONFIG,
    flags: ['--storage.tsdb.min-block-duration=2h', '--storage.tsdb.max-block-duration=2h'],
  });
  sidecar = await startCommand('sidecar', [
    `--grpc-address=127.0.0.1:${await freePort()}`,
    `--prometheus.url=${prometheus.url}`,
    `--tsdb.path=${dataPath}`,
    `--objstore.config={type: FILESYSTEM, config: {directory: ${bucketPath}}}`,
  ]);
  await ready(sidecar);
});

after(async () => {
  await sidecar?.[Symbol.asyncDispose]();
  await prometheus?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(50);
}

test('blocks of Prometheus arrive whole, and the list beside them names all', async () => {
  const list = join(dataPath, 'thanos.shipper.json');
  await until(() => existsSync(list));
  const { uploaded } = JSON.parse(readFileSync(list, 'utf8'));
  const blocks = readdirSync(dataPath).filter((name) => /^01[0-9A-Z]{24}$/.test(name));
  assert.ok(blocks.length > 1);
  assert.deepEqual([...uploaded].sort(), blocks.sort());
  for (const ulid of blocks) {
    for (const path of ['index', 'chunks/000001']) {
      const original = readFileSync(join(dataPath, ulid, path));
      assert.ok(original.equals(readFileSync(join(bucketPath, ulid, path))), `${ulid}/${path}`);
    }
    const { thanos } = JSON.parse(readFileSync(join(bucketPath, ulid, 'meta.json'), 'utf8'));
    assert.deepEqual(thanos.labels, { cluster: 'demo', replica: 'A' });
    assert.equal(thanos.source, 'sidecar');
  }
  const metrics = await (await fetch(`${sidecar.url}/metrics`)).text();
  assert.match(metrics, new RegExp(`^thanos_shipper_uploads_total ${blocks.length}$`, 'm'));
});

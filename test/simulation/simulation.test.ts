import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { readKernelModule } from '../../src/world/kernel-module.ts';
import { historiesToCatch, runHistories } from './run-histories.ts';
import { SABOTEURS } from './saboteurs.ts';
import { Kernels } from './world.ts';

const kernels = await Kernels.make(readKernelModule());

test('simulated systems lose nothing, double nothing and make nothing up', async () => {
  const { failures, counts } = await runHistories({ firstSeed: 1, histories: 40 }, kernels);
  assert.deepEqual(failures, []);
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 0, `no ${what}`);
});

test('a history is the same whenever it runs', async () => {
  const batch = { firstSeed: 7, histories: 2 };
  assert.deepEqual(await runHistories(batch, kernels), await runHistories(batch, kernels));
});

for (const [name, sabotage] of Object.entries(SABOTEURS)) {
  test(`a system is found out in which ${name}`, async () => {
    const took = await historiesToCatch(sabotage, { firstSeed: 1, histories: 100 }, kernels);
    assert.ok(took !== undefined, 'it went unnoticed');
  });
}

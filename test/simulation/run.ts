/**
 * `npm run simulate -- --histories N --seed S`: whole systems in one process under one seed each, held against a plain
 * model; then systems that are broken on purpose, which must be noticed. Prints what it has seen; the last line counts.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { readKernelModule } from '../../src/world/kernel-module.ts';
import { type Batch, type BatchOutcome, historiesToCatch } from './run-histories.ts';
import { SABOTEURS } from './saboteurs.ts';
import { Kernels, noCounts } from './world.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});
const [histories, seed] = [values.histories, values.seed].map(Number);
if (!Number.isInteger(histories) || histories < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run simulate -- --histories N --seed S');
  process.exit(2);
}

/** Most histories that a saboteur may stay unseen. */
const UNSEEN_MAX = 200;
const SHOWN_MAX = 10;
const SHOWN_FAULTS = 5;

let done = 0;
const outcomes = await Promise.all(batches(histories, seed).map(runInThread));
if (process.stdout.isTTY) process.stdout.write('\r\u001b[K');
const counts = noCounts();
for (const outcome of outcomes) {
  for (const name of Object.keys(counts) as (keyof typeof counts)[]) {
    counts[name] += outcome.counts[name];
  }
}
console.log(`${histories} histories, seeds ${seed} to ${seed + histories - 1}`);
console.log(
  `${counts.scrapes} scrapes with ${counts.samples} samples acknowledged, ${counts.failedScrapes} not; ` +
    `${counts.deaths} deaths, ${counts.damages} damaged logs repaired, ${counts.deletions} deletions, ${counts.blocks} blocks; ` +
    `${counts.resets} targets restarted, ${counts.badPages} times slow or broken, ${counts.absences} absences; ` +
    `${counts.queries} questions, ${counts.partialAnswers} of them answered in part`,
);
const failures = outcomes.flatMap((outcome) => outcome.failures);
for (const { seed: failed, faults } of failures.slice(0, SHOWN_MAX)) {
  console.log(`✖ npm run simulate -- --histories 1 --seed ${failed}`);
  for (const fault of faults.slice(0, SHOWN_FAULTS)) console.log(`    ${fault}`);
}
let unseen = 0;
const kernels = await Kernels.make(readKernelModule());
for (const [name, sabotage] of Object.entries(SABOTEURS)) {
  const took = await historiesToCatch(
    sabotage,
    { firstSeed: seed, histories: UNSEEN_MAX },
    kernels,
  );
  if (took === undefined) unseen++;
  const verdict =
    took === undefined ? `✖ not noticed in ${UNSEEN_MAX} histories` : `noticed in history ${took}`;
  console.log(`saboteur: ${name}: ${verdict}`);
}
const failed = failures.length + unseen;
const saboteurs = Object.keys(SABOTEURS).length;
console.log(`${histories + saboteurs - failed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed > 0 ? 1 : 0;

function batches(total: number, firstSeed: number): readonly Batch[] {
  const threads = Math.min(availableParallelism(), total);
  const size = Math.ceil(total / threads);
  return Array.from({ length: threads }, (_, i) => ({
    firstSeed: firstSeed + i * size,
    histories: Math.max(0, Math.min(size, total - i * size)),
  }));
}

function runInThread(batch: Batch): Promise<BatchOutcome> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: batch });
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: 'done' | BatchOutcome) => {
      if (message !== 'done') return resolve(message);
      done++;
      if (process.stdout.isTTY && done % 20 === 0) {
        process.stdout.write(`\r${done} of ${histories} histories`);
      }
    });
  });
}

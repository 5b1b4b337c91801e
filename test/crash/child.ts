/**
 * One life of a storage, as `child.ts ORDER`: opens it, looks at every sample in it, then adds batches with an
 * acknowledgement each, while the storage makes blocks of them, until it is done or killed. Tells the parent in lines.
 */
import { must } from '../../src/base/assert.ts';
import { OperationError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { readKernelModule } from '../../src/world/kernel-module.ts';
import { FatalFiles, tell } from './fatal-files.ts';
import type { Order } from './order.ts';
import { Storage } from './storage.ts';
import { Filler } from './tmpfs.ts';
import { BATCH_SAMPLES, type Deletion } from './workload.ts';

/** What finds a full disk is tried so often. */
const ATTEMPTS_MAX = 200;
const ATTEMPTS_ON_A_FULL_DISK = 5;
const DELETIONS_A_BATCH = 1 / 40;
const DELETION_BATCHES = 300;

const order = JSON.parse(must(process.argv[2], 'an order')) as Order;
const random = seededRandom(order.seed + 1);
const fatal = new FatalFiles(seededRandom(order.seed), order.fate);
const { expected } = order;
const filler = order.fate.filler === undefined ? undefined : new Filler(order.fate.filler, random);
filler?.release();
const storage = new Storage({
  ...order,
  files: fatal.files,
  module: readKernelModule(),
  batch: expected.acknowledged,
  onTrouble: (text) => tell(`trouble ${text}`),
});
if (expected.unsure !== undefined) await remove(expected.unsure);
const finding = await storage.look(expected);
tell(`finding ${JSON.stringify(finding)}`);
for (let batch = finding.batches; batch < finding.batches + order.batches; batch++) {
  filler?.maybeFill();
  add(batch);
  tell(`acknowledged ${batch}`);
  storage.step();
  if (random.next() < DELETIONS_A_BATCH) await remove(someSamples(batch));
}
filler?.release();
await storage.close();
tell(`operations ${JSON.stringify(fatal.operations)}`);

function someSamples(batch: number): Deletion {
  const first = Math.max(0, batch - Math.floor(random.next() * DELETION_BATCHES));
  const last = Math.min(batch, first + Math.floor(random.next() * DELETION_BATCHES));
  return { number: Math.floor(random.next() * BATCH_SAMPLES), first, last };
}

async function remove(deletion: Deletion): Promise<void> {
  tell(`deleting ${JSON.stringify(deletion)}`);
  for (let attempt = 1; ; attempt++) {
    try {
      await storage.remove(deletion);
      tell('deleted 1');
      return;
    } catch (error) {
      giveUpUnlessFull(error, attempt);
    }
  }
}

function add(batch: number): void {
  for (let attempt = 1; ; attempt++) {
    try {
      storage.add(batch);
      return;
    } catch (error) {
      giveUpUnlessFull(error, attempt);
    }
  }
}

function giveUpUnlessFull(error: unknown, attempt: number): void {
  const { full } = order.fate;
  const canBeFull = full !== undefined || filler !== undefined;
  const isFull = canBeFull && error instanceof OperationError && error.kind === 'unavailable';
  if (!isFull || attempt === ATTEMPTS_MAX) throw error;
  if (attempt === ATTEMPTS_ON_A_FULL_DISK) filler?.release();
}

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

/** A batch that finds a full disk is tried so often. */
const ATTEMPTS_MAX = 200;

const order = JSON.parse(must(process.argv[2], 'an order')) as Order;
const fatal = new FatalFiles(seededRandom(order.seed), order.fate);
const storage = new Storage({
  ...order,
  files: fatal.files,
  module: readKernelModule(),
  batch: order.acknowledged,
  onTrouble: (text) => tell(`trouble ${text}`),
});
const finding = await storage.look(order.acknowledged);
tell(`finding ${JSON.stringify(finding)}`);
fatal.fillDisk();
for (let batch = finding.batches; batch < finding.batches + order.batches; batch++) {
  add(batch);
  tell(`acknowledged ${batch}`);
  storage.step();
}
await storage.close();
tell(`operations ${JSON.stringify(fatal.operations)}`);

function add(batch: number): void {
  for (let attempt = 1; ; attempt++) {
    try {
      storage.add(batch);
      return;
    } catch (error) {
      const isFull = order.fate.full !== undefined && error instanceof OperationError;
      if (!isFull || error.kind !== 'unavailable' || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

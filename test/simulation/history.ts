/**
 * One history: a pair of replicas, their sidecars and a querier live through some simulated minutes in which processes
 * die, disks fill and rot, links break, series are deleted and questions are asked. All of it follows from the seed; what
 * the system says is held against the model at every question and at the end, when it has become calm.
 */
import { errorText } from '../../src/base/errors.ts';
import { Chaos } from './chaos.ts';
import { askAggregate, askBoth, keepAsking } from './questions.ts';
import { type HistoryOptions, makeWorld } from './world.ts';

/** What was wrong, in sentences; nothing when all was well. */
export async function runHistory(options: HistoryOptions): Promise<readonly string[]> {
  try {
    return await live(options);
  } catch (error) {
    return [`unexpected: ${errorText(error)}`];
  }
}

async function live(options: HistoryOptions): Promise<readonly string[]> {
  const world = makeWorld(options);
  const { clock, replicas, intervalMs, endMs, counts } = world;
  const faults: string[] = [];
  const take = (work: Promise<readonly string[] | undefined>): void => {
    work.then(
      (found) => void faults.push(...(found ?? [])),
      (error: unknown) => void faults.push(`unexpected: ${errorText(error)}`),
    );
  };
  for (const replica of replicas) replica.start();
  const chaos = new Chaos(world);
  take(chaos.run().then(() => []));
  take(chaos.supervise().then(() => []));
  take(keepAsking(world, chaos));
  await clock.run(endMs + 5 * intervalMs); // until every link is mended
  for (const replica of replicas) {
    replica.files.capacityBytes = Number.POSITIVE_INFINITY;
    chaos.restart(replica);
  }
  await clock.run(endMs + 7 * intervalMs);
  take(askBoth(world, chaos));
  await clock.run(endMs + 8 * intervalMs);
  take(askAggregate(world));
  await clock.run(endMs + 8.5 * intervalMs);
  for (const replica of replicas) {
    if (replica.isAlive) counts.blocks += replica.store.blockCount;
    replica.checkTargets();
    faults.push(...replica.faults);
    replica.stop();
  }
  return faults;
}

/**
 * A storage in files in memory loses its power: what was not fsynced is there in parts, or not. Batches that were
 * acknowledged before the log was last fsynced must be there; nothing may be there twice or wrongly.
 */
import type { Random } from '../../src/base/random.ts';
import { FaultyFiles } from '../../src/base/testing/faulty-files.ts';
import { Storage } from './storage.ts';

const BATCHES = 300;
/** Changes of files that so many batches come to. */
const CHANGES = 700;

/** What is wrong afterwards; undefined when nothing is. */
export async function losePower(
  random: Random,
  module: WebAssembly.Module,
): Promise<string | undefined> {
  const files = new FaultyFiles(random);
  files.makeDirectory('/data');
  files.syncDirectory('/');
  const open = (batch: number): Storage =>
    new Storage({
      ...{ files, module, batch, directory: '/data', isPlain: false },
      seed: Math.floor(random.next() * 2 ** 31),
      onTrouble: () => undefined,
    });
  let acknowledged = 0;
  let durable = 0;
  files.onChange = (operation, path) => {
    if (operation === 'sync' && /\/wal\/\d{8}$/.test(path)) durable = acknowledged;
  };
  const storage = open(0);
  files.dieIn(1 + Math.floor(random.next() * CHANGES));
  try {
    for (; acknowledged < BATCHES; acknowledged++) {
      storage.add(acknowledged);
      storage.step();
    }
  } catch (error) {
    if (!/the process is dead/.test(String(error))) throw error;
  }
  const kept = durable;
  files.restart('loss of power');
  const expected = { acknowledged: kept, deleted: [], unsure: undefined };
  const finding = await open(acknowledged).look(expected);
  const { lost, doubled, wrong } = finding;
  const text = `${acknowledged} batches, ${kept} synced: ${JSON.stringify(finding)}`;
  return lost + doubled + wrong > 0 ? text : undefined;
}

/**
 * `npm run crash -- [--cycles N] [--seed S]`: kills a storage in every phase of its work, damages its files, fills its disk,
 * and looks each time whether every acknowledged sample is there exactly once. At the end it lets the files lie to the
 * storage and demands that this be noticed. Fails unless all of it holds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { dumpBlocks, hasPromtool } from '../../src/tsdb/testing/promtool-blocks.ts';
import { readKernelModule } from '../../src/world/kernel-module.ts';
import { damage, forge } from './damage.ts';
import { type Fate, SABOTAGES } from './fatal-files.ts';
import { type Life, live } from './order.ts';
import { PHASES, type Phase } from './phases.ts';
import { losePower } from './power.ts';
import { Tmpfs } from './tmpfs.ts';
import { Check, type Expectation, type Finding, parseDumped } from './workload.ts';

/** With so few kills a phase was not tried. */
const KILLS_MIN = 10;
const BATCHES = 260;
/** A data directory lives for so many cycles. */
const CYCLES_A_DIRECTORY = 12;
const CYCLES_A_SABOTAGE = 12;
const CYCLES_A_POWER_LOSS = 4;
const CYCLES_A_FULL_DISK = 20;

const { values: options } = parseArgs({
  options: {
    cycles: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
});
const cycles = Number(options.cycles);
const random = seededRandom(Number(options.seed));
const hasPeer = hasPromtool();

class Tally {
  readonly kills = new Map<Phase, number>(PHASES.map((phase) => [phase, 0]));
  readonly faults: string[] = [];
  cycles = 0;
  acknowledged = 0;
  deletions = 0;
  lost = 0;
  risen = 0;
  doubled = 0;
  wrong = 0;
  torn = 0;
  damages = 0;
  told = 0;
  fullDisks = 0;
  realFullDisks = 0;
  powerLosses = 0;
  agreements = 0;
}

/** One data directory and what must be in it. */
class Directory {
  readonly directory: string;
  readonly #random: Random;
  readonly #isPlain: boolean;
  expected: Expectation = { acknowledged: 0, deleted: [], unsure: undefined };

  constructor(own: Random, { isPlain = false, parent = tmpdir() } = {}) {
    this.directory = mkdtempSync(join(parent, 'crash-'));
    this.#random = own;
    this.#isPlain = isPlain;
  }

  /** Lets a child look what is there and, if it is to, add to it. */
  async live(fate: Fate, batches: number): Promise<Life> {
    const seed = Math.floor(this.#random.next() * 2 ** 31);
    const { directory, expected } = this;
    const isPlain = this.#isPlain;
    const life = await live({ directory, seed, expected, batches, fate, isPlain });
    this.expected = life.expected;
    return life;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const tally = new Tally();
const operations = await countOperations();
while (tally.cycles < cycles) await runDirectory();
await runFullDisk();
await runPowerLosses();
const caught = await runSabotages();
report();

/** How many operations each phase has in an undisturbed life. */
async function countOperations(): Promise<ReadonlyMap<Phase, number>> {
  using storage = new Directory(random);
  const life = await storage.live({}, 3 * BATCHES);
  if (life.operations === undefined) throw new Error(`the storage does not run: ${life.failure}`);
  const counts = life.operations;
  return new Map(PHASES.map((phase) => [phase, counts[phase] ?? 0]));
}

async function runDirectory(): Promise<void> {
  using storage = new Directory(random);
  for (let i = 0; i < CYCLES_A_DIRECTORY && tally.cycles < cycles; i++, tally.cycles++) {
    const before = storage.expected;
    const fate = nextFate();
    const life = await storage.live(fate, BATCHES);
    tally.acknowledged += storage.expected.acknowledged - before.acknowledged;
    tally.deletions += storage.expected.deleted.length - before.deleted.length;
    judge(life, `cycle ${tally.cycles}, ${JSON.stringify(fate)}`);
    if (life.wasKilled && fate.death !== undefined) {
      tally.kills.set(fate.death.phase, (tally.kills.get(fate.death.phase) ?? 0) + 1);
    }
    if (fate.full !== undefined) tally.fullDisks++;
  }
  const last = await storage.live({}, 0);
  judge(last, `before cycle ${tally.cycles}`);
  if (hasPeer && last.finding !== undefined) askPeer(storage, last.finding);
  await runDamage(storage);
}

/** A death in the phase that had the fewest so far; now and then a disk that is full again and again. */
function nextFate(): Fate {
  if (tally.cycles % 10 === 9) return { full: { bytes: 3000, period: 20_000 } };
  const [phase] = [...tally.kills].toSorted((a, b) => a[1] - b[1])[0] as [Phase, number];
  const most = Math.max(1, Math.ceil((operations.get(phase) ?? 1) / 3));
  return { death: { phase, operation: 1 + Math.floor(random.next() * most) } };
}

function isFaulty({ lost, doubled, wrong, risen, torn }: Finding): boolean {
  return lost + doubled + wrong + risen + torn > 0;
}

function judge({ finding, failure }: Life, when: string): void {
  if (failure !== undefined) tally.faults.push(`${when}: ${failure}`);
  if (finding === undefined) return;
  tally.lost += finding.lost;
  tally.doubled += finding.doubled;
  tally.wrong += finding.wrong;
  tally.risen += finding.risen;
  tally.torn += finding.torn;
  if (isFaulty(finding)) {
    tally.faults.push(`${when}: ${JSON.stringify(finding)}`);
  }
}

/** promtool must find in the directory what we find. */
function askPeer({ directory, expected }: Directory, ours: Finding): void {
  const check = new Check();
  for (const line of dumpBlocks(directory)) {
    const { labels, value, time } = parseDumped(line);
    check.take(labels, time, value);
  }
  const theirs = check.finish(expected);
  const isSame = (Object.keys(ours) as (keyof Finding)[]).every((key) => ours[key] === theirs[key]);
  tally.agreements++;
  if (!isSame) {
    const both = `${JSON.stringify(theirs)} where we find ${JSON.stringify(ours)}`;
    tally.faults.push(`promtool finds ${both} in cycle ${tally.cycles}`);
  }
}

/** Lives on a small disk that is really full at times, some of which end by kill -9. */
async function runFullDisk(): Promise<void> {
  using disk = Tmpfs.mount();
  if (disk === undefined) return;
  using storage = new Directory(random, { parent: disk.path });
  const filler = join(disk.path, 'filler');
  for (; tally.realFullDisks < cycles / CYCLES_A_FULL_DISK; tally.realFullDisks++) {
    const operation = 1 + Math.floor(random.next() * 1.5 * BATCHES);
    const life = await storage.live({ filler, death: { phase: 'append', operation } }, BATCHES);
    judge(life, `full disk ${tally.realFullDisks}`);
  }
  judge(await storage.live({}, 0), 'after full disks');
}

/** What is damaged may be lost, but not in silence; and never is anything there that was not logged. */
async function runDamage(storage: Directory): Promise<void> {
  const what = damage(storage.directory, random);
  if (what === undefined) return;
  tally.damages++;
  const { finding, troubles, failure } = await storage.live({}, 0);
  const isTold = troubles.length > 0 || failure !== undefined;
  if (isTold) tally.told++;
  const isBad = finding !== undefined && finding.doubled + finding.wrong > 0;
  const isSilent = finding !== undefined && finding.lost > 0 && !isTold;
  if (isBad || isSilent || (finding === undefined && failure === undefined)) {
    tally.faults.push(`${what}: ${JSON.stringify(finding)}`);
  }
  if (failure !== undefined && !/cannot .*(wal|chunks_head|[0-9A-Z]{26})/.test(failure)) {
    tally.faults.push(`${what}: the storage does not say what is wrong: ${failure}`);
  }
}

async function runPowerLosses(): Promise<void> {
  const module = readKernelModule();
  for (; tally.powerLosses < cycles / CYCLES_A_POWER_LOSS; tally.powerLosses++) {
    const fault = await losePower(random, module);
    if (fault !== undefined) tally.faults.push(`loss of power ${tally.powerLosses}: ${fault}`);
  }
}

/** In which cycle each lie was noticed; undefined for one that was not. */
async function runSabotages(): Promise<ReadonlyMap<string, number | undefined>> {
  const found = new Map<string, number | undefined>();
  for (const sabotage of SABOTAGES) {
    using storage = new Directory(random);
    found.set(sabotage, await firstFault(storage, { sabotage }));
  }
  using storage = new Directory(random, { isPlain: true });
  await storage.live({ death: { phase: 'append', operation: 90 } }, BATCHES);
  forge(storage.directory);
  const { finding, failure } = await storage.live({}, 0);
  const isNoticed = failure !== undefined || (finding !== undefined && finding.wrong > 0);
  found.set('skip-crc', isNoticed ? 1 : undefined);
  return found;
}

async function firstFault(storage: Directory, fate: Fate): Promise<number | undefined> {
  for (let cycle = 1; cycle <= CYCLES_A_SABOTAGE; cycle++) {
    const operation = 60 + Math.floor(random.next() * 150);
    const death = { phase: 'append', operation } as const;
    await storage.live({ ...fate, death }, BATCHES);
    const { finding, failure } = await storage.live({}, 0);
    if (failure !== undefined) return cycle;
    if (finding !== undefined && isFaulty(finding)) return cycle;
  }
  return undefined;
}

function report(): void {
  const kills = [...tally.kills].map(([phase, count]) => `${phase} ${count}`).join(', ');
  console.log(`kills: ${kills}`);
  const { damages, told, fullDisks, realFullDisks, powerLosses } = tally;
  console.log(`damaged files: ${damages}, told of ${told}; losses of power: ${powerLosses}`);
  console.log(`full disks: ${fullDisks} simulated, ${realFullDisks} of tmpfs`);
  console.log(hasPeer ? `promtool agrees ${tally.agreements} times` : 'promtool is not here');
  for (const [sabotage, cycle] of caught) {
    const how = cycle === undefined ? 'NOT NOTICED' : `noticed in cycle ${cycle}`;
    console.log(`saboteur ${sabotage}: ${how}`);
    if (cycle === undefined) tally.faults.push(`nobody noticed ${sabotage}`);
  }
  for (const [phase, count] of tally.kills) {
    if (count < KILLS_MIN && cycles >= KILLS_MIN * 2 * PHASES.length) {
      tally.faults.push(`only ${count} kills in ${phase}`);
    }
  }
  for (const fault of tally.faults) console.log(`FAULT ${fault}`);
  const { acknowledged, deletions, lost, doubled, wrong, risen, torn } = tally;
  console.log(`${acknowledged} batches and ${deletions} deletions acknowledged`);
  const samples = `${lost} samples lost, ${doubled} doubled, ${wrong} wrong, ${risen} risen`;
  console.log(`${tally.cycles} cycles: ${samples}, ${torn} batches torn`);
  process.exitCode = tally.faults.length === 0 ? 0 : 1;
}

/** What befalls the system: deaths, broken links, full and rotten disks, deletions. */

import { OperationError } from '../../src/base/errors.ts';
import type { FileSystem } from '../../src/base/file-system.ts';
import type { Replica } from './replica.ts';
import { QUERIER } from './sidecar.ts';
import { METRIC, type Mood, type Target } from './target.ts';
import type { World } from './world.ts';

const DATA = '/data';
export const LOG: string = `${DATA}/wal`;
/** Segments of the log, files of the head's chunks and of those of blocks. */
const ROTTING = /\/(wal|chunks_head|chunks)\/\d+$/;

export class Chaos {
  readonly #world: World;
  /** Links that are cut at this moment. */
  readonly cut: Set<string> = new Set();
  /** Rises with everything that an answer may show. */
  disturbances = 0;
  /** Nothing is deleted while a question is being answered. */
  isQuestionOpen = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** One thing after the other until the end. */
  async run(): Promise<void> {
    const { clock, intervalMs, endMs, below } = this.#world;
    for (;;) {
      await clock.sleep(below(3 * intervalMs));
      if (clock.nowMs() >= endMs) return;
      await this.#strike();
    }
  }

  async #strike(): Promise<void> {
    const { replicas, targets, below } = this.#world;
    const replica = replicas[below(replicas.length)];
    const target = targets[below(targets.length)];
    switch (below(12)) {
      case 0:
      case 1:
        this.#kill(replica);
        break;
      case 2:
      case 3: // in the middle of a write of one of the next scrapes
        if (replica.isAlive) replica.files.dieIn(1 + below(4));
        break;
      case 4:
        this.#cut(replica.name, target.name);
        break;
      case 5:
        this.#cut(QUERIER, `sidecar-${replica.name}`);
        break;
      case 6:
        this.#fillDisk(replica);
        break;
      case 7:
        this.#restartTarget(target);
        break;
      case 8:
        this.#upset(target);
        break;
      case 9:
        this.#hideSeries(target);
        break;
      case 10:
        this.#unlist(target);
        break;
      default:
        await this.#delete();
    }
  }

  /** Brings back whoever is dead, again and again; to be run beside. */
  async supervise(): Promise<void> {
    const { clock, intervalMs, endMs, replicas, below } = this.#world;
    while (clock.nowMs() < endMs) {
      await clock.sleep(1000 + below(4 * intervalMs));
      for (const replica of replicas) this.restart(replica);
    }
  }

  restart(replica: Replica): void {
    if (replica.isAlive) return;
    const { sabotage, below } = this.#world;
    this.disturbances++;
    replica.files.restart('kill');
    sabotage.onRestart?.(replica.files);
    if (below(6) === 0) this.#rot(replica);
    replica.files.capacityBytes = Number.POSITIVE_INFINITY;
    replica.start();
  }

  #kill(replica: Replica): void {
    this.disturbances++;
    replica.kill();
  }

  #cut(from: string, to: string): void {
    const { network, clock, intervalMs, below } = this.#world;
    const link = `${from} ${to}`;
    if (this.cut.has(link)) return;
    this.disturbances++;
    this.cut.add(link);
    network.cut(from, to);
    clock.after(intervalMs + below(4 * intervalMs), () => {
      this.disturbances++;
      this.cut.delete(link);
      network.mend(from, to);
    });
  }

  /** Its counters begin anew; nothing listens for a while. */
  #restartTarget(target: Target): void {
    const { clock, counts } = this.#world;
    counts.resets++;
    target.isUp = false;
    this.#later(2, () => {
      target.restart(clock.nowMs());
      target.isUp = true;
    });
  }

  /** Its answers are slow, some of them too late, or broken. */
  #upset(target: Target): void {
    const { intervalMs, below, counts } = this.#world;
    counts.badPages++;
    const moods: readonly Mood[] = [
      { slowMs: below(intervalMs), cuts: false, tears: false },
      { slowMs: 0, cuts: true, tears: false },
      { slowMs: below(1000), cuts: false, tears: true },
    ];
    target.mood = moods[below(moods.length)];
    this.#later(3, () => target.calmDown());
  }

  #hideSeries(target: Target): void {
    const { below, counts } = this.#world;
    const part = below(target.seriesCount);
    counts.absences++;
    target.hidden.add(part);
    this.#later(4, () => target.hidden.delete(part));
  }

  /** Discovery finds it no more; when it is soon found again, its samples make its stale markers late. */
  #unlist(target: Target): void {
    const { replicas, counts } = this.#world;
    const list = (isListed: boolean): void => {
      target.isListed = isListed;
      for (const replica of replicas) replica.followDiscovery();
    };
    counts.absences++;
    list(false);
    this.#later(5, () => list(true));
  }

  /** Within at most so many intervals. */
  #later(intervals: number, action: () => void): void {
    const { clock, intervalMs, below } = this.#world;
    clock.after(below(intervals * intervalMs), action);
  }

  #fillDisk({ files }: Replica): void {
    const { clock, intervalMs, below } = this.#world;
    files.capacityBytes = 1;
    clock.after(intervalMs + below(2 * intervalMs), () => {
      files.capacityBytes = Number.POSITIVE_INFINITY;
    });
  }

  /**
   * A bit of the log or of the chunks of a dead replica flips. What was there may be lost then, and the replica may say that
   * it cannot read it, but nothing may be made up.
   */
  #rot(replica: Replica): void {
    const { below, sabotage } = this.#world;
    const { files, model } = replica;
    const paths = filesBelow(files, DATA).filter((path) => ROTTING.test(path));
    if (paths.length === 0) return;
    const path = paths[below(paths.length)];
    const { sizeBytes = 0 } = files.stat(path) ?? {};
    if (sizeBytes === 0) return;
    files.flipBit(path, below(8 * sizeBytes));
    replica.isRotten = true;
    model.doubtAll();
    if (path.startsWith(LOG)) sabotage.onRot?.(files, path);
  }

  async #delete(): Promise<void> {
    const { replicas, targets, counts, below, clock, startMs } = this.#world;
    if (this.isQuestionOpen || !replicas.every(({ isAlive }) => isAlive)) return;
    const target = targets[below(targets.length)];
    const part = below(target.seriesCount);
    const lengthMs = clock.nowMs() - startMs;
    const minTime = startMs + below(lengthMs);
    const maxTime = minTime + below(lengthMs);
    const name = `${METRIC} ${target.name} ${part}`;
    for (const replica of replicas)
      await this.#deleteIn(replica, { name, target, part, minTime, maxTime });
    counts.deletions++;
  }

  async #deleteIn(
    replica: Replica,
    { name, target, part, minTime, maxTime }: Deletion,
  ): Promise<void> {
    const { model } = replica;
    const matchers = [
      { type: '=', name: '__name__', value: METRIC },
      { type: '=', name: 'instance', value: target.name },
      { type: '=', name: 'part', value: String(part) },
    ] as const;
    try {
      if (this.#world.sabotage.ignoresDeletions !== true) {
        await replica.work((store) => store.delete(matchers, minTime, maxTime));
      }
      model.delete(name, minTime, maxTime);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      model.doubtRange(name, minTime, maxTime); // done in part, or not
    }
  }
}

interface Deletion {
  readonly name: string;
  readonly target: Target;
  readonly part: number;
  readonly minTime: number;
  readonly maxTime: number;
}

function filesBelow(files: FileSystem, directory: string): readonly string[] {
  if (files.stat(directory) === undefined) return [];
  return files.list(directory).flatMap((name) => {
    const path = `${directory}/${name}`;
    return files.stat(path)?.isDirectory === true ? filesBelow(files, path) : [path];
  });
}

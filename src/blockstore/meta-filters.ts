/**
 * Which blocks of a bucket are served. Filters run in Thanos' order: time partition, shard, consistency delay, deletion
 * marks, duplicates. Source: thanos-io/thanos pkg/block/fetcher.go.
 */
import type { Clock } from '../base/clock.ts';
import { eachConcurrently } from '../base/each-concurrently.ts';
import { errorText, OperationError } from '../base/errors.ts';
import { ulidTimeMs } from '../base/ulid.ts';
import { labelsKey, withLabel } from '../model/labels.ts';
import { compileRelabel, relabel } from '../model/relabel.ts';
import type { RelabelConfig } from '../model/relabel-config.ts';
import type { Bucket } from '../objstore/bucket.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type BlockMark, readMark } from './marks.ts';
import type { BlockFilter, FilterRun } from './meta-fetcher.ts';
import type { StoredBlock } from './stored-block.ts';

/** A name that shards can be chosen by: the block's ULID. */
export const BLOCK_ID_LABEL = '__block_id';
const SHARD_ACTIONS: ReadonlySet<string> = new Set(['keep', 'drop', 'hashmod']);
/** What a compaction makes is served at once: it replaces blocks that may soon be gone. */
const NEVER_TOO_FRESH: ReadonlySet<string> = new Set([
  'bucket.repair',
  'compactor',
  'compactor.repair',
]);

/** Milliseconds, both inclusive; the bounds may move with the time. */
export function timePartition(bounds: () => { minTime: number; maxTime: number }): BlockFilter {
  return (run) => {
    const { minTime, maxTime } = bounds();
    for (const [ulid, block] of run.blocks) {
      if (block.maxTime >= minTime && block.minTime <= maxTime) continue;
      run.setAside(ulid, 'time-excluded', `it lies outside ${minTime} to ${maxTime}`);
    }
  };
}

/** By external labels and `__block_id`. Throws OperationError 'bad-data' for an action that cannot choose blocks. */
export function shardByLabels(configs: readonly RelabelConfig[]): BlockFilter {
  const odd = configs.find(({ action }) => !SHARD_ACTIONS.has(action));
  if (odd !== undefined) {
    const message = `cannot choose blocks by action ${odd.action}: only by keep, drop and hashmod`;
    throw new OperationError('bad-data', message);
  }
  const steps = compileRelabel(configs, 'utf8');
  return (run) => {
    for (const [ulid, { thanos }] of run.blocks) {
      if (relabel(steps, withLabel(thanos.labels, BLOCK_ID_LABEL, ulid)) !== undefined) continue;
      run.setAside(ulid, 'label-excluded', 'the selector leaves it to other instances');
    }
  };
}

export function consistencyDelay(delayMs: number, clock: Clock): BlockFilter {
  return (run) => {
    const nowMs = clock.nowMs();
    for (const [ulid, { thanos }] of run.blocks) {
      const ageMs = nowMs - (thanos.uploadTimeMs ?? ulidTimeMs(ulid));
      if (ageMs >= delayMs || NEVER_TOO_FRESH.has(thanos.source)) continue;
      run.setAside(ulid, 'too-fresh', `${ageMs} ms since its upload, it waits for ${delayMs} ms`);
    }
  };
}

export interface DeletionMarksOptions {
  readonly bucket: Bucket;
  /** How long a marked block is still served, so that what replaces it can be found first. */
  readonly delayMs: number;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A mark that cannot be read leaves its block where it was before. */
export function deletionMarks(options: DeletionMarksOptions): BlockFilter {
  let known: ReadonlyMap<string, BlockMark> = new Map();
  return async (run) => {
    const asked = [...run.blocks.keys()].filter((ulid) => run.listed.get(ulid)?.isMarked !== false);
    await eachConcurrently(asked, options.concurrency, async (ulid) => {
      const mark = await readKnownMark(ulid, run, { ...options, known });
      if (mark !== undefined) run.marks.set(ulid, mark);
    });
    known = new Map(run.marks);
    const { delayMs, clock } = options;
    for (const { ulid, timeMs, details } of run.marks.values()) {
      if (clock.nowMs() - timeMs <= delayMs) continue;
      const marked = `marked for deletion at ${new Date(timeMs).toISOString()}`;
      run.setAside(ulid, 'marked-for-deletion', details === '' ? marked : `${marked}: ${details}`);
    }
  };
}

interface KnownMarks extends DeletionMarksOptions {
  readonly known: ReadonlyMap<string, BlockMark>;
}

async function readKnownMark(
  ulid: string,
  run: FilterRun,
  { bucket, known, logger }: KnownMarks,
): Promise<BlockMark | undefined> {
  const { signal } = run;
  try {
    const mark = await readMark(bucket, ulid, 'deletion', signal === undefined ? {} : { signal });
    // The directory tells whose mark it is.
    return mark && { ...mark, ulid };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    if (error instanceof OperationError && error.kind === 'corrupt') {
      logger.warn('block with a deletion mark that cannot be read', { error: errorText(error) });
    } else run.fail(error);
    return known.get(ulid);
  }
}

/**
 * Sets aside blocks all of whose sources are in another one of the same labels and resolution: that one has replaced
 * them. A block that names no sources stands for itself.
 */
export const withoutDuplicates: BlockFilter = (run) => {
  const groups = Map.groupBy(
    run.blocks.values(),
    ({ thanos }) => `${thanos.resolutionMs}@${labelsKey(thanos.labels)}`,
  );
  for (const group of groups.values()) {
    for (const [ulid, other] of replacedBlocks(group)) {
      run.setAside(ulid, 'duplicate', `all of it is in block ${other}`);
    }
  }
};

/** With the block that has replaced each. */
function replacedBlocks(group: readonly StoredBlock[]): Map<string, string> {
  const ordered = group.toSorted(
    (a, b) => sourcesOf(b).length - sourcesOf(a).length || (a.ulid < b.ulid ? -1 : 1),
  );
  const replaced = new Map<string, string>();
  // Source → blocks that stay and have it.
  const holders = new Map<string, { readonly ulid: string; readonly all: ReadonlySet<string> }[]>();
  for (const block of ordered) {
    const sources = sourcesOf(block);
    const candidates = holders.get(sources[0] as string) ?? [];
    const holder = candidates.find(({ all }) => sources.every((source) => all.has(source)));
    if (holder !== undefined) {
      replaced.set(block.ulid, holder.ulid);
      continue;
    }
    const kept = { ulid: block.ulid, all: new Set(sources) };
    for (const source of kept.all) {
      const others = holders.get(source);
      if (others === undefined) holders.set(source, [kept]);
      else others.push(kept);
    }
  }
  return replaced;
}

function sourcesOf({ ulid, compaction }: StoredBlock): readonly string[] {
  return compaction.sources.length === 0 ? [ulid] : compaction.sources;
}

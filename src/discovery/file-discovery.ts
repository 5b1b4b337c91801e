/**
 * Targets in files. They are read at the start, every refresh interval, and soon after one of them has changed. A file
 * that cannot be read keeps its last groups; one that is gone takes its groups with it.
 */
import type { FileSystem } from '../base/file-system.ts';
import type { DiscoveryConfig } from './discovery-config.ts';
import { findFiles } from './file-pattern.ts';
import { goneGroups, readGroupFile } from './read-groups.ts';
import type { DiscoveryRun } from './refresh.ts';
import type { TargetGroup } from './target-group.ts';

type FileConfig = Extract<DiscoveryConfig, { readonly kind: 'file' }>;

/** How often files are looked at: a look is a stat, and works on every file system, the mounted ones too. */
const LOOK_INTERVAL_MS = 2000;

interface ReadFile {
  /** Differs when the file has changed. */
  readonly state: string;
  readonly groupCount: number;
}

export async function runFileDiscovery(
  config: FileConfig,
  files: FileSystem,
  run: DiscoveryRun,
): Promise<void> {
  const { clock, signal } = run;
  const seen = new Map<string, ReadFile>();
  const lookMs = Math.min(LOOK_INTERVAL_MS, config.refreshIntervalMs);
  let refreshedMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const isDue = clock.monotonicMs() - refreshedMs >= config.refreshIntervalMs;
    if (isDue) refreshedMs = clock.monotonicMs();
    const groups = readChanged({ config, files, run, seen, isDue });
    if (groups.length > 0 || (isDue && seen.size === 0)) run.onGroups(groups);
    await clock.sleep(lookMs, signal).catch(() => undefined); // the end wakes
  }
}

interface Look {
  readonly config: FileConfig;
  readonly files: FileSystem;
  readonly run: DiscoveryRun;
  /** By path, as of the last read. */
  readonly seen: Map<string, ReadFile>;
  /** Files are read though they seem unchanged. */
  readonly isDue: boolean;
}

function readChanged(look: Look): readonly TargetGroup[] {
  const { config, files, run, seen, isDue } = look;
  const paths = new Set(config.files.flatMap((pattern) => findFiles(files, pattern)));
  const groups: TargetGroup[] = [];
  for (const path of paths) {
    const stat = files.stat(path);
    const state = `${stat?.modifiedMs} ${stat?.sizeBytes}`;
    const last = seen.get(path);
    if (!isDue && last?.state === state) continue;
    const read = readFile(path, look);
    const groupCount = read?.length ?? last?.groupCount ?? 0;
    seen.set(path, { state, groupCount });
    if (read === undefined) continue;
    run.metrics.fileTimes.set({ filename: path }, Math.trunc((stat?.modifiedMs ?? 0) / 1000));
    groups.push(...read, ...goneGroups(path, read.length, last?.groupCount ?? 0));
  }
  for (const [path, { groupCount }] of seen) {
    if (paths.has(path)) continue;
    seen.delete(path);
    run.metrics.fileTimes.remove({ filename: path });
    groups.push(...goneGroups(path, 0, groupCount));
  }
  return groups;
}

/** Undefined when it cannot be read. */
function readFile(path: string, { files, run }: Look): readonly TargetGroup[] | undefined {
  try {
    return readGroupFile(files, path);
  } catch (error) {
    run.metrics.fileErrors.inc();
    run.logger.error('cannot read targets', { config: run.jobName, path, err: error });
    return undefined;
  }
}

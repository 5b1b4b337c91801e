/** The limits that a container would have: one CPU, so much memory. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY_ROOT = '/sys/fs/cgroup/memory';

export interface MemoryGroup {
  readonly kind: 'cgroup' | 'none';
  /** Puts a process into it. */
  add(pid: number): void;
  /** Processes that the kernel ended because the memory was used up. */
  kills(): number;
  remove(): void;
}

/** A group of processes that may use so much memory together; kind `none` where there are no such groups. */
export function createMemoryGroup(limitBytes: number): MemoryGroup {
  const directory = join(MEMORY_ROOT, `endurance-${process.pid}`);
  if (!existsSync(join(MEMORY_ROOT, 'memory.limit_in_bytes'))) return noGroup;
  mkdirSync(directory);
  const file = (name: string): string => join(directory, name);
  writeFileSync(file('memory.limit_in_bytes'), String(limitBytes));
  return {
    kind: 'cgroup',
    add: (pid) => writeFileSync(file('cgroup.procs'), String(pid)),
    kills: () =>
      Number(/oom_kill (\d+)/.exec(readFileSync(file('memory.oom_control'), 'utf8'))?.[1]),
    remove: () => rmdirSync(directory),
  };
}

const noGroup: MemoryGroup = {
  kind: 'none',
  add: () => undefined,
  kills: () => 0,
  remove: () => undefined,
};

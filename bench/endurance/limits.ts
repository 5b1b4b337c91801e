/** The limits that a container would have: one CPU, so much memory; and the proof that they are in force. */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const MEBIBYTE = 1 << 20;
const PROBE_BYTES = 64 * MEBIBYTE;
const PROBE_FILLS_BYTES = 4 * PROBE_BYTES;

/** What the files of a group of processes are called, in the two versions of the kernel's interface. */
interface GroupFiles {
  readonly root: string;
  readonly limit: string;
  readonly peak: string;
  /** Holds a line `oom_kill N`. */
  readonly events: string;
  /** Key of anonymous memory in memory.stat. */
  readonly anonymous: string;
}

const VERSIONS: readonly GroupFiles[] = [
  {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    events: 'memory.oom_control',
    anonymous: 'total_rss',
  },
  {
    root: '/sys/fs/cgroup',
    limit: 'memory.max',
    peak: 'memory.peak',
    events: 'memory.events',
    anonymous: 'anon',
  },
];

/** A group of processes that share one CPU and so much memory. */
export interface LimitedGroup {
  /** What starts a command inside the limits, from its first instruction on. */
  wrap(command: readonly string[]): readonly [string, ...string[]];
  /** What shows that a process and all its threads are held by the limits. Throws when they are not. */
  prove(pid: number): string;
  /** Most that was in use, files that the kernel kept in memory included. */
  peakBytes(): number;
  /** In use at this moment without such files. */
  anonymousBytes(): number;
  /** Processes that the kernel ended because the memory was used up. */
  kills(): number;
  remove(): void;
}

/** Throws where the kernel offers no such groups: a run without limits proves nothing. */
export function createLimitedGroup(limitBytes: number, cpu: number): LimitedGroup {
  const files = VERSIONS.find(({ root, limit }) => hasLimits(root, limit));
  if (files === undefined) throw new Error('cannot limit memory: no cgroup can be made here');
  const directory = join(files.root, `endurance-${process.pid}`);
  mkdirSync(directory);
  const path = (name: string): string => join(directory, name);
  const read = (name: string): string => readFileSync(path(name), 'utf8');
  const numberOf = (name: string, pattern: RegExp): number => Number(pattern.exec(read(name))?.[1]);
  const kills = (): number => numberOf(files.events, /oom_kill (\d+)/);
  const wrap = (command: readonly string[]): readonly [string, ...string[]] => {
    const enter = `echo $$ > ${path('cgroup.procs')} && exec taskset -c ${cpu} "$@"`;
    return ['sh', '-c', enter, 'sh', ...command];
  };
  writeFileSync(path(files.limit), String(PROBE_BYTES));
  probe(wrap, kills);
  const probeKills = kills();
  writeFileSync(path(files.limit), String(limitBytes));
  return {
    wrap,
    prove(pid) {
      const held = numberOf(files.limit, /(\d+)/);
      if (held !== limitBytes) throw new Error(`the memory limit is ${held} bytes`);
      if (!read('cgroup.procs').split('\n').includes(String(pid))) {
        throw new Error(`process ${pid} is not in ${directory}`);
      }
      const threads = readdirSync(`/proc/${pid}/task`);
      for (const thread of threads) checkCpu(pid, thread, cpu);
      const threadText = `all ${threads.length} threads on CPU ${cpu}`;
      const [wanted, had] = [PROBE_FILLS_BYTES, PROBE_BYTES].map((bytes) => bytes / MEBIBYTE);
      const probed = `a probe that wanted ${wanted} MiB of ${had} was killed`;
      return `${threadText}, ${held / MEBIBYTE} MiB for process ${pid}; ${probed}`;
    },
    peakBytes: () => numberOf(files.peak, /(\d+)/),
    anonymousBytes: () => numberOf('memory.stat', new RegExp(`^${files.anonymous} (\\d+)`, 'm')),
    kills: () => kills() - probeKills,
    remove: () => rmdirSync(directory),
  };
}

/** In a group of the older interface the root has the file, in one of the newer every group below it. */
function hasLimits(root: string, limit: string): boolean {
  if (existsSync(join(root, limit))) return true;
  const controllers = join(root, 'cgroup.subtree_control');
  return existsSync(controllers) && readFileSync(controllers, 'utf8').includes('memory');
}

/** A process that wants more than the group may have must not live. */
function probe(wrap: LimitedGroup['wrap'], kills: () => number): void {
  const fill = `Buffer.alloc(${PROBE_FILLS_BYTES}, 1)`;
  const [program, ...words] = wrap([process.execPath, '-e', fill]);
  const { signal, status } = spawnSync(program, words, { stdio: 'ignore' });
  if (kills() === 0 && signal === null && status === 0) {
    throw new Error('the memory limit is not in force: a process had more than it allows');
  }
}

function checkCpu(pid: number, thread: string, cpu: number): void {
  const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
  const allowed = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1];
  if (allowed !== String(cpu)) throw new Error(`thread ${thread} may run on CPUs ${allowed}`);
}

/** Keeps this process away from the CPU of the group, if there is another one. */
export function leaveCpu(cpu: number, cpus: number): void {
  const others = Array.from({ length: cpus }, (_, i) => i).filter((one) => one !== cpu);
  if (others.length === 0) return;
  spawn('taskset', ['-acp', others.join(','), String(process.pid)], { stdio: 'ignore' });
}

/**
 * One supervisor per data directory. The lock file names the supervisor and its children by process id and start time
 * (which tells a process from a later one with the same id), so that the next start can end what a crash has left.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { ProcessHost } from '../base/process-host.ts';
import { startTicks } from '../base/process-start.ts';
import type { Logger } from '../telemetry/logger.ts';

interface Holder {
  readonly pid: number;
  /** Clock ticks between the boot of the machine and the start of the process. */
  readonly startTicks: string;
}

interface LockFile {
  readonly supervisor: Holder;
  readonly entryUrl: string;
  readonly children: readonly Holder[];
}

export interface RunLockOptions {
  readonly path: string;
  /** Told to whoever looks for a running system. */
  readonly entryUrl: string;
  readonly ownPid: number;
  readonly files: FileSystem;
  readonly processes: ProcessHost;
  readonly clock: Clock;
  readonly logger: Logger;
}

const POLITE_MS = 5000;
const LOOK_MS = 50;

export class RunLock {
  #options: RunLockOptions;
  #children = new Map<number, Holder>();

  private constructor(options: RunLockOptions) {
    this.#options = options;
  }

  /** Throws OperationError 'unavailable' if a living supervisor holds the lock. Ends what a dead one has left. */
  static async take(options: RunLockOptions): Promise<RunLock> {
    const { path, files } = options;
    const former = files.stat(path) === undefined ? undefined : readLock(path, files);
    if (former !== undefined && isAlive(former.supervisor, files)) {
      const who = `process ${former.supervisor.pid} runs a system there`;
      const message = `cannot use ${path}: ${who}; stop it or give another --data-dir`;
      throw new OperationError('unavailable', message);
    }
    for (const child of former?.children ?? []) await endLeftover(child, options);
    const lock = new RunLock(options);
    lock.#write();
    return lock;
  }

  /** Tells of a process that begins or ends. */
  tell(pid: number, isRunning: boolean): void {
    if (isRunning) this.#children.set(pid, holder(pid, this.#options.files));
    else this.#children.delete(pid);
    this.#write();
  }

  release(): void {
    this.#options.files.remove(this.#options.path);
  }

  #write(): void {
    const { path, entryUrl, ownPid, files } = this.#options;
    const content: LockFile = {
      supervisor: holder(ownPid, files),
      entryUrl,
      children: [...this.#children.values()],
    };
    files.writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(content)}\n`));
  }
}

/** Where the system that runs over the data directory is reached; undefined when none does. */
export function findRunning(dataDirectory: string, files: FileSystem): string | undefined {
  const path = lockPath(dataDirectory);
  const lock = files.stat(path) === undefined ? undefined : readLock(path, files);
  return lock !== undefined && isAlive(lock.supervisor, files) ? lock.entryUrl : undefined;
}

export function lockPath(dataDirectory: string): string {
  return `${dataDirectory}/up.lock`;
}

async function endLeftover(child: Holder, options: RunLockOptions): Promise<void> {
  const { files, processes, clock, logger } = options;
  if (!isAlive(child, files)) return;
  logger.warn('a process of an earlier run is still there and is ended', { pid: child.pid });
  processes.signal(child.pid, 'SIGTERM');
  for (let waited = 0; isAlive(child, files) && waited < POLITE_MS; waited += LOOK_MS) {
    await clock.sleep(LOOK_MS);
  }
  if (!isAlive(child, files)) return;
  processes.signal(child.pid, 'SIGKILL');
  while (isAlive(child, files)) await clock.sleep(LOOK_MS);
}

function readLock(path: string, files: FileSystem): LockFile | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(files.readFile(path))) as LockFile;
  } catch {
    return undefined; // a file that was never completed holds nothing
  }
}

function holder(pid: number, files: FileSystem): Holder {
  return { pid, startTicks: startTicks(pid, files) ?? '' };
}

function isAlive({ pid, startTicks: since }: Holder, files: FileSystem): boolean {
  const now = startTicks(pid, files);
  return now !== undefined && now === since;
}

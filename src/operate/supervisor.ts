/** Runs a whole system: groups of components, started together, stopped group by group in reverse order. */
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { ProcessHost } from '../base/process-host.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { HttpClient } from '../transport/http-client.ts';
import type { ComponentSpec, ComponentState } from './component.ts';
import { ComponentLog, isRemarkable } from './component-log.ts';
import { requireFreePorts } from './free-ports.ts';
import { Guardian } from './guardian.ts';
import { lockPath, RunLock } from './run-lock.ts';
import { Supervised } from './supervised.ts';
import { systemStatePath, writeSystemState } from './system-state.ts';

export interface SupervisorOptions {
  /** Those that others depend on come first. */
  readonly groups: readonly (readonly ComponentSpec[])[];
  /** Lock file and logs lie there. */
  readonly dataDirectory: string;
  readonly entryUrl: string;
  readonly stopGraceMs: number;
  readonly ownPid: number;
  readonly files: FileSystem;
  readonly processes: ProcessHost;
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when nothing can stand in the way of the start any more: writes what components read. */
  prepare(): void;
  /** A warning, an error or a line in no known form. */
  onLine(name: string, line: string): void;
  onChange(spec: ComponentSpec, state: ComponentState): void;
}

export interface Supervisor extends AsyncDisposable {
  readonly components: readonly Pick<Supervised, 'spec' | 'state'>[];
  readonly guardianPid: number | undefined;
  /** Starts what was given up again. */
  retryFailed(): void;
}

/** Everything is started when it returns, not ready yet. Throws OperationError before anything has started. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { groups, dataDirectory, files, processes, clock, logger } = options;
  const logDirectory = `${dataDirectory}/logs`;
  files.makeDirectory(logDirectory);
  const lock = await RunLock.take({ ...options, path: lockPath(dataDirectory) });
  const guardian = new Guardian(processes, clock, logger);
  try {
    await requireFreePorts(groups.flat());
    options.prepare();
    await guardian.start();
  } catch (error) {
    lock.release();
    throw error;
  }
  const supervise = (spec: ComponentSpec): Supervised => {
    const log = new ComponentLog(`${logDirectory}/${spec.name}.log`, files);
    return new Supervised({
      ...options,
      spec,
      onLine(line) {
        log.add(line);
        if (isRemarkable(line)) options.onLine(spec.name, line);
      },
      onChange(state) {
        tellState();
        options.onChange(spec, state);
      },
      onProcess(pid, isAlive) {
        guardian.tell(pid, isAlive);
        lock.tell(pid, isAlive);
      },
    });
  };
  const supervised = groups.map((group) => group.map(supervise));
  const components = supervised.flat();
  const tellState = (): void =>
    writeSystemState(systemStatePath(dataDirectory), components, options);
  for (const component of components) component.start();
  return {
    components,
    get guardianPid() {
      return guardian.pid;
    },
    retryFailed() {
      for (const component of components) component.retry();
    },
    async [Symbol.asyncDispose]() {
      for (const group of supervised.toReversed()) {
        await Promise.all(group.map((component) => component.stop(options.stopGraceMs)));
      }
      await guardian.close();
      lock.release();
    },
  };
}

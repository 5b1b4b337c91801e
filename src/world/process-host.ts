import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { OperationError } from '../base/errors.ts';
import type { ChildProgram, ProcessEnd, ProcessHost, ProcessSpec } from '../base/process-host.ts';

/** Programs of this machine. They get their own process group: a Ctrl-C at the terminal is ours to pass on. */
export const realProcessHost: ProcessHost = {
  start: (spec) => start(spec),
  find(program) {
    const folders = program.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
    return folders.map((folder) => join(folder, program)).find(isExecutable);
  },
  signal(pid, signal) {
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  },
};

async function start({ file, args, environment, onLine }: ProcessSpec): Promise<ChildProgram> {
  const child = spawn(file, [...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', onLine);
  }
  child.stdin.on('error', () => undefined); // it went away: 'close' tells
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.on('close', (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal ?? undefined }),
    );
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('spawn', resolve);
  child.once('error', reject);
  try {
    await promise;
  } catch (error) {
    throw new OperationError('unavailable', `cannot start ${file}`, { cause: error });
  }
  return {
    pid: child.pid ?? 0,
    ended,
    signal: (signal) => void child.kill(signal),
    send: (line) => void child.stdin.write(`${line}\n`),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

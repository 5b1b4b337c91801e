/**
 * A lock file as Prometheus takes it: flock(2), which the kernel releases when the process ends, so that we and it keep off
 * each other's directories. Node cannot call it; the `flock` program locks the open file that we share with it, and the
 * lock stays when it has gone. Where there is no such program, the file's content (process id and start) must do.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { OperationError } from '../base/errors.ts';
import type { FileLock } from '../base/file-system.ts';
import { startTicks } from '../base/process-start.ts';

const HELD_BY_ANOTHER = 1;

export function lockFile(path: string): FileLock {
  const wasLeft = existsSync(path);
  const descriptor = openSync(path, 'a+');
  try {
    const { status } = spawnSync('flock', ['-x', '-n', '3'], {
      stdio: ['ignore', 'ignore', 'ignore', descriptor],
    });
    const isHeld = status === 0 ? false : status === HELD_BY_ANOTHER || isHolderAlive(path);
    if (isHeld) throw heldBy(path);
    // Its last holder may have removed it after we opened it.
    if (statSync(path, { throwIfNoEntry: false })?.ino !== fstatSync(descriptor).ino) {
      throw heldBy(path);
    }
    ftruncateSync(descriptor);
    writeSync(
      descriptor,
      `${process.pid} ${startTicks(process.pid, { readFile: readFileSync })}\n`,
    );
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return {
    wasLeft,
    [Symbol.dispose]() {
      rmSync(path, { force: true });
      closeSync(descriptor);
    },
  };
}

function heldBy(path: string): OperationError {
  const pid = existsSync(path) ? readFileSync(path, 'utf8').split(' ')[0] : '';
  const who = pid === '' ? 'another program' : `process ${pid}`;
  const message = `cannot take the lock ${path}: ${who} holds it; stop it or use another directory`;
  return new OperationError('unavailable', message);
}

function isHolderAlive(path: string): boolean {
  const [pid = '', since = ''] = readFileSync(path, 'utf8').trim().split(' ');
  return pid !== '' && startTicks(Number(pid), { readFile: readFileSync }) === since;
}

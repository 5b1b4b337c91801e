import type { FileSystem } from './file-system.ts';

/**
 * Clock ticks between the boot of the machine and the start of a process, which tell it from a later one with the same id:
 * field 22 of /proc/PID/stat. Undefined when it is gone or only waits to be reaped.
 */
export function startTicks(pid: number, files: Pick<FileSystem, 'readFile'>): string | undefined {
  try {
    const stat = new TextDecoder().decode(files.readFile(`/proc/${pid}/stat`));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

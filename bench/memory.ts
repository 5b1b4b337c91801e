import { readFileSync } from 'node:fs';

/** Memory of a process, of which pages that others share count in part. */
export function pssBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const [, kilobytes] = /^Pss:\s+(\d+) kB$/m.exec(text) ?? [];
  return Number(kilobytes) * 1024;
}

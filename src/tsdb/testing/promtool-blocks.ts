import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the real promtool can be run here. */
export function hasPromtool(): boolean {
  return spawnSync('promtool', ['--version']).status === 0;
}

/** A directory that goes away with its owner. */
export class ScratchDirectory implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'tsdb-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Lets promtool make blocks of 2 h of an OpenMetrics text. */
export function createBlocks(directory: string, openMetrics: string): void {
  const input = join(directory, 'input.om');
  mkdirSync(join(directory, 'wal'), { recursive: true }); // dump wants one
  writeFileSync(input, openMetrics);
  runPromtool(['tsdb', 'create-blocks-from', 'openmetrics', input, directory]);
  rmSync(input);
}

/** What promtool dumps: a line `{labels} value milliseconds` for each sample. */
export function dumpBlocks(directory: string): readonly string[] {
  return runPromtool(['tsdb', 'dump', directory]).trimEnd().split('\n');
}

export function runPromtool(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}: ${stderr}`);
  return stdout.toString();
}

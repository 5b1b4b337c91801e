/** Blocks of a data set, made once by promtool and kept. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DATA_VERSION, type DataSet, openMetricsText } from './data-set.ts';
import type { Bench } from './row.ts';

/** Directory with the blocks of a data set, made if it is not there. */
export function blocksOf(bench: Bench, set: DataSet): string {
  const name = `${set.size}${set.isTwin ? '-twin' : ''}`;
  const directory = join(bench.dataDirectory, `blocks-v${DATA_VERSION}-${name}`);
  if (existsSync(directory)) return directory;
  const making = `${directory}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const text = join(making, 'samples.om');
  bench.progress(`writing samples of size ${name}`);
  writeText(text, set);
  bench.progress(`making blocks of size ${name}`);
  const blocks = join(making, 'blocks');
  execFileSync(
    'promtool',
    // One block may span most of the day, as compaction would make it.
    ['tsdb', 'create-blocks-from', 'openmetrics', '--max-block-duration=24h', text, blocks],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  rmSync(text);
  renameSync(blocks, directory);
  rmSync(making, { recursive: true });
  return directory;
}

export function blockCount(directory: string): number {
  return readdirSync(directory).length;
}

function writeText(path: string, set: DataSet): void {
  const file = openSync(path, 'w');
  for (const piece of openMetricsText(set)) writeSync(file, piece);
  closeSync(file);
}

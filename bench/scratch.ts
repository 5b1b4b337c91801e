import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './row.ts';

/** A new directory beside the data, which goes with the row. */
export function scratchDirectory(bench: Bench, stack: AsyncDisposableStack, name: string): string {
  mkdirSync(bench.dataDirectory, { recursive: true });
  const directory = mkdtempSync(join(bench.dataDirectory, `${name}-`));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

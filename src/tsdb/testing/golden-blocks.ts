import { readFileSync } from 'node:fs';
import type { FileSystem } from '../../base/file-system.ts';
import type { Labels } from '../../model/labels.ts';

/**
 * Blocks that Prometheus 3.14 wrote, with floats, histograms and deletions, and what it reads from them:
 * time, start time, then a double's bits or hint, count and sum of a histogram.
 */
export interface GoldenBlock {
  readonly name: string;
  /** Path below a data directory → base64. */
  readonly files: Readonly<Record<string, string>>;
  readonly series: readonly GoldenSeries[];
}

export interface GoldenSeries {
  readonly labels: Labels;
  readonly samples: readonly GoldenSample[];
}

export type GoldenSample = readonly [number, number, string | readonly string[]];

export function readGoldenBlocks(): readonly GoldenBlock[] {
  const url = new URL('../../../test/golden/blocks.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

/** Puts the files into a directory; gives the names of the blocks. */
export function unpackGolden(
  files: FileSystem,
  directory: string,
  golden: GoldenBlock,
): readonly string[] {
  const names = new Set<string>();
  for (const [path, text] of Object.entries(golden.files)) {
    const parts = path.split('/');
    names.add(parts[0] as string);
    files.makeDirectory([directory, ...parts.slice(0, -1)].join('/'));
    files.append(`${directory}/${path}`, Buffer.from(text, 'base64'));
  }
  return [...names];
}

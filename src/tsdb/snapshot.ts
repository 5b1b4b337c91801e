/** A second name for every file of a block: costs no space until the first name is removed. */
import type { FileSystem } from '../base/file-system.ts';

const FILES = ['meta.json', 'index', 'tombstones'];

export function linkBlock(files: FileSystem, from: string, to: string): void {
  files.makeDirectory(`${to}/chunks`);
  for (const name of FILES) {
    if (files.stat(`${from}/${name}`) !== undefined) files.link(`${from}/${name}`, `${to}/${name}`);
  }
  for (const name of files.list(`${from}/chunks`)) {
    files.link(`${from}/chunks/${name}`, `${to}/chunks/${name}`);
  }
  files.syncDirectory(`${to}/chunks`);
  files.syncDirectory(to);
}

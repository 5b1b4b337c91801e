/** Damages a file of a storage that is not running. */
import { globSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { crc32c } from '@node-rs/crc32';
import type { Random } from '../../src/base/random.ts';

const VICTIMS: Readonly<Record<string, string>> = {
  'a segment of the log': 'wal/0*',
  'a checkpoint': 'wal/checkpoint.*/*',
  'head chunks': 'chunks_head/*',
  'an index': '*/index',
  'chunks of a block': '*/chunks/*',
};
const SECTOR_BYTES = 512;
const PAGE_BYTES = 32_768;
/** Type of a fragment, of a record. */
const WHOLE_RECORD = 1;
const SAMPLES = 2;

/** Says what was done to which file; undefined when there is none of the kind. */
export function damage(directory: string, random: Random): string | undefined {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
  const kind = pick(Object.keys(VICTIMS));
  const paths = globSync(`${directory}/${VICTIMS[kind]}`).filter((path) => size(path) > 8);
  if (paths.length === 0) return undefined;
  const path = pick(paths.toSorted());
  const how = pick(['a bit flipped', 'a sector lost', 'the end cut off']);
  const bytes = readFileSync(path);
  const at = Math.floor(random.next() * bytes.length);
  if (how === 'the end cut off') truncateSync(path, at);
  else if (how === 'a bit flipped') {
    bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random.next() * 8));
    writeFileSync(path, bytes);
  } else {
    const sector = at - (at % SECTOR_BYTES);
    writeFileSync(path, bytes.fill(0, sector, sector + SECTOR_BYTES));
  }
  return `${kind}: ${how} at ${at} of ${path.slice(directory.length + 1)}`;
}

/** Changes samples in a log that is not compressed and makes the CRCs right again: as if nobody checked them. */
export function forge(directory: string): void {
  for (const path of globSync(`${directory}/wal/0*`)) {
    const bytes = readFileSync(path);
    for (let at = 0; at + 7 < bytes.length; ) {
      const length = bytes.readUInt16BE(at + 1);
      const data = bytes.subarray(at + 7, at + 7 + length);
      if (bytes[at] === 0) at += PAGE_BYTES - (at % PAGE_BYTES);
      else {
        if (bytes[at] === WHOLE_RECORD && data[0] === SAMPLES) {
          data[length - 1] = (data[length - 1] as number) ^ 1;
          bytes.writeUInt32BE(crc32c(data), at + 3);
        }
        at += 7 + length;
        if (PAGE_BYTES - (at % PAGE_BYTES) < 7) at += PAGE_BYTES - (at % PAGE_BYTES);
      }
    }
    writeFileSync(path, bytes);
  }
}

function size(path: string): number {
  return readFileSync(path).length;
}

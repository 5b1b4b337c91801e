import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { FileSystem } from '../../base/file-system.ts';
import { seededRandom } from '../../base/random.ts';
import { FaultyFiles } from '../../base/testing/faulty-files.ts';
import { testKernel } from '../../base/testing/kernel.ts';
import { ChunkPages } from './chunk-pages.ts';
import { type HeadChunkEntry, HeadChunkReader } from './head-chunk-reader.ts';
import { HeadChunkWriter } from './head-chunk-writer.ts';
import { entryOf } from './testing/entries.ts';

const DIRECTORY = '/data/chunks_head';
const kernel = testKernel();

interface Fixture {
  readonly disk: FaultyFiles;
  readonly places: readonly HeadChunkEntry[];
  /** How often a file was read since the last call. */
  reads(): number;
  read(entry: HeadChunkEntry): Buffer;
  readonly pages: ChunkPages;
}

/** Files of 60 KiB with entries of some hundred bytes, read with so many pages of memory. */
function fixture(pages: number): Fixture {
  const disk = new FaultyFiles(seededRandom(1));
  const writer = new HeadChunkWriter({ files: disk, directory: DIRECTORY, fileBytes: 60_000 });
  const places = Array.from({ length: 300 }, (_, i) => {
    const entry = entryOf(i + 1, 1000 * i, 1 + (i % 120));
    return { ...writer.write(entry), length: entry.length };
  });
  writer.close();
  let count = 0;
  const files: Pick<FileSystem, 'open'> = {
    open(path) {
      const file = disk.open(path);
      return {
        path,
        sizeBytes: file.sizeBytes,
        read(target, offset) {
          count++;
          file.read(target, offset);
        },
        [Symbol.dispose]: () => file[Symbol.dispose](),
      };
    },
  };
  const cache = new ChunkPages(4096 * pages);
  return {
    disk,
    places,
    pages: cache,
    reads() {
      const since = count;
      count = 0;
      return since;
    },
    read(entry) {
      using reader = new HeadChunkReader(files, DIRECTORY, cache);
      const mark = kernel.arena.mark();
      const { address, length } = reader.read(kernel, entry);
      const data = Buffer.from(kernel.u8.slice(address, address + length));
      kernel.arena.release(mark);
      assert.deepEqual(Buffer.from(reader.readData(entry)), data);
      return data;
    },
  };
}

test('chunks come out of pages in memory as they come out of the files', () => {
  const plain = fixture(0);
  for (const pages of [1, 3, 1000]) {
    const paged = fixture(pages);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < paged.places.length; i++) {
        const place = paged.places[(i * 89) % paged.places.length] as HeadChunkEntry;
        assert.deepEqual(paged.read(place), plain.read(place));
      }
    }
  }
});

test('a chunk that lies in a whole page is not read from the file again', () => {
  const { places, read, reads } = fixture(1000);
  for (const place of places) read(place);
  const first = reads();
  for (const place of places) read(place);
  const again = reads();
  assert.ok(first < places.length / 2, `${first} reads`);
  // In the unfinished last page of a file.
  assert.ok(again < first, `${again} reads`);
});

test('what is wrong in memory is read from the file, what is wrong there is refused', () => {
  const { disk, places, read, pages } = fixture(1000);
  const place = places[3] as HeadChunkEntry;
  const right = read(place);
  const path = `${DIRECTORY}/${String(place.file).padStart(6, '0')}`;
  const bit = 8 * (place.offset + 30);
  pages.forget(place.file, place.offset, place.length);
  disk.flipBit(path, bit);
  assert.throws(() => read(place), { kind: 'corrupt', message: /CRC/ });
  using file = disk.open(path);
  assert.notEqual(pages.read(file, place.file, place.offset, new Uint8Array(8)), undefined);
  disk.flipBit(path, bit);
  assert.deepEqual(read(place), right);
});

/** A head on a disk in memory, with its log and its files of chunks, that can be closed and opened again. */

import type { FileSystem } from '../../../base/file-system.ts';
import { KernelPool } from '../../../base/kernel-pool.ts';
import type { Random } from '../../../base/random.ts';
import { FaultyFiles } from '../../../base/testing/faulty-files.ts';
import { testKernel } from '../../../base/testing/kernel.ts';
import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { Appender } from '../../../storage/appender.ts';
import type { ChunkQueryable } from '../../../storage/chunk-queryable.ts';
import type { MemoryValue } from '../../../storage/memory-series.ts';
import type { Queryable } from '../../../storage/queryable.ts';
import { HeadChunkWriter } from '../../head-chunks/head-chunk-writer.ts';
import { scanHeadChunks } from '../../head-chunks/scan-head-chunks.ts';
import { Wal } from '../../wal/wal.ts';
import { ChunkCatalog } from '../chunk-catalog.ts';
import { Head, type HeadOptions } from '../head.ts';
import type { HeadRequest } from '../head-protocol.ts';
import { headQueryable } from '../head-queryable.ts';
import type { ReplayLosses } from '../head-replay.ts';

export interface TestHeadOptions
  extends Pick<HeadOptions, 'chunkRangeMs' | 'maxExemplars' | 'histogramBudgetBytes'> {
  readonly limitBytes?: number;
  /** Where the blocks end. */
  readonly minTime?: number;
}

export class TestHead<Files extends FileSystem = FileSystem> {
  readonly files: Files;
  readonly directory: string;
  readonly wal: Wal;
  readonly head: Head;
  readonly writer: HeadChunkWriter;
  readonly losses: ReplayLosses;
  readonly #refs = new Map<string, number>();

  /** Opens what is in the directory. */
  constructor(files: Files, directory: string, options: TestHeadOptions = {}) {
    this.files = files;
    this.directory = directory;
    const kernel = testKernel(options.limitBytes ?? 1 << 28);
    const chunks = { files, directory: `${directory}/chunks_head` };
    files.makeDirectory(directory);
    const catalog = new ChunkCatalog();
    scanHeadChunks({ ...chunks, kernel, take: (rows) => catalog.add(rows) });
    this.wal = Wal.open({ files, directory: `${directory}/wal`, kernel });
    this.writer = new HeadChunkWriter(chunks);
    this.head = new Head({ kernel, chunkFiles: this.writer, log: this.wal, ...options });
    this.head.seal(options.minTime ?? -Infinity);
    this.head.replay.useChunks(catalog);
    this.wal.replay(this.head.replay);
    this.losses = this.head.finishReplay();
  }

  static inMemory(random: Random, options: TestHeadOptions = {}): TestHead<FaultyFiles> {
    return new TestHead(new FaultyFiles(random), '/data', options);
  }

  get reader(): Queryable & ChunkQueryable {
    return headQueryable({
      files: this.files,
      directory: this.directory,
      kernels: new KernelPool(() => testKernel()),
      // As messages between threads would be.
      call: async (request) => {
        const { value, transfer } = this.head.read(structuredClone(request) as HeadRequest);
        return structuredClone(value, { transfer: [...transfer] });
      },
    });
  }

  ref(appender: Appender, labels: Labels): number {
    const key = labelsKey(labels);
    const ref = this.#refs.get(key) ?? appender.seriesRef(labels);
    this.#refs.set(key, ref);
    return ref;
  }

  close(): void {
    this.head.flush();
    this.writer.close();
    this.wal.close();
  }

  forgetRefs(): void {
    this.#refs.clear();
  }
}

/** Opens the disk anew, as after a death of the process. */
export function reopened(
  bench: TestHead<FaultyFiles>,
  options: TestHeadOptions = {},
): TestHead<FaultyFiles> {
  bench.files.restart('kill');
  return new TestHead(bench.files, bench.directory, options);
}

const scratch = new DataView(new ArrayBuffer(8));

/** Adds a row. */
export function appendValue(
  appender: Appender,
  ref: number,
  time: number,
  value: MemoryValue,
  isInteger: boolean,
): void {
  if (typeof value === 'object') appender.histogram(ref, time, value, isInteger);
  else {
    scratch.setFloat64(0, value === 'stale' ? 0 : value);
    const [high, low] =
      value === 'stale' ? [0x7ff00000, 2] : [scratch.getUint32(0), scratch.getUint32(4)];
    appender.float(ref, time, low, high);
  }
}

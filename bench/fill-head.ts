/**
 * `node bench/fill-head.ts SERIES DIRECTORY`: fills a head, with its log and its files of chunks, and prints by how many
 * bytes the Pss of the process has grown meanwhile.
 */
import { Kernel } from '../src/base/kernel.ts';
import { Head } from '../src/tsdb/head/head.ts';
import { HeadChunkWriter } from '../src/tsdb/head-chunks/head-chunk-writer.ts';
import { Wal } from '../src/tsdb/wal/wal.ts';
import { realFileSystem as files } from '../src/world/file-system.ts';
import { readKernelModule } from '../src/world/kernel-module.ts';
import { INTERVAL_MS, nextValue, ROUNDS, seriesLabels } from './head-load.ts';
import { pssBytes } from './memory.ts';

const BATCH_SERIES = 2000;
const [count = 0, directory = ''] = [Number(process.argv[2]), process.argv[3]];
const start = 1_700_000_000_000;
const module = readKernelModule();
// What is loaded and compiled does not grow with the series. It is kept: freeing it would make the growth smaller.
const warm = fill(new Kernel(module), `${directory}/warm`, 100);
const before = pssBytes(process.pid);
const head = fill(new Kernel(module, 2 ** 31), `${directory}/full`, count);
const bytes = pssBytes(process.pid) - before;
const { floatsAppended } = head.counters;
process.stdout.write(JSON.stringify({ bytes, floatsAppended, warm: warm.stats().series }));

function fill(kernel: Kernel, path: string, series: number): Head {
  const log = Wal.open({ files, directory: `${path}/wal`, kernel });
  const chunkFiles = new HeadChunkWriter({ files, directory: `${path}/chunks_head` });
  const filled = new Head({ kernel, chunkFiles, log });
  log.replay(filled.replay);
  filled.finishReplay();
  const appender = filled.appender();
  const refs = new Float64Array(series);
  const values = new Float64Array(series);
  const words = new Uint32Array(values.buffer);
  for (let round = 0; round < ROUNDS; round++) {
    const time = start + round * INTERVAL_MS;
    for (let i = 0; i < series; i++) {
      if (round === 0) refs[i] = appender.seriesRef(seriesLabels(i));
      values[i] = nextValue(i, round, values[i] as number);
      const [low, high] = [words[2 * i] as number, words[2 * i + 1] as number];
      appender.float(refs[i] as number, time, low, high);
      if (i % BATCH_SERIES === BATCH_SERIES - 1) appender.commit();
    }
    appender.commit();
  }
  return filled;
}

/** Entry of the thread that owns a server's storage and appends what is scraped. */
import { parentPort, workerData } from 'node:worker_threads';
import { must } from '../base/assert.ts';
import { OperationError, plainFailure, withCauses } from '../base/errors.ts';
import { Kernel } from '../base/kernel.ts';
import { dbStorage } from '../ingest/db-storage.ts';
import { createIngestService } from '../ingest/ingest-service.ts';
import type { FromIngest, IngestEvent, ToIngest } from '../ingest/protocol.ts';
import { serveIngest } from '../ingest/serve-ingest.ts';
import { threadLogger } from '../ingest/thread-logger.ts';
import { createPageIngester } from '../scrape/page-ingester.ts';
import { compactionWorker } from '../tsdb/compact/compaction-worker.ts';
import { type Db, openDb } from '../tsdb/db.ts';
import { DEFAULT_DB_OPTIONS } from '../tsdb/db-options.ts';
import { realClock } from '../world/clock.ts';
import { realFileSystem } from '../world/file-system.ts';
import { readKernelModule } from '../world/kernel-module.ts';
import { realRandom } from '../world/random.ts';
import { realWorkerHost } from '../world/worker-host.ts';
import type { IngestWorkerData } from './ingest-worker-data.ts';
import { threadEntry } from './thread-entry.ts';

/** For pages, and for the chunks of a block that is being written. */
const WORK_KERNEL_BYTES = 512 << 20;

const data = workerData as IngestWorkerData;
const parent = must(parentPort, 'this file is the entry of a worker thread');
const post = (message: FromIngest, transfer: readonly ArrayBuffer[] = []): void =>
  parent.postMessage(message, [...transfer]);
const tell = (event: IngestEvent): void => post({ kind: 'event', event });
const module = readKernelModule();

try {
  serve();
} catch (error) {
  if (!(error instanceof OperationError)) throw error;
  tell({ kind: 'broken', failure: plainFailure(withCauses(error)) });
}

function serve(): void {
  const startedMs = realClock.monotonicMs();
  const db = open();
  const replayMs = realClock.monotonicMs() - startedMs;
  const ingester = createPageIngester({
    kernel: new Kernel(module, WORK_KERNEL_BYTES),
    appender: db.appender(),
    clock: realClock,
  });
  const storage = dbStorage({ db, settings: data.settings, replayMs });
  serveIngest({
    port: {
      post,
      onMessage: (listener) => void parent.on('message', (message: ToIngest) => listener(message)),
    },
    clock: realClock,
    handler: createIngestService({ storage, ingester }),
  });
}

function open(): Db {
  const { directory, settings, headMemoryBytes, walSegmentBytes } = data;
  return openDb({
    files: realFileSystem,
    directory,
    kernel: new Kernel(module, headMemoryBytes),
    openKernel: () => new Kernel(module, WORK_KERNEL_BYTES),
    clock: realClock,
    random: realRandom,
    log: threadLogger(tell),
    options: {
      retention: settings.retention,
      maxExemplars: settings.maxExemplars,
      minBlockMs: data.minBlockMs,
      maxBlockMs: data.maxBlockMs,
      lockFile: data.withLockFile,
      walCompression: data.walCompression,
      walSegmentBytes: walSegmentBytes ?? DEFAULT_DB_OPTIONS.walSegmentBytes,
    },
    worker: compactionWorker(realWorkerHost, threadEntry('compaction-worker')),
    onReplay: ({ firstSegment: min, lastSegment: max, segment: current }) =>
      tell({ kind: 'replay', progress: { min, max, current } }),
  });
}

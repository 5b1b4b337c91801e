/** Starts the ingest thread of a server. */
import { createIngestClient, type IngestClient } from '../ingest/ingest-client.ts';
import type { CommandContext } from './command.ts';
import type { IngestWorkerData } from './ingest-worker-data.ts';
import { threadEntry } from './thread-entry.ts';

/** Much of what the thread makes is short-lived: a small young generation is collected often and stays small. */
const YOUNG_MIB = 8;

/** The thread ends with the command. When it dies before, the process ends: nobody else has the head. */
export function startIngest(context: CommandContext, data: IngestWorkerData): IngestClient {
  const { workers, logger, resources } = context;
  const client = createIngestClient({
    worker: workers.start(threadEntry('ingest'), data, { youngMiB: YOUNG_MIB }),
    logger,
    onLost(error) {
      logger.error(
        'the ingest thread died and the process ends; what was acknowledged is in the write-ahead log',
        { err: error, stack: error.stack },
      );
      process.exit(1);
    },
  });
  resources.defer(() => client.close());
  return client;
}

/** Carries out the commands of ingestion on a storage that nobody else touches. */
import { unreachable } from '../base/assert.ts';
import type { Matcher } from '../model/matcher.ts';
import type { IngestPort, TargetKey } from '../scrape/ingest-port.ts';
import type { BlockName } from '../tsdb/block-list.ts';
import type { HeadCardinality } from '../tsdb/head/head-stats.ts';
import type { IngestStats } from './ingest-stats.ts';
import type {
  ExemplarsOfSeries,
  HeadReply,
  IngestAnswerOf,
  IngestCommand,
  IngestKind,
  IngestRequestOf,
  IngestSettings,
} from './protocol.ts';
import type { IngestAnswer, IngestHandler } from './serve-ingest.ts';

/**
 * The storage as ingestion sees it. What takes long is a promise: it is done in steps of background work. Calls throw
 * OperationError, or reject with it.
 */
export interface IngestStorage {
  /** What a reader of the head asks, in the head's own terms. */
  readHead(request: unknown): IngestAnswer;
  /** The blocks of this moment. */
  readonly blocks: readonly BlockName[];
  exemplars(
    selectors: readonly (readonly Matcher[])[],
    minTime: number,
    maxTime: number,
  ): readonly ExemplarsOfSeries[];
  stats(): IngestStats;
  cardinality(limit: number): HeadCardinality;
  deleteSeries(request: IngestRequestOf<'deleteSeries'>): Promise<void>;
  cleanTombstones(): Promise<void>;
  /** The name of the directory under `snapshots`. */
  snapshot(options: { readonly withHead: boolean }): Promise<string>;
  configure(settings: IngestSettings): void;
  /** Does background work for about the given time; false when nothing is due. */
  step(budgetMs: number): boolean;
  close(): Promise<void>;
}

export interface IngestServiceOptions {
  readonly storage: IngestStorage;
  /** Parses pages and appends them to the storage, without ever waiting for anything. */
  readonly ingester: IngestPort;
}

export function createIngestService({ storage, ingester }: IngestServiceOptions): IngestHandler {
  return {
    step: (budgetMs) => storage.step(budgetMs),
    async handle(command) {
      if (command.kind === 'head') return headReply(storage, command.request);
      return { value: await carryOut(storage, ingester, command), transfer: [] };
    },
  };
}

function headReply(storage: IngestStorage, request: unknown): IngestAnswer {
  const { value, transfer } = storage.readHead(request);
  const reply: HeadReply = { blocks: storage.blocks, head: value, buffers: transfer };
  return { value: reply, transfer };
}

async function carryOut(
  storage: IngestStorage,
  ingester: IngestPort,
  command: Exclude<IngestCommand, { readonly kind: 'head' }>,
): Promise<IngestAnswerOf<IngestKind>> {
  switch (command.kind) {
    case 'openTarget':
      ingester.openTarget(command.request.target, command.request.settings);
      return undefined;
    case 'ingest':
      return ingester.ingest(command.request);
    case 'endTarget':
      await ingester.endTarget(command.request.target, command.request.staleTimeMs);
      return undefined;
    case 'metadata':
      return metadataOf(ingester, command.request.targets, command.request.metric);
    case 'exemplars': {
      const { selectors, minTime, maxTime } = command.request;
      return storage.exemplars(selectors, minTime, maxTime);
    }
    case 'stats':
      return storage.stats();
    case 'cardinality':
      return storage.cardinality(command.request.limit);
    case 'deleteSeries':
      await storage.deleteSeries(command.request);
      return undefined;
    case 'cleanTombstones':
      await storage.cleanTombstones();
      return undefined;
    case 'snapshot':
      return storage.snapshot(command.request);
    case 'configure':
      storage.configure(command.request);
      return undefined;
    case 'close':
      await storage.close();
      return undefined;
    default:
      return unreachable(command);
  }
}

async function metadataOf(
  ingester: IngestPort,
  targets: readonly TargetKey[],
  metric: string,
): Promise<IngestAnswerOf<'metadata'>> {
  const found = [];
  for (const target of targets) {
    const all = await ingester.metadata(target);
    found.push(metric === '' ? all : all.filter((one) => one.metric === metric));
  }
  return found;
}

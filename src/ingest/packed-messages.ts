/**
 * The two messages of each scrape as plain lists: cloning names of fields and objects in objects for each page would take
 * as long as parsing a tenth of it.
 */
import type { IngestRequest, IngestResult, PageFormat } from '../scrape/ingest-port.ts';
import type { IngestCommand } from './protocol.ts';

/** The page, or the size of a body that was no page. */
export type PackedIngest = readonly [
  id: number,
  target: number,
  timeMs: number,
  elapsedMs: number,
  page: Uint8Array | number,
  format: PageFormat | '',
];

export type PackedResult = readonly [id: number, error: string, ...figures: number[]];

export function packIngest(id: number, request: IngestRequest): PackedIngest {
  const { target, timeMs, elapsedMs, outcome } = request;
  return outcome.kind === 'page'
    ? [id, target, timeMs, elapsedMs, outcome.bytes, outcome.format]
    : [id, target, timeMs, elapsedMs, outcome.bodySizeBytes, ''];
}

export function unpackIngest(message: PackedIngest): {
  readonly id: number;
  readonly command: IngestCommand;
} {
  const [id, target, timeMs, elapsedMs, page, format] = message;
  const outcome: IngestRequest['outcome'] =
    typeof page === 'number' || format === ''
      ? { kind: 'failed', bodySizeBytes: Number(page) }
      : { kind: 'page', bytes: page, format };
  return { id, command: { kind: 'ingest', request: { target, timeMs, elapsedMs, outcome } } };
}

export function packResult(id: number, result: IngestResult): PackedResult {
  const { counts } = result;
  return [
    id,
    result.error,
    result.durationMs,
    result.samplesScraped,
    result.samplesPostRelabel,
    result.seriesAdded,
    result.metadataEntries,
    result.metadataBytes,
    counts.outOfOrder,
    counts.duplicate,
    counts.outOfBounds,
    counts.exemplarOutOfOrder,
    counts.sampleLimit,
    counts.labelLimit,
    counts.bucketLimit,
  ];
}

export function unpackResult(message: PackedResult): IngestResult {
  const [, error, durationMs, samplesScraped, samplesPostRelabel, ...rest] = message;
  const [seriesAdded, metadataEntries, metadataBytes, ...counts] = rest;
  return {
    error,
    durationMs,
    samplesScraped,
    samplesPostRelabel,
    seriesAdded,
    metadataEntries,
    metadataBytes,
    counts: {
      outOfOrder: counts[0],
      duplicate: counts[1],
      outOfBounds: counts[2],
      exemplarOutOfOrder: counts[3],
      sampleLimit: counts[4],
      labelLimit: counts[5],
      bucketLimit: counts[6],
    },
  };
}

/** Gives the records of a log to a sink, each kind in its own call. */
import type { ByteCursor } from '../byte-cursor.ts';
import { readExemplars, readHistograms, readMetadata, readTombstones } from './record-reader.ts';
import type { SeriesRows } from './series-rows.ts';
import type { RecordVisitor } from './wal-reader.ts';
import {
  CUSTOM_FLOAT_HISTOGRAMS,
  CUSTOM_HISTOGRAMS,
  EXEMPLARS,
  FLOAT_HISTOGRAMS,
  FLOAT_HISTOGRAMS_ST,
  HISTOGRAMS,
  HISTOGRAMS_ST,
  METADATA,
  SERIES,
  TOMBSTONES,
  type WalSink,
} from './wal-records.ts';

export interface ReplayCounts {
  series: number;
  samples: number;
  /** Of types that nobody knows: they are left out. */
  unknownRecords: number;
}

export function replayVisitor(
  sink: WalSink,
  rows: SeriesRows,
  counts: ReplayCounts,
): RecordVisitor {
  return {
    samples(columns) {
      counts.samples += columns.count;
      sink.samples(columns);
    },
    record(type, cursor) {
      if (type === SERIES) {
        for (const batch of rows.batches(cursor)) {
          counts.series += batch.count;
          sink.series(batch);
        }
      } else if (isHistogramType(type)) {
        const records = readHistograms(cursor, type);
        counts.samples += records.length;
        sink.histograms(records);
      } else if (!replayRare(sink, type, cursor)) counts.unknownRecords++;
    },
  };
}

export function isHistogramType(type: number): boolean {
  switch (type) {
    case HISTOGRAMS:
    case FLOAT_HISTOGRAMS:
    case CUSTOM_HISTOGRAMS:
    case CUSTOM_FLOAT_HISTOGRAMS:
    case HISTOGRAMS_ST:
    case FLOAT_HISTOGRAMS_ST:
      return true;
    default:
      return false;
  }
}

/** Whether the type is known. */
function replayRare(sink: WalSink, type: number, cursor: ByteCursor): boolean {
  if (type === TOMBSTONES) sink.tombstones(readTombstones(cursor));
  else if (type === EXEMPLARS) sink.exemplars(readExemplars(cursor));
  else if (type === METADATA) sink.metadata(readMetadata(cursor));
  else return false;
  return true;
}

/** What the main thread of `prometheus` hands to its ingest thread at the start. */
import type { IngestSettings } from '../ingest/protocol.ts';

export interface IngestWorkerData {
  readonly directory: string;
  readonly settings: IngestSettings;
  /** Most memory of the head. */
  readonly headMemoryBytes: number;
  readonly minBlockMs: number;
  readonly maxBlockMs: number;
  readonly withLockFile: boolean;
  readonly walCompression: 'none' | 'snappy' | 'zstd';
  readonly walSegmentBytes: number | undefined;
}

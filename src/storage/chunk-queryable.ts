/**
 * The contract between who holds chunks (blocks, the head) and who hands them on without decoding them: remote read,
 * and whoever copies series from one place to another.
 */
import type { Labels } from '../model/labels.ts';
import type { SelectOptions, SelectRequest } from './queryable.ts';

export interface ChunkQueryable {
  /** As Queryable.select. `hints.func` 'series' asks for labels only: series come without chunks then. */
  selectChunks(request: SelectRequest, options: SelectOptions): Promise<ChunkSeriesSet>;
}

export interface EncodedChunk {
  /** Inclusive milliseconds, of the samples inside. */
  readonly minTime: number;
  readonly maxTime: number;
  /** As the files of Prometheus number encodings. */
  readonly encoding: number;
  /** Without length and checksum; valid until the set moves on. */
  readonly data: Uint8Array;
}

/** A cursor over series in ascending label order, each label set once. */
export interface ChunkSeriesSet extends Disposable {
  /** Complete after the last next(). */
  readonly warnings: readonly string[];
  /** Moves to the next series; false at the end. Throws OperationError 'corrupt' on bad bytes. */
  next(): boolean;
  /** Labels of the current series. */
  readonly labels: Labels;
  /**
   * Chunks of the current series that overlap the requested times, by minTime, then maxTime. They may reach beyond
   * these times and overlap each other.
   */
  chunks(): readonly EncodedChunk[];
}

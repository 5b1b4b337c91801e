/** What a target says about its metrics, kept for ten scrapes after it says no more. */
import type { Metadata } from '../model/metadata.ts';
import type { PageMetadata } from './exposition-reader.ts';
import type { MetricMetadata } from './ingest-port.ts';

const SCRAPES_KEPT = 10;

interface Entry extends Metadata {
  readonly seen: number;
}

export class TargetMetadata {
  readonly #byMetric: Map<string, Entry> = new Map();
  #sizeBytes = 0;
  #hasOld = false;

  /** Takes a line that stood in the page of a scrape; scrapes are numbered in order. */
  take(line: PageMetadata, scrape: number): void {
    const { type, help, unit } = this.#byMetric.get(line.name) ?? EMPTY;
    this.#byMetric.set(line.name, {
      type: line.kind === 'type' ? line.type : type,
      help: line.kind === 'help' ? line.text : help,
      unit: line.kind === 'unit' ? line.text : unit,
      seen: scrape,
    });
  }

  /** To be called after what a scrape brought was taken, if anything changed or is old. */
  forget(scrape: number): void {
    this.#sizeBytes = 0;
    this.#hasOld = false;
    for (const [metric, { type, help, unit, seen }] of this.#byMetric) {
      if (scrape - seen > SCRAPES_KEPT) this.#byMetric.delete(metric);
      else this.#sizeBytes += Buffer.byteLength(help) + unit.length + type.length;
      this.#hasOld ||= seen < scrape;
    }
  }

  /** Whether there is metadata that the last page did not say. */
  get hasOld(): boolean {
    return this.#hasOld;
  }

  get count(): number {
    return this.#byMetric.size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  list(): readonly MetricMetadata[] {
    return [...this.#byMetric]
      .map(([metric, { type, help, unit }]) => ({ metric, type, help, unit }))
      .sort((a, b) => (a.metric < b.metric ? -1 : 1));
  }
}

const EMPTY: Metadata = { type: 'unknown', help: '', unit: '' };

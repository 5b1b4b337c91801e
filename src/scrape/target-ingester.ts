/**
 * Appends the pages of one target: what it remembers from scrape to scrape is the look of the last page, the ref of each
 * of its series, and which of them go stale when they are gone. Source: the scrape loop of Prometheus 3.14.
 */
import type { Clock } from '../base/clock.ts';
import type { Kernel } from '../base/kernel.ts';
import type { Labels } from '../model/labels.ts';
import { STALE_HIGH, STALE_LOW } from '../model/stale.ts';
import { type Appender, OUTCOMES, type SeriesRef } from '../storage/appender.ts';
import type { IngestRequest, IngestResult, MetricMetadata, TargetSettings } from './ingest-port.ts';
import { NO_COUNTS, PagePass } from './page-pass.ts';
import { type PageMemory, rememberPage, STOOD_BEFORE, UNKNOWN } from './page-rows.ts';
import { readScrapedPage } from './read-scraped-page.ts';
import { ReportSeries, type ScrapeReport } from './report-series.ts';
import { type LabelPairs, sampleLabels } from './sample-labels.ts';
import { TargetMetadata } from './target-metadata.ts';

export interface IngesterParts {
  /** For pages alone: not the kernel of the head. */
  readonly kernel: Kernel;
  readonly appender: Appender;
  readonly clock: Clock;
}

/** Of a target whose every failed page has other series. */
const FAILED_KEYS_MAX = 100_000;

const NO_SERIES = OUTCOMES.indexOf('no-series');

/** The report of a scrape once it is known how many series it added. */
type ReportOf = (seriesAdded: number) => ScrapeReport;

export class TargetIngester {
  readonly #parts: IngesterParts;
  readonly #metadata = new TargetMetadata();
  readonly #report: ReportSeries;
  #settings: TargetSettings;
  #labelsOf: (pairs: LabelPairs) => Labels | undefined;
  #memory: PageMemory | undefined;
  /** By entry of the memory; 0 for lines, negative for series that relabeling drops. */
  #refs: Float64Array = new Float64Array(0);
  /** Those of series, in order, for pages that look like the last one; undefined when they may have changed. */
  #seriesRefs: Float64Array | undefined;
  /** By entry: 1 when a stale marker is due once the series is gone. */
  #tracked: Uint8Array = new Uint8Array(0);
  /** The last exemplars without a time of their own. */
  readonly #exemplars: Map<SeriesRef, string> = new Map();
  /** Series that pages with mistakes brought: they count as added once. */
  readonly #failedKeys: Set<string> = new Set();
  #scrapes = 0;

  constructor(parts: IngesterParts, settings: TargetSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#labelsOf = sampleLabels(settings);
    this.#report = new ReportSeries(parts.appender);
  }

  /** The new settings make the same labels of the same series. */
  change(settings: TargetSettings): void {
    this.#settings = settings;
    this.#labelsOf = sampleLabels(settings);
  }

  /** Throws OperationError when the head cannot take anything: then nothing was appended. */
  ingest(request: IngestRequest): IngestResult {
    const { kernel, appender } = this.#parts;
    const mark = kernel.arena.mark();
    this.#scrapes++;
    try {
      return this.#ingest(request);
    } catch (error) {
      appender.rollback();
      throw error;
    } finally {
      kernel.arena.release(mark);
      this.#free(request);
    }
  }

  /** Gives the memory of a page back that is not kept to read the next one against: V8 takes its time. */
  #free({ outcome }: IngestRequest): void {
    if (outcome.kind !== 'page' || outcome.bytes.buffer === this.#memory?.bytes.buffer) return;
    const { buffer, length } = outcome.bytes;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
  }

  /** Writes stale markers for everything, unless there never was a scrape. */
  end(timeMs: number): void {
    if (this.#scrapes === 0) return;
    this.#appendStale(this.#staleRefs(undefined), timeMs);
    this.#report.appendStale(this.#settings, timeMs);
    this.#parts.appender.commit();
  }

  metadata(): readonly MetricMetadata[] {
    return this.#metadata.list();
  }

  #ingest({ outcome, timeMs, elapsedMs }: IngestRequest): IngestResult {
    const { clock } = this.#parts;
    const startedMs = clock.monotonicMs();
    const pass = this.#collect(outcome, timeMs);
    const reportOf: ReportOf = (seriesAdded) => ({
      isUp: outcome.kind === 'page' && pass?.fault === undefined,
      durationMs: elapsedMs + clock.monotonicMs() - startedMs,
      samplesScraped: pass?.scraped ?? 0,
      samplesPostRelabel: pass?.kept ?? 0,
      seriesAdded,
      bodySizeBytes: outcome.kind === 'page' ? outcome.bytes.length : outcome.bodySizeBytes,
    });
    const report =
      pass === undefined || pass.fault !== undefined
        ? this.#appendFailure(pass, timeMs, reportOf)
        : this.#appendPage(pass, timeMs, reportOf);
    return {
      error: pass?.fault?.message ?? '',
      durationMs: report.durationMs,
      samplesScraped: report.samplesScraped,
      samplesPostRelabel: report.samplesPostRelabel,
      seriesAdded: report.seriesAdded,
      counts: pass?.counts ?? NO_COUNTS,
      metadataEntries: this.#metadata.count,
      metadataBytes: this.#metadata.sizeBytes,
    };
  }

  /** Reads the page and hands its rows to the appender. */
  #collect(outcome: IngestRequest['outcome'], timeMs: number): PagePass | undefined {
    if (outcome.kind !== 'page' || outcome.bytes.length === 0) return undefined;
    const { kernel, appender, clock } = this.#parts;
    const page = readScrapedPage(kernel, outcome, this.#settings, this.#memory);
    const pass = new PagePass({
      kernel,
      appender,
      page,
      settings: this.#settings,
      labelsOf: this.#labelsOf,
      knownRefs: this.#refs,
      seriesRefs: (this.#seriesRefs ??= seriesRefs(this.#refs)),
      lastExemplars: this.#exemplars,
      timeMs,
      nowMs: clock.nowMs(),
    });
    pass.collect();
    this.#takeMetadata(pass);
    return pass;
  }

  /** Nothing of the page stays but the series before its mistake: they do not go stale. */
  #appendFailure(pass: PagePass | undefined, timeMs: number, reportOf: ReportOf): ScrapeReport {
    this.#parts.appender.rollback();
    const fresh = pass?.freshKeys().filter((key) => !this.#failedKeys.has(key)) ?? [];
    const report = reportOf(fresh.length);
    if (this.#failedKeys.size < FAILED_KEYS_MAX) for (const key of fresh) this.#failedKeys.add(key);
    const stale = this.#staleRefs(pass);
    this.#appendAndReport(() => this.#appendStale(stale, timeMs), report, timeMs);
    for (let entry = 0; entry < this.#tracked.length; entry++) {
      this.#tracked[entry] &= pass?.hasSeen(entry) === true ? 1 : 0;
    }
    return report;
  }

  /** One batch with the report when all its series are known: they are what the report's last row counts. */
  #appendPage(pass: PagePass, timeMs: number, reportOf: ReportOf): ScrapeReport {
    const stale = this.#staleRefs(pass);
    this.#appendStale(stale, timeMs);
    if (pass.freshCount === 0) {
      const report = reportOf(0);
      const rows = pass.callCount + stale.length;
      const reportRows = this.#report.append(report, this.#settings, timeMs);
      const result = this.#parts.appender.commit();
      const isLost = result.outcomes.subarray(rows, rows + reportRows).includes(NO_SERIES);
      pass.judge(result);
      const again = isLost ? report : undefined;
      if (isLost) this.#report.forgetRefs();
      this.#mend(pass, timeMs, () => again);
      this.#remember(pass);
      return report;
    }
    pass.judge(this.#parts.appender.commit());
    const known = pass.freshKeys().filter((key) => this.#failedKeys.has(key)).length;
    this.#failedKeys.clear();
    const added = (): number => Math.max(0, pass.freshAppended - known);
    const report = this.#mend(pass, timeMs, () => reportOf(added())) as ScrapeReport;
    this.#remember(pass);
    return report;
  }

  /** A second batch: rows whose series the head forgot, stale markers of series that failed, the report. */
  #mend(
    pass: PagePass,
    timeMs: number,
    reportOf: () => ScrapeReport | undefined,
  ): ScrapeReport | undefined {
    if (pass.lost.length > 0) {
      pass.appendLost();
      this.#seriesRefs = undefined;
      pass.judge(this.#parts.appender.commit());
    }
    const failed = pass.failedEntries().filter((entry) => this.#tracked[entry] === 1);
    const report = reportOf();
    if (failed.length === 0 && report === undefined) return undefined;
    const stale = failed.map((entry) => this.#refs[entry]);
    this.#appendAndReport(() => this.#appendStale(stale, timeMs), report, timeMs);
    return report;
  }

  /** Commits what the callback appends, and a report; twice when the head forgot the report's series. */
  #appendAndReport(append: () => void, report: ScrapeReport | undefined, timeMs: number): void {
    append();
    if (report === undefined) {
      this.#parts.appender.commit();
      return;
    }
    this.#report.append(report, this.#settings, timeMs);
    if (!this.#parts.appender.commit().outcomes.includes(NO_SERIES)) return;
    this.#report.forgetRefs();
    this.#report.append(report, this.#settings, timeMs);
    this.#parts.appender.commit();
  }

  #appendStale(refs: readonly SeriesRef[], timeMs: number): void {
    for (const ref of refs) this.#parts.appender.float(ref, timeMs, STALE_LOW, STALE_HIGH);
  }

  /** Series of the last page that are not in this one, under whatever spelling. */
  #staleRefs(pass: PagePass | undefined): readonly SeriesRef[] {
    const gone: SeriesRef[] = [];
    if (pass?.sawAll === true) return gone;
    for (let entry = 0; entry < this.#tracked.length; entry++) {
      const isDue = this.#tracked[entry] === 1 && this.#refs[entry] > 0;
      if (isDue && pass?.hasSeen(entry) !== true) gone.push(this.#refs[entry]);
    }
    return pass === undefined ? gone : gone.filter((ref) => !pass.isFreshRef(ref));
  }

  #takeMetadata({ page, sawAll }: PagePass): void {
    if (sawAll && page.metadata.length === 0 && !this.#metadata.hasOld) return;
    const before = this.#memory?.lines ?? [];
    const { seen } = page.rows;
    for (const [entry, line] of before) {
      this.#metadata.take(line, seen[entry] === 0 ? this.#scrapes - 1 : this.#scrapes);
    }
    for (const line of page.metadata) this.#metadata.take(line, this.#scrapes);
    this.#metadata.forget(this.#scrapes);
  }

  #remember(pass: PagePass): void {
    const { page } = pass;
    const { rows, newLines } = page;
    const isTracked = (row: number): boolean =>
      pass.isAppended(row) && (!pass.hasTime(row) || this.#settings.trackTimestampsStaleness);
    if (pass.sawAll && newLines.length === 0 && rows.freshCount === 0) {
      if (rows.isPlain && pass.failedCount === 0) {
        this.#tracked.fill(1);
        return;
      }
      this.#tracked.fill(0);
      for (let row = 0; row < rows.count; row++) {
        if (isTracked(row)) this.#tracked[rows.entry(row)] = 1;
      }
      return;
    }
    const isKept = (row: number): boolean =>
      rows.entry(row) === UNKNOWN
        ? pass.isFirst(row) && (pass.isAppended(row) || pass.refs[row] < 0)
        : (rows.flags(row) & STOOD_BEFORE) === 0;
    const next = rememberPage(rows, this.#memory, newLines, isKept);
    this.#memory = next.memory;
    this.#seriesRefs = undefined;
    this.#refs = Float64Array.from(next.rows, (row) => (row === UNKNOWN ? 0 : pass.refs[row]));
    this.#tracked = Uint8Array.from(next.rows, (row) =>
      row !== UNKNOWN && isTracked(row) ? 1 : 0,
    );
  }
}

/** None when relabeling drops one of them: then each row has to be looked at. */
function seriesRefs(refs: Float64Array): Float64Array {
  return refs.some((ref) => ref < 0) ? new Float64Array(0) : refs.filter((ref) => ref !== 0);
}

/** What a write-ahead log holds, as those see it who write and replay it. */
import type { FloatHistogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { MetricType } from '../../model/metric-type.ts';
import type { Exemplar } from '../../model/sample.ts';

/** Types of records; those of float samples (2) are the kernel's. */
export const SERIES = 1;
export const TOMBSTONES = 3;
export const EXEMPLARS = 4;
export const METADATA = 6;
export const HISTOGRAMS = 7;
export const FLOAT_HISTOGRAMS = 8;
export const CUSTOM_HISTOGRAMS = 9;
export const CUSTOM_FLOAT_HISTOGRAMS = 10;
/** With start times; only read. */
export const SAMPLES_ST = 11;
export const HISTOGRAMS_ST = 12;
export const FLOAT_HISTOGRAMS_ST = 13;

export interface SeriesRecord {
  readonly ref: number;
  readonly labels: Labels;
}

/** Float samples as columns in the kernel's memory. */
export interface FloatColumns {
  /** Address of float64 refs of series. */
  readonly refs: number;
  /** Address of float64 milliseconds. */
  readonly times: number;
  /** Address of the values' bits. */
  readonly values: number;
  readonly count: number;
}

export interface HistogramRecord {
  readonly ref: number;
  readonly timeMs: number;
  readonly histogram: FloatHistogram;
  /** Its counts are whole numbers and are kept as such. */
  readonly isInteger: boolean;
}

export interface ExemplarRecord {
  readonly ref: number;
  readonly exemplar: Exemplar;
}

/** Both ends belong to it. */
export interface TombstoneRecord {
  readonly ref: number;
  readonly minTime: number;
  readonly maxTime: number;
}

/** An index is the byte that stands for it. */
export const METADATA_TYPES: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

export interface MetadataRecord {
  readonly ref: number;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** What is logged together. Records are written in the order of these fields. */
export interface WalRecords {
  readonly series?: readonly SeriesRecord[];
  readonly metadata?: readonly MetadataRecord[];
  readonly samples?: FloatColumns;
  readonly histograms?: readonly HistogramRecord[];
  readonly tombstones?: readonly TombstoneRecord[];
  readonly exemplars?: readonly ExemplarRecord[];
}

/** Series of a replayed record, in kernel memory. */
export interface SeriesBatch {
  readonly count: number;
  ref(i: number): number;
  /** Of the labels as a head takes them: u16 length, name, u16 length, value, … */
  labelsAddress(i: number): number;
  /** 0 when a text is longer than a head takes. */
  labelsLength(i: number): number;
  labels(i: number): Labels;
}

/** Takes what is replayed, in the order in which it was logged. All is valid only during the call. */
export interface WalSink {
  series(batch: SeriesBatch): void;
  metadata(records: readonly MetadataRecord[]): void;
  samples(columns: FloatColumns): void;
  histograms(records: readonly HistogramRecord[]): void;
  tombstones(records: readonly TombstoneRecord[]): void;
  exemplars(records: readonly ExemplarRecord[]): void;
}

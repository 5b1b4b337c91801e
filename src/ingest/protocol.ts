/** What the main thread and the ingest thread say to each other, as structured-clone messages. */
import type { PlainFailure } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { Exemplar } from '../model/sample.ts';
import type {
  IngestRequest,
  IngestResult,
  MetricMetadata,
  TargetKey,
  TargetSettings,
} from '../scrape/ingest-port.ts';
import type { LogFields, LogLevel } from '../telemetry/logger.ts';
import type { BlockName } from '../tsdb/block-list.ts';
import type { HeadCardinality } from '../tsdb/head/head-stats.ts';
import type { IngestStats } from './ingest-stats.ts';
import type { PackedIngest, PackedResult } from './packed-messages.ts';

/** What can be asked, by kind, with what it is answered. Commands are carried out in the order of their arrival. */
export interface IngestCommands {
  openTarget: {
    readonly request: { readonly target: TargetKey; readonly settings: TargetSettings };
    readonly answer: undefined;
  };
  ingest: { readonly request: IngestRequest; readonly answer: IngestResult };
  endTarget: {
    readonly request: { readonly target: TargetKey; readonly staleTimeMs: number | undefined };
    readonly answer: undefined;
  };
  /** In the order of the targets; an empty metric asks for all. */
  metadata: {
    readonly request: { readonly targets: readonly TargetKey[]; readonly metric: string };
    readonly answer: readonly (readonly MetricMetadata[])[];
  };
  /** What a reader of the head asks; its buffers move. */
  head: { readonly request: unknown; readonly answer: HeadReply };
  exemplars: {
    readonly request: {
      readonly selectors: readonly (readonly Matcher[])[];
      readonly minTime: number;
      readonly maxTime: number;
    };
    readonly answer: readonly ExemplarsOfSeries[];
  };
  stats: { readonly request: undefined; readonly answer: IngestStats };
  cardinality: { readonly request: { readonly limit: number }; readonly answer: HeadCardinality };
  deleteSeries: {
    readonly request: {
      readonly matchers: readonly Matcher[];
      readonly minTime: number;
      readonly maxTime: number;
    };
    readonly answer: undefined;
  };
  cleanTombstones: { readonly request: undefined; readonly answer: undefined };
  /** The name of the directory under `snapshots`. */
  snapshot: { readonly request: { readonly withHead: boolean }; readonly answer: string };
  configure: { readonly request: IngestSettings; readonly answer: undefined };
  close: { readonly request: undefined; readonly answer: undefined };
}

export type IngestKind = keyof IngestCommands;
export type IngestRequestOf<Kind extends IngestKind> = IngestCommands[Kind]['request'];
export type IngestAnswerOf<Kind extends IngestKind> = IngestCommands[Kind]['answer'];

/** One command of any kind. */
export type IngestCommand = {
  readonly [Kind in IngestKind]: {
    readonly kind: Kind;
    readonly request: IngestRequestOf<Kind>;
  };
}[IngestKind];

/** What a reader gets: the blocks and, of the same moment, the head. */
export interface HeadReply {
  readonly blocks: readonly BlockName[];
  readonly head: unknown;
  /** Buffers that lie in the head's part, for whoever moves it on. */
  readonly buffers: readonly ArrayBuffer[];
}

export interface ExemplarsOfSeries {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

/** What the configuration may change while the thread runs. */
export interface IngestSettings {
  readonly maxExemplars: number;
  readonly retention: RetentionSettings;
}

/** 0 is without bound. */
export interface RetentionSettings {
  readonly timeMs: number;
  readonly sizeBytes: number;
  /** Of the disk that the directory lies on. */
  readonly percentage: number;
}

export type ToIngest =
  | { readonly id: number; readonly command: IngestCommand }
  /** The command `ingest`. */
  | PackedIngest;

export type FromIngest =
  /** The answer to `ingest`. */
  | PackedResult
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: PlainFailure }
  | { readonly kind: 'event'; readonly event: IngestEvent };

export type IngestEvent =
  | { readonly kind: 'replay'; readonly progress: ReplayProgress }
  /** The storage is open: commands are answered from now on. */
  | { readonly kind: 'ready' }
  /** The storage could not be opened: the thread ends. */
  | { readonly kind: 'broken'; readonly failure: PlainFailure }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: LogFields;
    };

/** Segments of the write-ahead log. */
export interface ReplayProgress {
  readonly min: number;
  readonly max: number;
  readonly current: number;
}

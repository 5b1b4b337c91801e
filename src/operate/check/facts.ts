/** What `tsanos check` has found out about an HA set-up: plain data, so that every check is a function of it. */

export type LabelSet = Readonly<Record<string, string>>;

export interface HaFacts {
  readonly querier: QuerierFacts;
  readonly stores: readonly StoreFacts[];
  /** The querier was asked for series without deduplication; undefined when that failed. */
  readonly targets: readonly TargetFacts[] | undefined;
  /** Series of `up` that came back although replicas were to be merged. */
  readonly merged: readonly LabelSet[] | undefined;
  /** Warnings of the querier's answers: partial responses. */
  readonly warnings: readonly string[];
  /** Those that could be asked themselves. */
  readonly servers: readonly ServerFacts[];
  /** Addresses that look like a Prometheus and could not be asked, with the reason. */
  readonly unreached: readonly { readonly url: string; readonly reason: string }[];
  readonly metrics: MetricFacts;
  /** Of an objstore.yml, if one was given. */
  readonly bucket: BucketFacts | undefined;
  readonly expected: ExpectedStores;
}

/** Component type → how many must be connected; what the operator said, not a guess. */
export type ExpectedStores = ReadonlyMap<string, number>;

export interface QuerierFacts {
  readonly url: string;
  /** Why nothing could be asked; empty when it answers. */
  readonly fault: string;
  readonly version: string;
  readonly answerMs: number;
  /** Its clock minus ours, uncertain by a second; undefined when it does not tell. */
  readonly skewMs: number | undefined;
  /** Undefined when it does not tell its flags, as a query frontend of old. */
  readonly replicaLabels: readonly string[] | undefined;
}

/** An endpoint below the querier, as /api/v1/stores tells it. */
export interface StoreFacts {
  /** sidecar, store, rule, receive, query, unknown … */
  readonly type: string;
  readonly address: string;
  readonly fault: string;
  readonly labelSets: readonly LabelSet[];
  /** Milliseconds; -Infinity and Infinity for open ends. */
  readonly minTime: number;
  readonly maxTime: number;
}

/** One series of `up`, of one replica. */
export interface TargetFacts {
  readonly labels: LabelSet;
  readonly isUp: boolean;
  /** Of its newest sample: now minus its time, by the querier's clock. */
  readonly ageMs: number;
  /** Scrapes in the last half hour. */
  readonly scrapes: number;
}

/** A Prometheus, asked over its own HTTP API. */
export interface ServerFacts {
  readonly url: string;
  readonly externalLabels: LabelSet;
  readonly version: string;
  readonly skewMs: number | undefined;
  /** Undefined where the flag does not exist or is not told. */
  readonly minBlockMs: number | undefined;
  readonly maxBlockMs: number | undefined;
  /** Of --storage.tsdb.delay-compact-file.path. */
  readonly delaysCompaction: boolean;
  /** 0 when there is no limit. */
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly scrapeIntervalMs: number;
  readonly jobs: readonly string[];
  readonly isConfigGood: boolean;
  readonly corruptions: number;
  /** Undefined when nothing tells about the disk. */
  readonly storage: StorageFacts | undefined;
}

/** What components tell of themselves, through the querier. Empty where nobody scrapes them. */
export interface MetricFacts {
  /** Sidecars that cannot reach their Prometheus; undefined when no sidecar tells. */
  readonly lonelySidecars: readonly LabelSet[] | undefined;
  /** Whether blocks are uploaded at all. */
  readonly hasShipper: boolean;
  /** Failed uploads in the last hour. */
  readonly uploadFailures: readonly UploadFailure[];
  readonly builds: readonly Build[];
}

export interface UploadFailure {
  readonly instance: string;
  readonly count: number;
}

export interface Build {
  readonly program: 'Prometheus' | 'Thanos' | 'Tsanos';
  readonly instance: string;
  readonly version: string;
}

/** The disk of a Prometheus. */
export interface StorageFacts {
  readonly freeBytes: number;
  /** Blocks, chunks of the head and WAL. */
  readonly usedBytes: number;
  /** At the rate at which samples come in now; 0 when unknown. */
  readonly bytesPerDay: number;
}

export interface BucketFacts {
  readonly path: string;
  /** Why it cannot be read; empty when it can. */
  readonly fault: string;
  readonly type: string;
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly isInsecure: boolean;
}

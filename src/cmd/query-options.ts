/** Options of `tsanos query`, spelled as Thanos' querier; `--block-dir` is ours alone. */
import { byteSize, duration, oneOf, path, restrict, text, wholeNumber } from './option-forms.ts';
import { many, type Option, type OptionValues, one, section, toggle } from './options.ts';

const atLeastOne = restrict(wholeNumber, 'a whole number of at least 1', (value) => value >= 1);

export const evaluationOptions: {
  readonly timeoutMs: Option<number>;
  readonly maxConcurrent: Option<number>;
  readonly maxConcurrentSelect: Option<number>;
  readonly lookbackMs: Option<number>;
  readonly evaluationIntervalMs: Option<number>;
  readonly defaultStepMs: Option<number>;
  readonly engineName: Option<'prometheus' | 'thanos'>;
  readonly maxSamples: Option<number>;
  readonly workers: Option<number>;
  readonly workerMemoryBytes: Option<number>;
  readonly features: Option<readonly string[]>;
} = section('Queries', {
  timeoutMs: one({
    flag: 'query.timeout',
    value: duration,
    initial: '2m',
    help: 'Longest time that a query may take.',
  }),
  maxConcurrent: one({
    flag: 'query.max-concurrent',
    value: atLeastOne,
    initial: '20',
    help: 'Most queries evaluated at the same time; more of them wait.',
  }),
  maxConcurrentSelect: one({
    flag: 'query.max-concurrent-select',
    value: atLeastOne,
    initial: '4',
    help: 'Most selectors of one query fetched at the same time.',
  }),
  lookbackMs: one({
    flag: 'query.lookback-delta',
    value: duration,
    initial: '5m',
    help: 'How old a sample may be and still be the value of its series.',
  }),
  evaluationIntervalMs: one({
    flag: 'query.default-evaluation-interval',
    value: duration,
    initial: '1m',
    help: 'Step of subqueries that name none.',
  }),
  defaultStepMs: one({
    flag: 'query.default-step',
    value: duration,
    initial: '1s',
    help: 'Smallest step of range queries that name none.',
  }),
  engineName: one({
    flag: 'query.promql-engine',
    value: oneOf('prometheus', 'thanos'),
    initial: 'prometheus',
    help: 'Accepted for compatibility: there is one engine, with the semantics of Prometheus.',
  }),
  maxSamples: one({
    flag: 'query.max-samples',
    value: atLeastOne,
    initial: '50000000',
    help: 'Most samples that one query may hold in memory at the same time.',
  }),
  workers: one({
    flag: 'query.workers',
    value: atLeastOne,
    initial: '2',
    help: 'Threads that evaluate queries.',
  }),
  workerMemoryBytes: one({
    flag: 'query.worker-memory',
    value: byteSize,
    initial: '1GB',
    help: 'Most memory that the queries of one thread may hold; a query that needs more is refused.',
  }),
  features: many({
    flag: 'enable-feature',
    value: text,
    separator: ',',
    help: 'Feature to enable: promql-experimental-functions, promql-extended-range-selectors, promql-binop-fill-modifiers, promql-delayed-name-removal.',
  }),
});

export const viewOptions: {
  readonly replicaLabels: Option<readonly string[]>;
  readonly deduplication: Option<'penalty' | 'chain'>;
  readonly partialResponse: Option<boolean>;
  readonly autoDownsampling: Option<boolean>;
  readonly metadataRangeMs: Option<number>;
} = section('Replicas and stores', {
  replicaLabels: many({
    flag: 'query.replica-label',
    value: text,
    separator: ',',
    help: 'Label that tells replicas apart: series equal but for it are folded into one. May be repeated.',
  }),
  deduplication: one({
    flag: 'deduplication.func',
    value: oneOf('penalty', 'chain'),
    initial: 'penalty',
    help: 'How replicas are folded: penalty sticks to one until it has a gap, for scraping pairs; chain takes every timestamp, for copies of the same samples.',
  }),
  partialResponse: toggle({
    flag: 'query.partial-response',
    initial: true,
    help: 'Answer with a warning where a store fails; without it the whole request fails.',
  }),
  autoDownsampling: toggle({
    flag: 'query.auto-downsampling',
    initial: false,
    help: 'Read downsampled data up to a fifth of the step where a request does not say.',
  }),
  metadataRangeMs: one({
    flag: 'query.metadata.default-time-range',
    value: duration,
    initial: '0s',
    help: 'How far back requests for series and labels look that name no start; 0s is without bound.',
  }),
});

export const blockOptions: {
  readonly blockDirectory: Option<string>;
  readonly blockCacheBytes: Option<number>;
} = section('Blocks', {
  blockDirectory: one({
    flag: 'block-dir',
    value: path,
    initial: '',
    help: "Directory of TSDB blocks (such as a Prometheus server's data directory) to query instead of stores. Ours alone.",
  }),
  blockCacheBytes: one({
    flag: 'block-cache-size',
    value: byteSize,
    initial: '320MiB',
    help: 'Bytes of decoded samples, index pages and chunks that each thread keeps of the blocks. Ours alone.',
  }),
});

export const webOptions: {
  readonly routePrefix: Option<string>;
  readonly externalPrefix: Option<string>;
  readonly prefixHeader: Option<string>;
  readonly disableCors: Option<boolean>;
} = section('Web', {
  routePrefix: one({
    flag: 'web.route-prefix',
    value: text,
    initial: '',
    help: 'Put before every path but those of probes and metrics. Default: --web.external-prefix.',
  }),
  externalPrefix: one({
    flag: 'web.external-prefix',
    value: text,
    initial: '',
    help: 'Prefix under which browsers see this component: before every link of its pages. A proxy that strips it needs --web.route-prefix=/.',
  }),
  prefixHeader: one({
    flag: 'web.prefix-header',
    value: text,
    initial: '',
    help: 'Request header that holds the external prefix, such as X-Forwarded-Prefix; counts where --web.external-prefix is not given. Only behind a proxy that sets it itself.',
  }),
  disableCors: toggle({
    flag: 'web.disable-cors',
    initial: false,
    help: 'Do not let pages of other origins read answers.',
  }),
});

export type EvaluationValues = OptionValues<typeof evaluationOptions>;
export type ViewValues = OptionValues<typeof viewOptions>;

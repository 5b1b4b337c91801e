/** The PromQL engine as a library (`tsanos/promql`): runs in Node and in browsers. */

export type {
  PreparedQuery,
  QueryFeatures,
  QueryRequest,
  RunOptions,
  RunOutcome,
} from './exec/query.ts';
export { DEFAULT_FEATURES, prepareQuery } from './exec/query.ts';
export { ResultCollector } from './exec/result-collector.ts';
export type { ResultKind, ResultSink, StepGrid } from './exec/result-sink.ts';

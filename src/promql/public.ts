/** The PromQL engine as a library (`tsanos/promql`): runs in Node and in browsers. */

export { Kernel } from '../base/kernel.ts';
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
export type { Expr, ValueType } from './parse/ast.ts';
export { FUNCTIONS, type FunctionSignature } from './parse/functions.ts';
export { ParseError } from './parse/parse-error.ts';
export { parseExpr, parseMetricSelector } from './parse/parse-expr.ts';
export { prettyExpr } from './parse/pretty.ts';
export { printExpr, printMatcher } from './parse/print.ts';
export { FULL_SYNTAX, STABLE_SYNTAX, type SyntaxOptions } from './parse/syntax-options.ts';
export { valueType } from './parse/value-type.ts';
export { children, walk } from './parse/walk.ts';

/** One query from text to JSON bytes, in one kernel. The same code in a worker and in place. */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { DEFAULT_FEATURES, prepareQuery, type QueryFeatures } from '../promql/exec/query.ts';
import type { Expr } from '../promql/parse/ast.ts';
import { parseExpr } from '../promql/parse/parse-expr.ts';
import type { SyntaxOptions } from '../promql/parse/syntax-options.ts';
import type { Queryable } from '../storage/queryable.ts';
import type { EngineRequest } from './engine.ts';
import { createJsonSink } from './json-sink.ts';
import type { WorkerAnswer } from './protocol.ts';

/** What is the same for every query of a process. */
export interface EngineSettings {
  readonly maxSamples: number;
  readonly noStepSubqueryIntervalMs: number;
  readonly syntax: SyntaxOptions;
  readonly features?: Partial<QueryFeatures>;
}

export interface Evaluation {
  readonly request: EngineRequest;
  readonly settings: EngineSettings;
  readonly queryable: Queryable;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly isCanceled: () => boolean;
}

/** Throws what Engine.query rejects with, except 'timeout'. */
export async function evaluate(evaluation: Evaluation): Promise<WorkerAnswer> {
  const { request, settings, queryable, kernel, clock, signal, isCanceled } = evaluation;
  const startedMs = clock.monotonicMs();
  using prepared = await prepareQuery(
    {
      query: request.query,
      expr: parse(request, settings),
      startMs: request.startMs,
      endMs: request.endMs,
      stepMs: request.stepMs,
      lookbackMs: request.lookbackMs,
      noStepSubqueryIntervalMs: settings.noStepSubqueryIntervalMs,
      maxSamples: settings.maxSamples,
      features: { ...DEFAULT_FEATURES, ...settings.features },
    },
    queryable,
    { signal },
  );
  const preparedMs = clock.monotonicMs();
  const mark = kernel.arena.mark();
  try {
    const sink = createJsonSink(kernel, request);
    const { statistics, annotations, storageWarnings } = prepared.run(kernel, sink, { isCanceled });
    const { slices, isTruncated } = sink.finish();
    const cut = isTruncated ? ['results truncated due to limit'] : [];
    return {
      resultSlices: slices,
      warnings: [...annotations.warnings, ...cut, ...storageWarnings],
      storageWarningCount: storageWarnings.length,
      infos: annotations.infos,
      statistics: {
        ...statistics,
        prepareMs: preparedMs - startedMs,
        evaluateMs: clock.monotonicMs() - preparedMs,
      },
    };
  } finally {
    kernel.arena.release(mark);
  }
}

function parse(request: EngineRequest, settings: EngineSettings): Expr {
  try {
    return parseExpr(request.query, settings.syntax);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new OperationError('bad-data', `invalid parameter "query": ${message}`);
  }
}

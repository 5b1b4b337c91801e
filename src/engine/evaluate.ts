/** One query from text to JSON bytes, in one kernel. The same code in a worker and in place. */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Kernel } from '../base/kernel.ts';
import { analysePlan } from '../promql/exec/analyse.ts';
import {
  DEFAULT_FEATURES,
  type PreparedQuery,
  prepareQuery,
  type QueryFeatures,
} from '../promql/exec/query.ts';
import { QueryProfile } from '../promql/exec/query-profile.ts';
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
  const { request, kernel, clock, isCanceled } = evaluation;
  const startedMs = clock.monotonicMs();
  const isAnalysed = request.isAnalysed === true;
  const profile = isAnalysed ? new QueryProfile(() => clock.monotonicMs()) : undefined;
  using prepared = await prepare(evaluation, profile);
  const preparedMs = clock.monotonicMs();
  const mark = kernel.arena.mark();
  try {
    const sink = createJsonSink(kernel, request);
    const outcome = prepared.run(kernel, sink, { isCanceled });
    const { statistics, annotations, storageWarnings } = outcome;
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
      ...(profile && { analysis: analysePlan(outcome.plan, request.query, profile) }),
    };
  } finally {
    kernel.arena.release(mark);
  }
}

/** Refuses what does not parse, and what is no expression for such a query, as Prometheus' API does. */
async function prepare(
  evaluation: Evaluation,
  profile: QueryProfile | undefined,
): Promise<PreparedQuery> {
  const { request, settings, queryable, signal } = evaluation;
  try {
    const { query, startMs, endMs, stepMs, lookbackMs } = request;
    const { countsWindows = false, countsSteps = false } = request;
    const expr = parseExpr(query, settings.syntax);
    const { noStepSubqueryIntervalMs, maxSamples } = settings;
    const features = { ...DEFAULT_FEATURES, ...settings.features };
    const times = { startMs, endMs, stepMs, lookbackMs, noStepSubqueryIntervalMs };
    const counted = { countsWindows, countsSteps, ...(profile && { profile }) };
    return await prepareQuery(
      { query, expr, ...times, maxSamples, features, ...counted },
      queryable,
      { signal },
    );
  } catch (error) {
    if (!(error instanceof OperationError) || error.kind !== 'bad-data') throw error;
    throw new OperationError('bad-data', `invalid parameter "query": ${error.message}`);
  }
}

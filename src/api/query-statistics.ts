/**
 * What a query tells about itself, as JSON: `stats` as Prometheus has them (util/stats), `analysis` as Thanos has it
 * (pkg/api/query), with members of our own beside theirs.
 */
import type { EngineStatistics } from '../engine/engine.ts';
import { printGoDuration } from '../model/duration.ts';
import { labelRecord } from '../model/labels.ts';
import { quoteText } from '../model/labels-text.ts';
import type { AnalysedEndpoint, AnalysedPart, ExplainedPart } from '../model/query-analysis.ts';

/** What `stats=` asks for; any text but these two gives the basic ones, with a warning. */
export interface WantedStatistics {
  readonly isWanted: boolean;
  readonly wantsSteps: boolean;
  readonly warnings: readonly string[];
}

export function statisticsParameter(query: URLSearchParams): WantedStatistics {
  const text = query.get('stats') ?? '';
  const isKnown = ['', 'true', 'all'].includes(text);
  const deprecation =
    `value ${quoteText(text)} for parameter "stats" is deprecated and will be rejected in the ` +
    'next major release, use "true" or "all"';
  return {
    isWanted: text !== '',
    wantsSteps: text === 'all',
    warnings: isKnown ? [] : [deprecation],
  };
}

export function statisticsJson(statistics: EngineStatistics): unknown {
  const { queueMs, prepareMs, evaluateMs, totalSamples, samplesRead, peakSamples } = statistics;
  const { steps } = statistics;
  const byStep = (counts: Float64Array | undefined): readonly [number, number][] | undefined =>
    counts &&
    steps &&
    Array.from(counts, (count, k) => [(steps.startMs + k * steps.stepMs) / 1000, count]);
  return {
    timings: {
      evalTotalTime: (prepareMs + evaluateMs) / 1000,
      resultSortTime: 0,
      queryPreparationTime: prepareMs / 1000,
      innerEvalTime: evaluateMs / 1000,
      execQueueTime: queueMs / 1000,
      execTotalTime: (queueMs + prepareMs + evaluateMs) / 1000,
    },
    samples: {
      totalQueryableSamplesPerStep: byStep(steps?.totalSamples),
      totalQueryableSamples: totalSamples,
      samplesReadPerStep: byStep(steps?.samplesRead),
      samplesRead,
      peakSamples,
    },
  };
}

export function explainJson({ name, kind, start, end, children }: ExplainedPart): unknown {
  return { name, ...someOf({ children: children.map(explainJson) }), kind, start, end };
}

export function analysisJson(part: AnalysedPart): unknown {
  const { executionMs, selfMs, totalSamples, peakSamples, series, samples, read } = part;
  const { name, kind, start, end, children } = part;
  return {
    name,
    executionTime: printGoDuration(executionMs),
    peakSamples,
    totalSamples,
    ...someOf({
      fanout: (read?.endpoints ?? []).map(endpointJson),
      children: children.map(analysisJson),
    }),
    kind,
    start,
    end,
    executionMs: rounded(executionMs),
    selfMs: rounded(selfMs),
    series,
    samples,
    ...(read && {
      waitMs: rounded(read.waitMs),
      bytes: read.bytes,
      chunks: read.chunks,
      cacheHits: read.cacheHits,
    }),
  };
}

function endpointJson(endpoint: AnalysedEndpoint): unknown {
  const { address, durationMs, bytes, responses, series, chunks, samples, failure } = endpoint;
  return {
    endpointAddr: address,
    duration: printGoDuration(durationMs),
    bytesProcessed: bytes,
    numResponses: responses,
    series,
    chunks,
    samples,
    durationMs: rounded(durationMs),
    labelSets: endpoint.labelSets.map(labelRecord),
    error: failure,
  };
}

/** Empty lists are left out. */
function someOf(lists: Readonly<Record<string, readonly unknown[]>>): object {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

/** To microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The answers to a panel's questions. The last one stays while the next is on its way; a result is let go soon. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { askApi, askApiBytes } from '../data/api.ts';
import type { ApiFailure } from '../data/api-failure.ts';
import type { RangeResult } from '../graph/matrix.ts';
import { readRange } from '../graph/read-range.ts';
import type { InstantResult } from '../graph/result-rows.ts';
import type { AnalysisNode } from './explain-tree.ts';
import type { ApiRequest, TimeGrid } from './query-request.ts';
import type { QueryStatistics } from './statistics.ts';
import type { Run } from './use-run.ts';

export type InstantData = InstantResult & {
  readonly stats?: QueryStatistics;
  readonly analysis?: AnalysisNode;
};

export interface Answered<T> {
  readonly value: T;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** From sending to having read it. */
  readonly tookMs: number;
  readonly request: ApiRequest;
}

export interface Result<T> {
  readonly answer: Answered<T> | undefined;
  /** The answer is that of an earlier question. */
  readonly isOld: boolean;
  readonly failure: ApiFailure | undefined;
  readonly isRunning: boolean;
  readonly isCanceled: boolean;
  cancel(): void;
}

export interface Question {
  readonly run: Run;
  readonly request: ApiRequest;
  readonly isWanted: boolean;
}

export interface RangeQuestion extends Question {
  readonly grid: TimeGrid;
}

export function useInstantResult(question: Question): Result<InstantData> {
  return useResult('instant', question, async ({ path, parameters }, signal) => {
    const answer = await askApi<InstantData>(path, parameters, { signal });
    return { value: answer.data, warnings: answer.warnings, infos: answer.infos };
  });
}

export function useRangeResult({ grid, ...question }: RangeQuestion): Result<RangeResult> {
  return useResult('range', question, async ({ path, parameters }, signal) => {
    const bytes = await askApiBytes(path, parameters, { signal });
    const value = await readRange(bytes, grid, signal);
    return { value, warnings: value.warnings, infos: value.infos };
  });
}

type Read<T> = Pick<Answered<T>, 'value' | 'warnings' | 'infos'>;
type Ask<T> = (request: ApiRequest, signal: AbortSignal) => Promise<Read<T>>;

/** How long an answer that is not looked at any more is kept. */
export const KEPT_MS = 30_000;

function useResult<T>(kind: string, { run, request, isWanted }: Question, ask: Ask<T>): Result<T> {
  const client = useQueryClient();
  const [canceledRun, setCanceledRun] = useState<number | undefined>(undefined);
  const isCanceled = canceledRun === run.id;
  const queryKey = ['panel', kind, run.id, request.path, request.parameters];
  const found = useQuery<Answered<T>, ApiFailure>({
    queryKey,
    queryFn: async ({ signal }) => {
      const sentMs = performance.now();
      const read = await ask(request, signal);
      return { ...read, request, tookMs: performance.now() - sentMs };
    },
    enabled: isWanted && !isCanceled,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
    retry: false,
  });
  return {
    answer: found.data,
    isOld: found.isPlaceholderData,
    failure: found.error ?? undefined,
    isRunning: found.isFetching,
    isCanceled,
    cancel: () => {
      setCanceledRun(run.id);
      void client.cancelQueries({ queryKey, exact: true });
    },
  };
}

/** Questions to the API as React queries: kept, shared, canceled when nobody waits, and repeated only where that helps. */
import {
  keepPreviousData,
  QueryClient,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query';
import { type ApiAnswer, type ApiParameters, askApi } from './api.ts';
import { ApiFailure } from './api-failure.ts';

export interface UseApiOptions {
  /** Asked again so often while the page is visible. */
  readonly refreshMs?: number;
  /** False: not asked yet. */
  readonly isWanted?: boolean;
  /** How long an answer is as good as a new one. */
  readonly freshMs?: number;
}

/** How long an answer that no part of the page looks at is kept, unless it is good for longer. */
const KEPT_MS = 30_000;

/** The last answer stays while another question is asked: `isPlaceholderData` tells. */
export function useApi<T>(
  path: string,
  parameters: ApiParameters = {},
  { refreshMs, isWanted = true, freshMs = 0 }: UseApiOptions = {},
): UseQueryResult<ApiAnswer<T>, ApiFailure> {
  return useQuery<ApiAnswer<T>, ApiFailure>({
    queryKey: [path, parameters],
    queryFn: ({ signal }) => askApi<T>(path, parameters, { signal }),
    placeholderData: keepPreviousData,
    enabled: isWanted,
    staleTime: freshMs,
    gcTime: Math.max(KEPT_MS, freshMs),
    refetchInterval: refreshMs ?? false,
  });
}

const ATTEMPTS_MAX = 3;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures + 1 < ATTEMPTS_MAX && isWorthRepeating(error),
        retryDelay: (failures) => 300 * 2 ** failures,
        refetchOnWindowFocus: false,
        networkMode: 'always',
      },
    },
  });
}

function isWorthRepeating(error: Error): boolean {
  return error instanceof ApiFailure && (error.kind === 'network' || error.kind === 'unavailable');
}

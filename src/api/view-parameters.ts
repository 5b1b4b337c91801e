/** Thanos' request parameters that say how the storage is seen: dedup, replicaLabels[], storeMatch[] … */
import { errorText, OperationError } from '../base/errors.ts';
import type { Matcher } from '../model/matcher.ts';
import { parseMetricSelector } from '../promql/parse/parse-expr.ts';
import type { QueryView } from '../storage/query-view.ts';
import { durationParameter, invalidParameter, switchParameter } from './parameters.ts';

const RESOLUTIONS: Readonly<Record<string, number>> = {
  '0': 0,
  '0s': 0,
  '5m': 300_000,
  '1h': 3_600_000,
};

/** What a request that names nothing gets. */
export type ViewDefaults = QueryView & {
  /** Without a request's word, take data as coarse as a fifth of the step. */
  readonly autoDownsampling: boolean;
  /** Of a server of its own, which knows nothing of these parameters: what requests say is passed over. */
  readonly isFixed?: boolean;
};

/** @param stepMs for `max_source_resolution=auto`; 0 for instant queries and metadata. */
export function viewParameters(
  query: URLSearchParams,
  defaults: ViewDefaults,
  stepMs: number,
): QueryView {
  if (defaults.isFixed === true) return defaults;
  const replicaLabels = query.getAll('replicaLabels[]').flatMap((text) => text.split(','));
  return {
    deduplicate: switchParameter(query, 'dedup', defaults.deduplicate),
    replicaLabels: replicaLabels.length > 0 ? replicaLabels : defaults.replicaLabels,
    partialResponse: switchParameter(query, 'partial_response', defaults.partialResponse),
    storeMatchers: selectorsParameter(query, 'storeMatch[]'),
    maxSourceResolutionMs: resolutionParameter(query, defaults, stepMs),
  };
}

function resolutionParameter(
  query: URLSearchParams,
  defaults: ViewDefaults,
  stepMs: number,
): number {
  const name = 'max_source_resolution';
  const text = query.get(name) ?? '';
  const auto = Math.floor(stepMs / 5);
  if (text === 'auto') return auto;
  if (text === '') return defaults.autoDownsampling ? auto : defaults.maxSourceResolutionMs;
  const resolution = RESOLUTIONS[text] ?? durationParameter(query, name);
  if (resolution < 0) {
    const text = `negative '${name}' is not accepted. Try a positive integer`;
    throw new OperationError('bad-data', text);
  }
  return resolution;
}

/** Every value must be a series selector; 'bad-data' says where it is none, by default naming the parameter. */
export function selectorsParameter(
  query: URLSearchParams,
  name: string,
  refuse: (reason: string) => OperationError = (reason) => invalidParameter(name, reason),
): readonly (readonly Matcher[])[] {
  return query.getAll(name).map((text) => {
    try {
      return parseMetricSelector(text);
    } catch (error) {
      throw refuse(errorText(error));
    }
  });
}

/** Asks for everything that the live picture shows, every few seconds, and keeps the last state when nothing answers. */
import { useMemo } from 'react';
import type { ApiAnswer } from '../data/api.ts';
import type { ApiFailure } from '../data/api-failure.ts';
import { serverSettings } from '../data/server-settings.ts';
import { useApi } from '../data/use-api.ts';
import { FIGURES_QUERY, labelNames, lagQuery, readFigures, type VectorSample } from './figures.ts';
import {
  type ActiveTarget,
  assembleSystem,
  labelsText,
  type StoreStatus,
  type SystemComponent,
  type SystemModel,
} from './system-model.ts';

const REFRESH_MS = 5000;

interface Vector {
  readonly result: readonly VectorSample[];
}

export interface System {
  /** Undefined until the first answers are there. */
  readonly model: SystemModel | undefined;
  readonly components: readonly SystemComponent[];
  /** When the state shown was told; milliseconds since the epoch. */
  readonly updatedMs: number;
  /** The server does not answer any more. */
  readonly isStale: boolean;
  readonly failure: ApiFailure | null;
  readonly warnings: readonly string[];
}

interface Asked {
  readonly isPending: boolean;
  readonly isFetched: boolean;
  readonly failure: ApiFailure | null;
  readonly updatedMs: number;
}

export function useSystem(): System {
  const { component } = serverSettings();
  const system = useSupervisor(component === 'up');
  const isOverStores = component !== 'prometheus';
  const stores = useApi<Stores>('/api/v1/stores', {}, options(isOverStores));
  const targets = useApi<Targets>('/api/v1/targets', { state: 'active' }, options(true));
  const figures = useApi<Vector>('/api/v1/query', { query: FIGURES_QUERY }, options(true));
  const lag = useLag(stores.data?.data, isOverStores);
  const sources = useMemo(() => {
    const { byInstance, attempts } = readFigures(figures.data?.data.result ?? []);
    return {
      component,
      ownAddress: location.host,
      components: system.data?.data.components,
      stores: stores.data?.data,
      targets: targets.data?.data.activeTargets,
      figures: byInstance,
      attempts,
      lagMs: readLag(lag.data?.data.result ?? []),
    };
  }, [component, system.data, stores.data, targets.data, figures.data, lag.data]);
  const model = useMemo(() => assembleSystem(sources), [sources]);
  const asked = [
    ...(component === 'up' ? [system] : []),
    ...(isOverStores ? [stores] : []),
    targets,
    figures,
  ].map(askedOf);
  const answered = asked.filter(({ updatedMs }) => updatedMs > 0);
  const updatedMs = Math.max(0, ...asked.map((one) => one.updatedMs));
  return {
    model: answered.length > 0 && asked.every(({ isFetched }) => isFetched) ? model : undefined,
    components: system.data?.data.components ?? [],
    updatedMs,
    isStale: answered.length > 0 && asked.every(({ failure }) => failure !== null),
    failure: asked.find(({ failure }) => failure !== null)?.failure ?? null,
    warnings: warningsOf([stores.data, targets.data, figures.data, lag.data]),
  };
}

type Stores = Readonly<Record<string, readonly StoreStatus[]>>;

interface Targets {
  readonly activeTargets: readonly ActiveTarget[];
}

const options = (isWanted: boolean) => ({ refreshMs: REFRESH_MS, isWanted });

/** An entry that stands alone has no supervisor, says so once, and is not asked again. */
function useSupervisor(isWanted: boolean) {
  const path = '/api/v1/system';
  const first = useApi<{ readonly components: readonly SystemComponent[] }>(path, {}, { isWanted });
  const isThere = first.error?.kind !== 'not_found';
  return useApi<{ readonly components: readonly SystemComponent[] }>(
    path,
    {},
    options(isWanted && isThere),
  );
}

function useLag(stores: Stores | undefined, isOverStores: boolean) {
  const names = useMemo(
    () =>
      labelNames(
        Object.values(stores ?? {})
          .flat()
          .flatMap(({ labelSets }) => labelSets),
      ),
    [stores],
  );
  const isWanted = !isOverStores || names.length > 0;
  return useApi<Vector>(
    '/api/v1/query',
    { query: lagQuery(names), dedup: false },
    options(isWanted),
  );
}

function readLag(result: readonly VectorSample[]): ReadonlyMap<string, number> {
  return new Map(
    result.map(({ metric, value }) => [
      labelsText(metric),
      Math.max(0, Math.round(Number(value[1]) * 1000)),
    ]),
  );
}

function askedOf(query: {
  readonly isPending: boolean;
  readonly isFetched: boolean;
  readonly error: ApiFailure | null;
  readonly dataUpdatedAt: number;
}): Asked {
  const { isPending, isFetched, error: failure, dataUpdatedAt: updatedMs } = query;
  return { isPending, isFetched, failure, updatedMs };
}

function warningsOf(answers: readonly (ApiAnswer<unknown> | undefined)[]): readonly string[] {
  return [...new Set(answers.flatMap((answer) => answer?.warnings ?? []))];
}

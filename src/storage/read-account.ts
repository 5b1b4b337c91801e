/** Where storages write down what it costs to read a selected set, for queries that tell about themselves. */
import type { ChunkAccount } from '../chunk/columns.ts';
import type { Labels } from '../model/labels.ts';

export interface ReadAccount extends ChunkAccount {
  /** Series whose decoded samples were kept from an earlier query: nothing of them was read again. */
  cachedSeries: number;
  /** Who was asked over the network, if anybody. */
  endpoints: readonly EndpointAccount[];
}

export interface EndpointAccount {
  readonly address: string;
  /** External labels of what it holds. */
  readonly labelSets: readonly Labels[];
  /** From the call to the end of its answer. */
  readonly durationMs: number;
  readonly bytes: number;
  readonly responses: number;
  /** Why its answer is not complete. */
  readonly failure: string | undefined;
  series: number;
  chunks: number;
  samples: number;
}

export function readAccount(): ReadAccount {
  return { chunks: 0, bytes: 0, cachedSeries: 0, endpoints: [] };
}

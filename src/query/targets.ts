/** Targets of every endpoint that scrapes some. Those that differ in replica labels alone are one. */
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { dropLabels, type Labels, labelRecord, labelsKey } from '../model/labels.ts';
import {
  type ActiveTarget,
  TargetsRequest_State as RequestState,
  TargetHealth,
  Targets,
  TargetsRequestSchema,
  TargetsResponseSchema,
} from '../wire/gen/thanos/targets_pb.ts';
import { encodeMessage, methodPath } from '../wire/message.ts';
import { askEndpoints } from './ask-endpoints.ts';
import { type Endpoint, labelsOfSet } from './endpoint.ts';

export interface TargetsRequest {
  readonly state: 'any' | 'active' | 'dropped';
  readonly deduplicate: boolean;
  readonly replicaLabels: readonly string[];
  readonly partialResponse: boolean;
  readonly signal: AbortSignal;
}

export interface TargetsAnswer {
  /** As /api/v1/targets shows them. */
  readonly activeTargets: readonly unknown[];
  readonly droppedTargets: readonly unknown[];
  readonly warnings: readonly string[];
}

const STATES = {
  any: RequestState.ANY,
  active: RequestState.ACTIVE,
  dropped: RequestState.DROPPED,
} as const;

const HEALTHS: Readonly<Record<TargetHealth, string>> = {
  [TargetHealth.DOWN]: 'down',
  [TargetHealth.UP]: 'up',
  [TargetHealth.UNKNOWN]: 'unknown',
};

interface Seen {
  readonly labels: Labels;
  readonly discovered: Labels;
  readonly target: ActiveTarget;
}

export async function fetchTargets(
  endpoints: readonly Endpoint[],
  request: TargetsRequest,
): Promise<TargetsAnswer> {
  const { partialResponse, signal } = request;
  const replicas = new Set(request.deduplicate ? request.replicaLabels : []);
  const encoded = encodeMessage(TargetsRequestSchema, { state: STATES[request.state] });
  const active = new Map<string, Seen>();
  const dropped = new Map<string, Labels>();
  const told: string[] = [];
  const failed = await askEndpoints(
    endpoints,
    {
      what: 'targets',
      api: 'targets',
      method: methodPath(Targets.method.targets),
      request: () => encoded,
      response: TargetsResponseSchema,
      partialResponse,
      signal,
    },
    ({ result }) => {
      if (result.case === 'warning') told.push(result.value);
      if (result.case !== 'targets') return;
      for (const target of result.value.activeTargets) {
        const labels = dropLabels(labelsOfSet(target.labels), replicas);
        const discovered = dropLabels(labelsOfSet(target.discoveredLabels), replicas);
        const key = [target.scrapePool, target.scrapeUrl, labelsKey(labels)].join('\u{fe}');
        const known = active.get(key);
        if (known === undefined || isNewer(target, known.target)) {
          active.set(key, { labels, discovered, target });
        }
      }
      for (const { discoveredLabels } of result.value.droppedTargets) {
        const labels = dropLabels(labelsOfSet(discoveredLabels), replicas);
        dropped.set(labelsKey(labels), labels);
      }
    },
  );
  return {
    activeTargets: [...active.values()].map(activeJson),
    droppedTargets: [...dropped.values()].map((labels) => ({
      discoveredLabels: labelRecord(labels),
    })),
    warnings: [...new Set([...failed, ...told])],
  };
}

function isNewer(a: ActiveTarget, b: ActiveTarget): boolean {
  return scrapeTime(a) > scrapeTime(b);
}

function scrapeTime({ lastScrape }: ActiveTarget): number {
  return lastScrape === undefined ? 0 : timestampDate(lastScrape).getTime();
}

function activeJson({ labels, discovered, target }: Seen): unknown {
  return {
    discoveredLabels: labelRecord(discovered),
    labels: labelRecord(labels),
    scrapePool: target.scrapePool,
    scrapeUrl: target.scrapeUrl,
    globalUrl: target.globalUrl,
    lastError: target.lastError,
    lastScrape: new Date(scrapeTime(target)).toISOString(),
    lastScrapeDuration: target.lastScrapeDuration,
    health: HEALTHS[target.health],
  };
}

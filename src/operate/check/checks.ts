/** Every check of an HA set-up, in the order of the report. */
import {
  checkExternalLabels,
  checkQuerier,
  checkReplicaLabel,
  checkReplicas,
  checkSidecars,
  checkStores,
} from './check-endpoints.ts';
import { checkClocks, checkLag, checkTargets } from './check-series.ts';
import {
  checkBlockDurations,
  checkBucket,
  checkConfigs,
  checkHistory,
  checkRetention,
  checkServers,
  checkVersions,
} from './check-servers.ts';
import type { HaFacts } from './facts.ts';
import type { Check, Finding } from './finding.ts';

export const CHECKS: readonly Check[] = [
  { id: 'querier', run: checkQuerier },
  { id: 'stores', run: checkStores },
  { id: 'sidecars', run: checkSidecars },
  { id: 'replicas', run: checkReplicas },
  { id: 'replica-label', run: checkReplicaLabel },
  { id: 'external-labels', run: checkExternalLabels },
  { id: 'lag', run: checkLag },
  { id: 'targets', run: checkTargets },
  { id: 'clocks', run: checkClocks },
  { id: 'servers', run: checkServers },
  { id: 'configs', run: checkConfigs },
  { id: 'blocks', run: checkBlockDurations },
  { id: 'retention', run: checkRetention },
  { id: 'versions', run: checkVersions },
  { id: 'history', run: checkHistory },
  { id: 'bucket', run: checkBucket },
];

export interface CheckedFinding extends Finding {
  readonly check: string;
}

/** Without a querier nothing else can be told but what is wrong with a given objstore.yml. */
export function runChecks(facts: HaFacts): readonly CheckedFinding[] {
  const isAway = facts.querier.fault !== '';
  const checks = isAway ? CHECKS.filter(({ id }) => id === 'querier' || id === 'bucket') : CHECKS;
  return checks.flatMap(({ id, run }) => run(facts).map((finding) => ({ ...finding, check: id })));
}

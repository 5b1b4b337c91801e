/** What discoveries that ask again and again share: the rhythm, and what is counted. */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { DiscoveryMetrics } from './discovery-metrics.ts';
import type { TargetGroup } from './target-group.ts';

/** Groups that have changed, or may have; one without targets is gone. */
export type OnGroups = (groups: readonly TargetGroup[]) => void;

export interface DiscoveryRun {
  readonly jobName: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  readonly onGroups: OnGroups;
}

/** Refreshes at once and then every interval until the signal. A failure is logged, and what was found before stays. */
export async function refreshForever(
  run: DiscoveryRun,
  { mechanism, intervalMs }: { readonly mechanism: string; readonly intervalMs: number },
  refresh: () => Promise<readonly TargetGroup[]>,
): Promise<void> {
  const { clock, metrics, signal, jobName } = run;
  const labels = { mechanism, config: jobName };
  let nextMs = clock.monotonicMs();
  while (!signal.aborted) {
    const startMs = clock.monotonicMs();
    try {
      const groups = await refresh();
      if (!signal.aborted) run.onGroups(groups);
    } catch (error) {
      if (isEnded(signal)) return;
      metrics.failures.inc(labels);
      run.logger.error('cannot refresh targets', { ...labels, err: error });
    }
    const seconds = (clock.monotonicMs() - startMs) / 1000;
    metrics.duration.observe(labels, seconds);
    metrics.durations.observe({ mechanism }, seconds);
    nextMs = Math.max(nextMs + intervalMs, clock.monotonicMs());
    await clock.sleep(nextMs - clock.monotonicMs(), signal).catch(() => undefined); // the end wakes
  }
}

/** As a function: the signal may have been aborted while something was awaited. */
function isEnded(signal: AbortSignal): boolean {
  return signal.aborted;
}

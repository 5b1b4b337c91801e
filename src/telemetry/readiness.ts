/** Whether a component is up (healthy) and may be sent work (ready): /-/healthy, /-/ready, gRPC health, thanos_status. */
import { gauge, type MetricRegistry } from './metrics.ts';

export interface Readiness {
  readonly isReady: boolean;
  readonly isHealthy: boolean;
  /** Why it is not ready; empty when it is. */
  readonly reason: string;
  setReady(): void;
  setNotReady(reason: string): void;
  setHealthy(): void;
  setNotHealthy(reason: string): void;
  /** Called at each change of readiness; returns the function that ends it. */
  onChange(listener: (isReady: boolean) => void): () => void;
}

export function createReadiness(registry: MetricRegistry, component: string): Readiness {
  const { status } = registry.declare({
    status: gauge('thanos_status', 'Whether the component is ready and healthy (1) or not (0).', [
      'component',
      'check',
    ]),
  });
  const listeners = new Set<(isReady: boolean) => void>();
  const state = { isReady: false, isHealthy: false, reason: 'starting' };
  const change = (next: Partial<typeof state>): void => {
    const before = state.isReady;
    Object.assign(state, next);
    status.set({ component, check: 'ready' }, state.isReady ? 1 : 0);
    status.set({ component, check: 'healthy' }, state.isHealthy ? 1 : 0);
    if (state.isReady === before) return;
    for (const listener of listeners) listener(state.isReady);
  };
  change({});
  return {
    get isReady() {
      return state.isReady;
    },
    get isHealthy() {
      return state.isHealthy;
    },
    get reason() {
      return state.reason;
    },
    setReady: () => change({ isReady: true, isHealthy: true, reason: '' }),
    setNotReady: (reason) => change({ isReady: false, reason }),
    setHealthy: () => change({ isHealthy: true }),
    setNotHealthy: (reason) => change({ isReady: false, isHealthy: false, reason }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

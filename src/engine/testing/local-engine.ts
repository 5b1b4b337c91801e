import type { Clock } from '../../base/clock.ts';
import type { Kernel } from '../../base/kernel.ts';
import type { Queryable } from '../../storage/queryable.ts';
import type { Engine } from '../engine.ts';
import { type EngineSettings, evaluate } from '../evaluate.ts';

/** Evaluates on this thread, one query after the other. */
export function localEngine(parts: {
  readonly queryable: Queryable;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly settings: EngineSettings;
}): Engine {
  return {
    async query(request, { signal }) {
      const answer = await evaluate({ ...parts, request, signal, isCanceled: () => false });
      return { ...answer, statistics: { ...answer.statistics, queueMs: 0 } };
    },
    close: async () => undefined,
  };
}

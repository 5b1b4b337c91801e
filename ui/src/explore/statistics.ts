/** `data.stats` of an answer. Source: Prometheus util/stats; every member may be missing. */

export interface QueryStatistics {
  readonly timings?: {
    readonly evalTotalTime?: number;
    readonly execQueueTime?: number;
    readonly execTotalTime?: number;
  };
  readonly samples?: {
    readonly totalQueryableSamples?: number;
    readonly samplesRead?: number;
  };
}

export interface StatisticsFacts {
  readonly serverMs: number | undefined;
  readonly queueMs: number | undefined;
  readonly samples: number | undefined;
}

/** Waiting for a place in the queue is worth telling from here on. */
const QUEUE_MS_MIN = 5;

export function statisticsFacts(statistics: QueryStatistics | undefined): StatisticsFacts {
  const { timings, samples } = statistics ?? {};
  const queueMs = milliseconds(timings?.execQueueTime);
  return {
    serverMs: milliseconds(timings?.execTotalTime ?? timings?.evalTotalTime),
    queueMs: queueMs !== undefined && queueMs >= QUEUE_MS_MIN ? queueMs : undefined,
    samples: samples?.samplesRead ?? samples?.totalQueryableSamples,
  };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

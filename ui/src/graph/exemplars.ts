/** Exemplars: single observations, often with the trace that they were made in. */
import type { Labels } from './matrix.ts';

export interface Exemplar {
  readonly timeMs: number;
  readonly value: number;
  readonly labels: Labels;
  readonly seriesLabels: Labels;
}

/** `data` of /api/v1/query_exemplars. */
export type JsonExemplars = readonly {
  readonly seriesLabels: Labels;
  readonly exemplars: readonly {
    readonly labels: Labels;
    readonly value: string;
    readonly timestamp: number;
  }[];
}[];

export function exemplarsOf(answer: JsonExemplars): Exemplar[] {
  return answer.flatMap(({ seriesLabels, exemplars }) =>
    exemplars.map(({ labels, value, timestamp }) => ({
      timeMs: Math.round(timestamp * 1000),
      value: Number(value),
      labels,
      seriesLabels,
    })),
  );
}

const TRACE_NAMES = ['trace_id', 'traceID', 'traceId', 'TraceID'];

export function traceOf({ labels }: Exemplar): string | undefined {
  return TRACE_NAMES.map((name) => labels[name]).find((value) => value !== undefined);
}

/** The index of the one nearest to a point, within `reach` pixels, or -1. `placeOf` gives pixels. */
export function nearestExemplar(
  exemplars: readonly Exemplar[],
  placeOf: (exemplar: Exemplar) => readonly [x: number, y: number],
  [x, y]: readonly [x: number, y: number],
  reach: number,
): number {
  let nearest = -1;
  let best = reach;
  for (let i = 0; i < exemplars.length; i++) {
    const [ex, ey] = placeOf(exemplars[i]);
    const distance = Math.hypot(ex - x, ey - y);
    if (distance <= best) {
      best = distance;
      nearest = i;
    }
  }
  return nearest;
}

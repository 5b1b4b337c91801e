/** Whether two answers of /api/v1/query_range or /api/v1/query say the same. */

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly value?: readonly [number, string];
}

export interface Comparison {
  /** Only the values of a step are compared, in their order: of series with equal values, topk may choose any. */
  readonly byStep?: boolean;
  /** Of values, relative to their size: 1e-12 unless told. */
  readonly tolerance?: number;
}

/** Compares series by their labels, points by their times, values within the tolerance. */
export function compareAnswers(
  ours: Buffer,
  theirs: Buffer,
  { byStep = false, tolerance = 1e-12 }: Comparison = {},
): string {
  const our = pointsOf(ours, byStep);
  const their = pointsOf(theirs, byStep);
  if (our.size !== their.size) throw new Error(`${our.size} points, the peer has ${their.size}`);
  let largest = 0;
  for (const [key, want] of their) {
    const got = our.get(key);
    if (got === undefined) throw new Error(`no point ${key}, the peer has ${want}`);
    const difference = relativeDifference(got, want);
    if (difference > tolerance) throw new Error(`${key} is ${got}, the peer has ${want}`);
    largest = Math.max(largest, difference);
  }
  return `${their.size} points equal, at most ${largest.toExponential(1)} apart`;
}

function pointsOf(body: Buffer, byStep: boolean): Map<string, number> {
  const { data } = JSON.parse(body.toString()) as { data: { result: readonly Series[] } };
  const points: [key: string, time: number, value: number][] = [];
  for (const { metric, values, value } of data.result) {
    const key = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const [time, text] of values ?? (value === undefined ? [] : [value])) {
      points.push([key, time, Number(text.replace('Inf', 'Infinity'))]);
    }
  }
  if (!byStep) return new Map(points.map(([key, time, value]) => [`${key}@${time}`, value]));
  points.sort(([, timeA, valueA], [, timeB, valueB]) => timeA - timeB || valueA - valueB);
  let position = 0;
  return new Map(
    points.map(([, time, value], i) => {
      position = points[i - 1]?.[1] === time ? position + 1 : 0;
      return [`${position}@${time}`, value];
    }),
  );
}

function relativeDifference(got: number, want: number): number {
  if (Object.is(got, want) || got === want) return 0;
  if (Number.isNaN(got) || Number.isNaN(want)) return Infinity;
  return Math.abs(got - want) / Math.abs(want);
}

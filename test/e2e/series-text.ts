/** Series for whole-system tests, as OpenMetrics text: the same at every run. */

/** First sample of all series, in milliseconds: 2026-01-01T00:00:00Z. */
export const START_MS = 1_767_225_600_000;
/** A step that is not a multiple of anything round keeps samples off the grid of queries. */
export const STEP_MS = 15_000;

export interface SeriesText {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** Everything between the braces. */
  readonly labels: string;
  value(i: number): number;
}

/** How a replica differs: later by some milliseconds, without some samples. */
export interface ReplicaText {
  readonly offsetMs: number;
  isMissing(i: number): boolean;
}

/** Prints `count` samples of each series, three milliseconds off the step. Series of one name must be adjacent. */
export function printSeries(
  all: readonly SeriesText[],
  count: number,
  replica: ReplicaText = { offsetMs: 0, isMissing: () => false },
): string {
  const lines: string[] = [];
  let lastName = '';
  for (const { name, type, labels, value } of all) {
    if (name !== lastName) lines.push(`# TYPE ${name.replace(/_total$/, '')} ${type}`);
    lastName = name;
    for (let i = 0; i < count; i++) {
      if (replica.isMissing(i)) continue;
      const seconds = (START_MS + replica.offsetMs + i * STEP_MS + (i % 3)) / 1000;
      lines.push(`${name}{${labels}} ${printValue(value(i))} ${seconds.toFixed(3)}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

function printValue(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

/** A number in [0, 1) that depends on its arguments alone. */
export function noise(a: number, b: number): number {
  const x = Math.imul(a * 7919 + b * 104_729 + 13, 0x9e3779b1) >>> 0;
  return ((x ^ (x >>> 15)) >>> 0) / 4294967296;
}

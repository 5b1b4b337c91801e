/** Classic buckets gathered into histograms, beside the native histograms of the same vector. */
import type { Kernel } from '../../base/kernel.ts';
import type { FloatHistogram } from '../../model/histogram.ts';
import { dropLabels, type Labels, labelsKey, labelValue, METRIC_NAME } from '../../model/labels.ts';
import type { ClassicBuckets } from '../function/classic-histogram.ts';
import type { Plan } from '../plan/plan.ts';
import { vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, type Row } from './evaluation.ts';
import { REMARKS } from './query-annotations.ts';
import type { StepGrid } from './result-sink.ts';
import { copyColumn, FLOAT, HISTOGRAM, type OpenColumn, presenceOf } from './step-column.ts';

export type HistogramGroup = ClassicGroup | NativeGroup;

export interface NativeGroup {
  readonly kind: 'native';
  readonly labels: Labels;
  /** By step. */
  readonly histograms: (FloatHistogram | undefined)[];
}

/** All buckets of one histogram, by ascending bound. */
export interface ClassicGroup {
  readonly kind: 'classic';
  /** Without `le`. */
  readonly labels: Labels;
  readonly buckets: { readonly bound: number; readonly column: OpenColumn }[];
  /** Steps at which there is a native histogram of the same labels: nothing is made of either. */
  readonly conflicts: Uint8Array;
  readonly scratch: ClassicBuckets;
}

const BUCKET_LABEL: ReadonlySet<string> = new Set(['le']);

export function* readHistogramGroups(
  evaluation: Evaluation,
  argument: Plan,
  grid: StepGrid,
): Generator<undefined, readonly HistogramGroup[], undefined> {
  const classic = new Map<string, ClassicGroup>();
  const native: NativeGroup[] = [];
  yield* consumeRows(vectorRows(evaluation, argument, grid), (row) => {
    const present = presenceOf(evaluation.kernel, row.column, grid.steps);
    if (row.column.histograms !== undefined) {
      const histograms = row.column.histograms.map((histogram, k) =>
        present[k] === HISTOGRAM ? histogram : undefined,
      );
      native.push({ kind: 'native', labels: row.labels, histograms });
    }
    if (row.column.histograms === undefined || present.includes(FLOAT)) {
      addBucket(evaluation, classic, row, { argument, grid });
    }
  });
  for (const group of native) {
    const same = classic.get(labelsKey(group.labels));
    if (same !== undefined) markConflicts(evaluation, group, same, argument);
  }
  return [...native, ...[...classic.values()].map(finishGroup)];
}

function addBucket(
  evaluation: Evaluation,
  groups: Map<string, ClassicGroup>,
  row: Row,
  { argument, grid }: { readonly argument: Plan; readonly grid: StepGrid },
): void {
  const { kernel, annotations } = evaluation;
  const text = labelValue(row.labels, 'le');
  const bound = parseBound(text);
  if (bound === undefined) {
    const name = nameOf(evaluation, row.labels);
    annotations.warn(argument.position, REMARKS.badBucketLabel(text, name));
    return;
  }
  const labels = dropLabels(row.labels, BUCKET_LABEL);
  const key = labelsKey(labels);
  let group = groups.get(key);
  if (group === undefined) {
    const conflicts = new Uint8Array(grid.steps);
    const none = { bounds: new Float64Array(0), counts: new Float64Array(0), length: 0 };
    group = { kind: 'classic', labels, buckets: [], conflicts, scratch: none };
    groups.set(key, group);
  }
  group.buckets.push({ bound, column: copyColumn(kernel, row.column, grid.steps) });
}

function nameOf(evaluation: Evaluation, labels: Labels): string {
  return evaluation.delayedNameRemoval ? labelValue(labels, METRIC_NAME) : '';
}

/** A number as Go's strconv.ParseFloat takes it. */
function parseBound(text: string): number | undefined {
  const infinity = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  return Number(text);
}

function markConflicts(
  evaluation: Evaluation,
  native: NativeGroup,
  classic: ClassicGroup,
  argument: Plan,
): void {
  const { kernel, annotations } = evaluation;
  native.histograms.forEach((histogram, k) => {
    if (histogram === undefined) return;
    const isClassic = classic.buckets.some(({ column }) => kernel.u8[column.present + k] === FLOAT);
    if (!isClassic) return;
    classic.conflicts[k] = 1;
    native.histograms[k] = undefined;
    const name = nameOf(evaluation, native.labels);
    annotations.warn(argument.position, REMARKS.mixedClassicNative(name));
  });
}

function finishGroup(group: ClassicGroup): ClassicGroup {
  group.buckets.sort((a, b) => a.bound - b.bound);
  const length = group.buckets.length;
  const scratch = { bounds: new Float64Array(length), counts: new Float64Array(length), length };
  return { ...group, scratch };
}

/** The buckets that are present at a step, in space that the next call uses again. */
export function bucketsAt(
  kernel: Kernel,
  group: ClassicGroup,
  k: number,
): ClassicBuckets | undefined {
  if (group.conflicts[k] === 1) return undefined;
  const { scratch, buckets } = group;
  const { u8, f64 } = kernel;
  scratch.length = 0;
  for (const { bound, column } of buckets) {
    if (u8[column.present + k] !== FLOAT) continue;
    scratch.bounds[scratch.length] = bound;
    scratch.counts[scratch.length] = f64[(column.values >>> 3) + k] as number;
    scratch.length++;
  }
  return scratch.length === 0 ? undefined : scratch;
}

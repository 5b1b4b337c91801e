/**
 * info(v): labels of info metrics joined to the series of v that have the same `instance` and `job`.
 * Source: promql/info.go (3.14).
 */
import { OperationError } from '../../base/errors.ts';
import {
  keepLabels,
  type Labels,
  labelPairs,
  labelsKey,
  labelValue,
  METRIC_NAME,
  makeLabels,
  withLabel,
} from '../../model/labels.ts';
import { printLabels } from '../../model/labels-text.ts';
import { compileMatcher } from '../../model/matcher.ts';
import { IDENTIFYING_LABELS, infoSelector } from '../plan/info-selector.ts';
import type { CallPlan, Plan } from '../plan/plan.ts';
import { vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, type Row, type Rows } from './evaluation.ts';
import { elementAt, putElement } from './match-columns.ts';
import type { HeldRow } from './merge-rows.ts';
import { DisjointLabels } from './metric-name.ts';
import type { StepGrid } from './result-sink.ts';
import { lookupTimes, newestSamples } from './select.ts';
import { ABSENT, allocateColumn, copyColumn, type OpenColumn, presenceOf } from './step-column.ts';

const IDENTIFYING: ReadonlySet<string> = new Set(IDENTIFYING_LABELS);

export function* infoRows(evaluation: Evaluation, call: CallPlan, grid: StepGrid): Rows {
  const { nameMatchers, dataMatchers } = infoSelector(call);
  const isInfo = nameMatchers.map(compileMatcher);
  const held: HeldRow[] = [];
  yield* consumeRows(vectorRows(evaluation, call.args[0] as Plan, grid), (row) => {
    held.push({ ...row, column: copyColumn(evaluation.kernel, row.column, grid.steps) });
  });
  // Info series themselves get no labels joined.
  const isPlain = ({ labels }: HeldRow): boolean =>
    isInfo.every(({ matches }) => matches(labelValue(labels, METRIC_NAME)));
  const joining = held.filter((row) => !isPlain(row));
  const infos = yield* readInfoSeries(evaluation, call, joining, grid);
  infos.refuseDuplicates(stepsOf(evaluation, held, grid));
  const wanted = new Set(dataMatchers.map(({ name }) => name));
  const needsInfo = dataMatchers.map(compileMatcher).some(({ matches }) => !matches(''));
  const disjoint = new DisjointLabels(evaluation, grid.steps);
  for (const row of held) {
    if (evaluation.checkpoint()) yield undefined;
    const results = isPlain(row)
      ? [row]
      : joinRow(evaluation, row, { infos, wanted, needsInfo, steps: grid.steps });
    for (const result of results) {
      disjoint.add(result.labels, result.column);
      yield result;
    }
  }
}

function stepsOf({ kernel }: Evaluation, rows: readonly HeldRow[], grid: StepGrid): Uint8Array {
  const seen = new Uint8Array(grid.steps);
  for (const { column } of rows) {
    presenceOf(kernel, column, grid.steps).forEach((kind, k) => {
      if (kind !== ABSENT) seen[k] = 1;
    });
  }
  return seen;
}

/** One series of an info metric: the time of its newest sample at each step, NaN where it has none. */
interface InfoSeries {
  readonly labels: Labels;
  readonly times: Float64Array;
}

interface InfoIndex {
  /** The metrics' names. */
  readonly names: readonly string[];
  /** The newest series of a metric for a series' identifying labels at a step. */
  find(name: string, labels: Labels, step: number): InfoSeries | undefined;
  /** Throws when two series of one identity are equally new at one of the steps. */
  refuseDuplicates(steps: Uint8Array): void;
}

function* readInfoSeries(
  evaluation: Evaluation,
  call: CallPlan,
  joining: readonly HeldRow[],
  grid: StepGrid,
): Generator<undefined, InfoIndex, undefined> {
  const { kernel, lookbackMs } = evaluation;
  const times = lookupTimes(infoSelector(call), grid);
  const isWanted = identityFilter(joining);
  const byIdentity = new Map<string, InfoSeries[]>();
  const names = new Set<string>();
  const set = evaluation.seriesOf(call);
  while (set.next()) {
    if (evaluation.checkpoint()) yield undefined;
    if (!isWanted(set.labels)) continue;
    const mark = kernel.arena.mark();
    const newest = newestSamples(kernel, set.read(kernel));
    const seen = new Float64Array(grid.steps).fill(Number.NaN);
    for (let k = 0; k < grid.steps; k++) {
      const timeMs = times.startMs + k * times.stepMs;
      newest.moveTo(timeMs);
      if (newest.time <= timeMs - lookbackMs || newest.isStale) continue;
      if (newest.histogram !== undefined) throw notFloat(set.labels);
      seen[k] = newest.time;
    }
    kernel.arena.release(mark);
    countTimes(evaluation, seen);
    const name = labelValue(set.labels, METRIC_NAME);
    names.add(name);
    const key = identityOf(name, set.labels);
    const series = { labels: set.labels, times: seen };
    const known = byIdentity.get(key);
    if (known === undefined) byIdentity.set(key, [series]);
    else known.push(series);
  }
  return {
    names: [...names],
    find: (name, labels, k) => newestAt(byIdentity.get(identityOf(name, labels)) ?? [], k),
    refuseDuplicates(steps) {
      for (const group of byIdentity.values()) refuseEqualTimes(group, steps);
    },
  };
}

/** A sample at each step that found one. */
function countTimes({ reads }: Evaluation, times: Float64Array): void {
  let count = 0;
  for (const [k, time] of times.entries()) {
    if (Number.isNaN(time)) continue;
    count++;
    reads.addAt(k, 1, 1);
  }
  reads.addWindows(count, count);
}

/** Only series whose identifying labels have values that the joined series have too. */
function identityFilter(joining: readonly HeldRow[]): (labels: Labels) => boolean {
  const values = IDENTIFYING_LABELS.map((name) => ({
    name,
    known: new Set(joining.map(({ labels }) => labelValue(labels, name)).filter((v) => v !== '')),
  })).filter(({ known }) => known.size > 0);
  if (values.length === 0) return () => false;
  return (labels) => values.every(({ name, known }) => known.has(labelValue(labels, name)));
}

function identityOf(name: string, labels: Labels): string {
  return `${name}\u{fe}${labelsKey(keepLabels(labels, IDENTIFYING))}`;
}

function newestAt(group: readonly InfoSeries[], k: number): InfoSeries | undefined {
  let found: InfoSeries | undefined;
  for (const series of group) {
    const time = series.times[k] as number;
    if (Number.isNaN(time)) continue;
    if (found === undefined || time > (found.times[k] as number)) found = series;
  }
  return found;
}

function refuseEqualTimes(group: readonly InfoSeries[], steps: Uint8Array): void {
  if (group.length < 2) return;
  for (let k = 0; k < steps.length; k++) {
    const newest = steps[k] === 0 ? undefined : newestAt(group, k);
    const other = group.find((series) => series !== newest && series.times[k] === newest?.times[k]);
    if (newest === undefined || other === undefined) continue;
    const time = newest.times[k];
    throw new OperationError(
      'execution',
      `found duplicate series for info metric: existing ${printLabels(newest.labels)} @ ${time}, ` +
        `new ${printLabels(other.labels)} @ ${time}`,
    );
  }
}

function notFloat(labels: Labels): OperationError {
  return new OperationError(
    'execution',
    `this should be an info metric, with float samples: ${printLabels(labels)}`,
  );
}

interface Join {
  readonly infos: InfoIndex;
  /** Labels to join; empty means all. */
  readonly wanted: ReadonlySet<string>;
  /** Elements without information are left out. */
  readonly needsInfo: boolean;
  readonly steps: number;
}

/** Information may change from step to step: a row for each label set that comes of it. */
function joinRow(evaluation: Evaluation, row: HeldRow, join: Join): Row[] {
  const { kernel } = evaluation;
  const results = new Map<string, Row & { readonly column: OpenColumn }>();
  const joined = new Map<string, Labels>();
  for (let k = 0; k < join.steps; k++) {
    const value = elementAt(kernel, row.column, k);
    if (value === undefined) continue;
    const found = join.infos.names
      .map((name) => join.infos.find(name, row.labels, k))
      .filter((series) => series !== undefined);
    if (found.length === 0 && join.needsInfo) continue;
    const choice = found.map(({ labels }) => labelsKey(labels)).join('\u{fd}');
    const labels = joined.get(choice) ?? joinLabels(row.labels, found, join.wanted);
    joined.set(choice, labels);
    const key = labelsKey(labels);
    let result = results.get(key);
    if (result === undefined) {
      const column = allocateColumn(kernel, join.steps);
      result = { labels, dropName: row.dropName, column };
      results.set(key, result);
    }
    putElement(kernel, result.column, k, value);
  }
  return [...results.values()];
}

function joinLabels(
  base: Labels,
  infos: readonly InfoSeries[],
  wanted: ReadonlySet<string>,
): Labels {
  const added = new Map<string, string>();
  for (const { labels } of infos) {
    for (const [name, value] of labelPairs(labels)) {
      if (name === METRIC_NAME || (wanted.size > 0 && !wanted.has(name))) continue;
      const known = added.get(name);
      if (known !== undefined && known !== value) {
        throw new OperationError('execution', `conflicting label: ${name}`);
      }
      if (labelValue(base, name) === '') added.set(name, value);
    }
  }
  let labels = base;
  for (const [name, value] of labelPairs(makeLabels(added)))
    labels = withLabel(labels, name, value);
  return labels;
}

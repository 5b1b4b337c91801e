/** Rows of one label set put together again. */
import { type Labels, labelsKey } from '../../model/labels.ts';
import { consumeRows, type Evaluation, type Rows } from './evaluation.ts';
import { sameLabelsError } from './metric-name.ts';
import type { StepGrid } from './result-sink.ts';
import { ABSENT, copyColumn, type OpenColumn, presenceOf, type StepColumn } from './step-column.ts';

export interface HeldRow {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly column: OpenColumn;
}

/**
 * Holds all rows, then gives one for each label set, in the order of their first parts. Throws OperationError
 * 'execution' when two parts are present at the same step.
 */
export function* mergeFragments(evaluation: Evaluation, rows: Rows, grid: StepGrid): Rows {
  const merged = new Map<string, HeldRow>();
  yield* consumeRows(rows, (row) => {
    const key = labelsKey(row.labels);
    const known = merged.get(key);
    if (known !== undefined) mergeInto(evaluation, known.column, row.column, grid.steps);
    else {
      const column = copyColumn(evaluation.kernel, row.column, grid.steps);
      merged.set(key, { labels: row.labels, dropName: row.dropName, column });
    }
  });
  yield* merged.values();
}

export function mergeInto(
  { kernel }: Evaluation,
  column: OpenColumn,
  part: StepColumn,
  steps: number,
): void {
  const { f64 } = kernel;
  const present = presenceOf(kernel, column, steps);
  const partPresent = presenceOf(kernel, part, steps);
  for (let k = 0; k < steps; k++) {
    const kind = partPresent[k] as number;
    if (kind === ABSENT) continue;
    if (present[k] !== ABSENT) throw sameLabelsError();
    present[k] = kind;
    f64[(column.values >>> 3) + k] = f64[(part.values >>> 3) + k] as number;
    const histogram = part.histograms?.[k];
    if (histogram === undefined) continue;
    column.histograms ??= [];
    column.histograms[k] = histogram;
  }
}

/** The "one" side of a vector match, held by signature. */
import { OperationError } from '../../base/errors.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import { printLabels } from '../../model/labels-text.ts';
import type { VectorMatching } from '../parse/ast.ts';
import type { BinaryPlan, Plan } from '../plan/plan.ts';
import { vectorRows } from './evaluate.ts';
import { consumeRows, type Evaluation, type Row } from './evaluation.ts';
import type { MatchLabels } from './match-labels.ts';
import type { StepGrid } from './result-sink.ts';
import { ABSENT, copyColumn, FLOAT, presenceOf, weighColumn } from './step-column.ts';

type Side = Pick<Row, 'labels' | 'column'>;

interface Group {
  readonly sides: Side[];
  /** Not 0 where any of the sides is present. */
  readonly present: Uint8Array;
}

export interface OneSide {
  /** Counts against the query's samples until the match is done. */
  readonly weight: number;
  partnersOf(signature: string): readonly Side[];
  presenceOf(signature: string): Uint8Array | undefined;
  all(): Iterable<{ readonly key: string; readonly side: Side }>;
  /**
   * Throws OperationError 'execution' when two series of one signature are present at one of the steps where
   * the other side is.
   */
  refuseDuplicates(otherSide: Uint8Array): void;
}

export function* readOneSide(
  evaluation: Evaluation,
  plan: BinaryPlan,
  { one, labels }: { readonly one: Plan; readonly labels: MatchLabels },
  grid: StepGrid,
): Generator<undefined, OneSide, undefined> {
  const { kernel } = evaluation;
  const matching = plan.matching as VectorMatching;
  const groups = new Map<string, Group>();
  const duplicates = new Map<number, string>();
  let weight = 0;
  yield* consumeRows(vectorRows(evaluation, one, grid), (row) => {
    weight += weighColumn(kernel, row.column, grid.steps);
    const matched = labels.matching(row.labels);
    const key = labelsKey(matched);
    const side = { labels: row.labels, column: copyColumn(kernel, row.column, grid.steps) };
    const present = presenceOf(kernel, row.column, grid.steps);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { sides: [side], present: present.slice() });
      return;
    }
    group.sides.push(side);
    for (let k = 0; k < grid.steps; k++) {
      if (present[k] === ABSENT) continue;
      if (group.present[k] !== ABSENT && !duplicates.has(k)) {
        const other = group.sides.find((known) => kernel.u8[known.column.present + k] !== ABSENT);
        duplicates.set(
          k,
          describeDuplicates(matching, matched, [row.labels, (other as Side).labels]),
        );
      }
      group.present[k] = FLOAT;
    }
  });
  const fills = matching.fillLeft !== undefined || matching.fillRight !== undefined;
  for (const text of duplicates.values()) if (fills) throw new OperationError('execution', text);
  return {
    weight,
    partnersOf: (signature) => groups.get(signature)?.sides ?? [],
    presenceOf: (signature) => groups.get(signature)?.present,
    *all() {
      for (const [key, { sides }] of groups) for (const side of sides) yield { key, side };
    },
    refuseDuplicates(otherSide) {
      for (const [k, text] of duplicates) {
        if (otherSide[k] !== ABSENT) throw new OperationError('execution', text);
      }
    },
  };
}

function describeDuplicates(
  matching: VectorMatching,
  matched: Labels,
  series: readonly Labels[],
): string {
  const side = matching.card === 'one-to-many' ? 'left' : 'right';
  return (
    `found duplicate series for the match group ${printLabels(matched)} ` +
    `on the ${side} hand-side of the operation: [${series.map(printLabels).sort().join(', ')}]` +
    ';many-to-many matching not allowed: matching labels must be unique on one side'
  );
}

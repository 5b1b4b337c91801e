/** The table of results: one line a contest. */
import type { Size } from './data-set.ts';
import type { Figures } from './measure.ts';
import type { Row } from './row.ts';

export interface Result extends Figures {
  readonly row: Row;
  readonly size: Size;
  readonly variant: string;
  readonly work: number;
}

/** How the cost grows from the smallest to the largest size measured: cost ~ work^slope. */
export function slopeOf(results: readonly Result[], of: Result): number | undefined {
  const kin = results
    .filter(({ row, variant }) => row.name === of.row.name && variant === of.variant)
    .toSorted((a, b) => a.work - b.work);
  const [least, most] = [kin[0], kin.at(-1)];
  if (least === undefined || most === undefined || least.work === most.work) return undefined;
  return Math.log(costOf(most) / costOf(least)) / Math.log(most.work / least.work);
}

/** Figures by unit of work become figures of the whole. */
function costOf({ row, ours, work }: Result): number {
  return row.unit.includes('/') ? ours * work : ours;
}

export function printTable(results: readonly Result[]): string {
  const head = ['row', 'size', 'ours', 'peer', 'unit', 'ratio', 'floor', 'goal', 'slope', ''];
  const lines = results.map((result) => {
    const { row, size, variant, ours, peer, ratio } = result;
    return [
      variant === '' ? row.name : `${row.name} (${variant})`,
      size,
      ours.toFixed(1),
      peer.toFixed(1),
      row.unit,
      ratio.toFixed(2),
      String(row.floor),
      String(row.goal),
      slopeOf(results, result)?.toFixed(2) ?? '',
      ratio >= row.goal ? 'goal' : ratio >= row.floor ? 'floor' : 'BELOW',
    ];
  });
  const widths = head.map((title, i) =>
    Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)),
  );
  const print = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [head, ...lines].map(print).join('\n');
}

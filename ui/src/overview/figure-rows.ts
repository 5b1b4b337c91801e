/** Which figures a box shows, as texts; the same rows in the picture and in its table. */

import type { Catalogue } from '../text/catalogue.ts';
import type { Formats } from '../text/use-text.ts';
import type { NodeKind, SystemModel, SystemNode } from './system-model.ts';

export type RowName =
  | 'up'
  | 'lag'
  | 'series'
  | 'samples'
  | 'requests'
  | 'calls'
  | 'memory'
  | 'cpu'
  | 'errors';

const ROWS: Readonly<Record<NodeKind, readonly RowName[]>> = {
  targets: ['up'],
  prometheus: ['lag', 'series', 'samples', 'memory', 'cpu', 'errors'],
  sidecar: ['lag', 'calls', 'memory', 'cpu', 'errors'],
  receive: ['lag', 'series', 'samples', 'memory', 'cpu', 'errors'],
  rule: ['lag', 'series', 'memory', 'cpu', 'errors'],
  bucket: [],
  store: ['calls', 'memory', 'cpu', 'errors'],
  compact: ['memory', 'cpu', 'errors'],
  query: ['requests', 'memory', 'cpu', 'errors'],
  'query-frontend': ['requests', 'memory', 'cpu', 'errors'],
  entry: ['requests', 'memory', 'cpu', 'errors'],
  client: [],
  unknown: ['memory', 'cpu', 'errors'],
};

/** Rows of which no box of that kind knows anything are left out, so that all of a kind are of one size. */
export function rowsOf(model: SystemModel): ReadonlyMap<NodeKind, readonly RowName[]> {
  const kinds = new Set(model.nodes.map(({ kind }) => kind));
  return new Map(
    [...kinds].map((kind) => {
      const nodes = model.nodes.filter((node) => node.kind === kind);
      return [kind, ROWS[kind].filter((row) => nodes.some((node) => isKnown(node, row)))];
    }),
  );
}

function isKnown({ figures, targets }: SystemNode, row: RowName): boolean {
  switch (row) {
    case 'up':
      return targets !== undefined;
    case 'lag':
      return figures.lagMs !== undefined;
    case 'memory':
      return figures.memoryBytes !== undefined;
    default:
      return figures[row] !== undefined;
  }
}

export function rowText(
  node: SystemNode,
  row: RowName,
  text: Catalogue['overview'],
  formats: Formats,
): string {
  const { figures, targets } = node;
  if (!isKnown(node, row)) return text.figures.none;
  switch (row) {
    case 'up':
      return text.figures.upOf(formats.count(targets?.up ?? 0), formats.count(targets?.all ?? 0));
    case 'lag':
      return text.figures.lagValue(ageText(figures.lagMs ?? 0, formats));
    case 'series':
    case 'errors':
      return formats.count(figures[row] ?? 0);
    case 'memory':
      return formats.bytes(figures.memoryBytes ?? 0);
    case 'cpu':
      return percent(figures.cpu ?? 0);
    default:
      return rateText(figures[row] ?? 0, formats);
  }
}

/** Tenths of a second below ten: nobody needs more, and the text keeps its width. */
function ageText(ms: number, { duration }: Pick<Formats, 'duration'>): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : duration(Math.round(ms / 1000) * 1000);
}

/** Three digits, whole numbers from 100 on. */
export function rateText(rate: number, formats: Pick<Formats, 'value'>): string {
  return formats.value(rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(2)));
}

function percent(cpu: number): string {
  const hundredths = cpu * 100;
  return `${hundredths >= 10 ? Math.round(hundredths) : Number(hundredths.toFixed(1))} %`;
}

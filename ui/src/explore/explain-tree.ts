/** The parsed tree of a query in rows, each with what was measured for its part. */
import { parseDuration } from '../../../src/model/duration.ts';
import type { Expr } from '../../../src/promql/parse/ast.ts';
import { children } from '../../../src/promql/parse/walk.ts';
import { unitsOfBytes } from '../parts/mark-fault.ts';

/** One node of the server's `analysis`; everything but the name may be missing. */
export interface AnalysisNode {
  readonly name?: string;
  /** Bytes of UTF-8 in the query. */
  readonly start?: number;
  readonly end?: number;
  readonly executionMs?: number;
  /** Without the parts below. */
  readonly selfMs?: number;
  /** Until the storage had selected the series. */
  readonly waitMs?: number;
  /** Go's duration text, where `executionMs` is not sent. */
  readonly executionTime?: string;
  readonly series?: number;
  readonly samples?: number;
  readonly totalSamples?: number;
  readonly peakSamples?: number;
  readonly bytes?: number;
  readonly chunks?: number;
  /** Series whose samples were in memory already. */
  readonly cacheHits?: number;
  readonly fanout?: readonly FanOut[] | null;
  readonly children?: readonly AnalysisNode[] | null;
}

export interface FanOut {
  readonly endpointAddr: string;
  readonly duration: string;
  readonly durationMs?: number;
  readonly error?: string;
  readonly bytesProcessed?: number;
  readonly numResponses?: number;
  readonly series?: number;
  readonly chunks?: number;
  readonly samples?: number;
}

export interface Figures {
  readonly timeMs: number | undefined;
  readonly series: number | undefined;
  readonly samples: number | undefined;
  readonly bytes: number | undefined;
  readonly selfMs: number | undefined;
  readonly waitMs: number | undefined;
  readonly chunks: number | undefined;
  readonly cacheHits: number | undefined;
  readonly fanOut: readonly FanOut[];
}

export interface ExplainRow {
  /** Where it is in the tree: `0.1.0`. */
  readonly path: string;
  readonly depth: number;
  readonly expr: Expr;
  /** UTF-16 range in the query. */
  readonly from: number;
  readonly to: number;
  readonly childCount: number;
  readonly figures: Figures | undefined;
}

/** All rows, each before those below it. */
export function explainRows(
  query: string,
  root: Expr,
  analysis: AnalysisNode | undefined,
): readonly ExplainRow[] {
  const byPlace = new Map<string, AnalysisNode>();
  if (analysis !== undefined) collect(analysis, byPlace);
  const rows: ExplainRow[] = [];
  const add = (expr: Expr, depth: number, path: string): void => {
    const below = shownChildren(expr);
    const { start, end } = expr.position;
    const node = byPlace.get(`${start}:${end}`);
    rows.push({
      path,
      depth,
      expr,
      from: unitsOfBytes(query, start),
      to: unitsOfBytes(query, end),
      childCount: below.length,
      figures: node === undefined ? undefined : figuresOf(node),
    });
    below.forEach((child, i) => {
      add(child, depth + 1, `${path}.${i}`);
    });
  };
  add(root, 0, '0');
  return rows;
}

/** What the whole query read; undefined where that is not known. */
export function bytesOf(analysis: AnalysisNode | undefined): number | undefined {
  if (analysis === undefined) return undefined;
  const below = (analysis.children ?? []).map(bytesOf).filter((bytes) => bytes !== undefined);
  if (analysis.bytes !== undefined) return analysis.bytes;
  return below.length === 0 ? undefined : below.reduce((sum, bytes) => sum + bytes, 0);
}

/** The rows without what lies under folded ones. */
export function unfoldedRows(
  rows: readonly ExplainRow[],
  folded: ReadonlySet<string>,
): readonly ExplainRow[] {
  const isHidden = (path: string): boolean => {
    for (let at = path.lastIndexOf('.'); at > 0; at = path.lastIndexOf('.', at - 1)) {
      if (folded.has(path.slice(0, at))) return true;
    }
    return false;
  };
  return rows.filter(({ path }) => !isHidden(path));
}

/** Parameters come before what they apply to, as they are written; a range selector is one row. */
function shownChildren(expr: Expr): readonly Expr[] {
  if (expr.kind === 'matrixSelector') return [];
  if (expr.kind === 'aggregation') {
    return expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
  }
  return children(expr);
}

/** The outermost node of a place wins: those inside it are parts of its work. */
function collect(node: AnalysisNode, byPlace: Map<string, AnalysisNode>): void {
  const place = `${node.start}:${node.end}`;
  if (node.start !== undefined && !byPlace.has(place)) byPlace.set(place, node);
  for (const child of node.children ?? []) collect(child, byPlace);
}

function figuresOf(node: AnalysisNode): Figures {
  return {
    timeMs: node.executionMs ?? parseDuration(node.executionTime ?? ''),
    series: node.series,
    samples: node.samples ?? node.totalSamples,
    bytes: node.bytes,
    selfMs: node.selfMs,
    waitMs: node.waitMs,
    chunks: node.chunks,
    cacheHits: node.cacheHits,
    fanOut: node.fanout ?? [],
  };
}

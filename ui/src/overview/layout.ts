/**
 * Where the boxes of the live picture stand: data flows from left to right in ranks, what stores for long lies in a lane
 * of its own below; where the ranks do not fit side by side they follow each other downwards.
 */
export interface LayoutNode {
  readonly id: string;
  /** 0 is where data comes from. */
  readonly rank: number;
  /** 0 is the main stream, 1 the long-term storage below it. */
  readonly lane: number;
  readonly heightPx: number;
}

export interface LayoutEdge {
  readonly from: string;
  readonly to: string;
}

export interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge extends LayoutEdge {
  /** Of an SVG path. */
  readonly path: string;
  /** Where a label can stand. */
  readonly labelX: number;
  readonly labelY: number;
}

export interface Picture {
  readonly direction: 'right' | 'down';
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly edges: readonly PlacedEdge[];
}

const BOX_MIN = 144;
const BOX_MAX = 190;
const GAP_MIN = 44;
const GAP_MAX = 96;
const ROW_GAP = 20;
const LANE_GAP = 56;
/** Between ranks that follow each other downwards: room for the edges. */
const DOWN_GAP = 44;
const DOWN_COLUMN_GAP = 12;
/** From this rank on the lanes have joined. */
const JOINED_RANK = 3;

/** @param widthPx what there is; the picture never takes more. */
export function layoutPicture(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
  widthPx: number,
): Picture {
  const ranks = new Set(nodes.map(({ rank }) => rank)).size;
  const fits = ranks * BOX_MIN + (ranks - 1) * GAP_MIN <= widthPx;
  const placed = fits ? placeRight(nodes, widthPx) : placeDown(nodes, widthPx);
  const direction = fits ? 'right' : 'down';
  const byId = new Map(placed.boxes.map((box) => [box.id, box]));
  return {
    direction,
    ...placed,
    edges: edges.flatMap((edge) => {
      const from = byId.get(edge.from);
      const to = byId.get(edge.to);
      if (from === undefined || to === undefined) return [];
      return [{ ...edge, ...connect(from, to, direction) }];
    }),
  };
}

type Placed = Pick<Picture, 'width' | 'height' | 'boxes'>;

function placeRight(nodes: readonly LayoutNode[], widthPx: number): Placed {
  const ranks = [...new Set(nodes.map(({ rank }) => rank))].sort((a, b) => a - b);
  const lanes = [...new Set(nodes.map(({ lane }) => lane))].sort((a, b) => a - b);
  const gaps = Math.max(1, ranks.length - 1);
  const box = Math.min(BOX_MAX, (widthPx - gaps * GAP_MIN) / ranks.length);
  const gap = Math.min(GAP_MAX, (widthPx - ranks.length * box) / gaps);
  const width = ranks.length * box + (ranks.length - 1) * gap;
  const left = (widthPx - width) / 2;
  const boxes: Box[] = [];
  let top = 0;
  for (const lane of lanes) {
    const columns = ranks.map((rank) =>
      nodes.filter((node) => node.lane === lane && node.rank === rank),
    );
    const pitches = rowHeights(columns);
    const height = Math.max(...columns.map((column) => stackHeight(heightsOf(column, pitches))));
    for (const [i, column] of columns.entries()) {
      const heights = heightsOf(column, pitches);
      let y = top + (height - stackHeight(heights)) / 2;
      for (const [row, { id, heightPx }] of column.entries()) {
        const room = heights[row] ?? heightPx;
        const place = { x: left + i * (box + gap), y: y + (room - heightPx) / 2 };
        boxes.push({ id, ...place, width: box, height: heightPx });
        y += room + ROW_GAP;
      }
    }
    top += height + LANE_GAP;
  }
  return { width: widthPx, height: Math.max(0, top - LANE_GAP), boxes };
}

/** Of the columns with the most boxes: these stand in rows, so that a replica and its sidecar are on one line. */
function rowHeights(columns: readonly (readonly LayoutNode[])[]): readonly number[] {
  const most = Math.max(...columns.map(({ length }) => length));
  const longest = columns.filter(({ length }) => length === most);
  return Array.from({ length: most }, (_, row) =>
    Math.max(...longest.map((column) => column[row]?.heightPx ?? 0)),
  );
}

function heightsOf(column: readonly LayoutNode[], pitches: readonly number[]): readonly number[] {
  return column.length === pitches.length ? pitches : column.map(({ heightPx }) => heightPx);
}

function stackHeight(heights: readonly number[]): number {
  return heights.reduce((sum, height) => sum + height + ROW_GAP, 0) - ROW_GAP;
}

function placeDown(nodes: readonly LayoutNode[], widthPx: number): Placed {
  const rowOf = ({ rank, lane }: LayoutNode): number =>
    rank < JOINED_RANK ? lane * JOINED_RANK + rank : 100 + rank;
  const rows = [...new Set(nodes.map(rowOf))].sort((a, b) => a - b);
  const most = Math.max(1, Math.floor((widthPx + DOWN_COLUMN_GAP) / (BOX_MIN + DOWN_COLUMN_GAP)));
  const boxes: Box[] = [];
  let y = 0;
  for (const row of rows) {
    const members = nodes.filter((node) => rowOf(node) === row);
    for (let start = 0; start < members.length; start += most) {
      const line = members.slice(start, start + most);
      const width = Math.min(
        BOX_MAX,
        (widthPx - (line.length - 1) * DOWN_COLUMN_GAP) / line.length,
      );
      const total = line.length * width + (line.length - 1) * DOWN_COLUMN_GAP;
      const height = Math.max(...line.map(({ heightPx }) => heightPx));
      for (const [i, { id }] of line.entries()) {
        const x = (widthPx - total) / 2 + i * (width + DOWN_COLUMN_GAP);
        boxes.push({ id, x, y, width, height });
      }
      y += height + (start + most < members.length ? DOWN_COLUMN_GAP : DOWN_GAP);
    }
  }
  return { width: widthPx, height: Math.max(0, y - DOWN_GAP), boxes };
}

/** Leaves a box on the side that faces the other one, and arrives likewise. */
function connect(
  from: Box,
  to: Box,
  direction: Picture['direction'],
): Pick<PlacedEdge, 'path' | 'labelX' | 'labelY'> {
  const isAside = to.x >= from.x + from.width || from.x >= to.x + to.width;
  const isApart = to.y >= from.y + from.height || from.y >= to.y + to.height;
  const isAhead = direction === 'right' && to.x >= from.x + from.width;
  const isLevel = isAside && (!isApart || isAhead);
  const sign = isLevel ? Math.sign(to.x - from.x) : Math.sign(to.y - from.y);
  const a = isLevel ? sideOf(from, sign, 0) : sideOf(from, 0, sign);
  const b = isLevel ? sideOf(to, -sign, 0) : sideOf(to, 0, -sign);
  const bend = (isLevel ? Math.abs(b.x - a.x) : Math.abs(b.y - a.y)) * 0.5 * sign;
  const first = isLevel
    ? `${round(a.x + bend)} ${round(a.y)}`
    : `${round(a.x)} ${round(a.y + bend)}`;
  const second = isLevel
    ? `${round(b.x - bend)} ${round(b.y)}`
    : `${round(b.x)} ${round(b.y - bend)}`;
  return {
    path: `M${round(a.x)} ${round(a.y)}C${first} ${second} ${round(b.x)} ${round(b.y)}`,
    labelX: round((a.x + b.x) / 2),
    labelY: round((a.y + b.y) / 2),
  };
}

/** The middle of a side: (1, 0) is the right one, (0, -1) the upper one. */
function sideOf({ x, y, width, height }: Box, dx: number, dy: number): { x: number; y: number } {
  return { x: x + (width * (1 + dx)) / 2, y: y + (height * (1 + dy)) / 2 };
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}

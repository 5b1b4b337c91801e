/** How axes of graphs and heatmaps look: in the colours and letters of the page around them. */
import type uPlot from 'uplot';
import { INKS, type Scheme } from './palette.ts';

export interface AxisLook {
  readonly stroke: string;
  readonly font: string;
  readonly grid: uPlot.Axis.Grid;
  readonly ticks: uPlot.Axis.Ticks;
}

export function lookOfAxes(host: HTMLElement, scheme: Scheme): AxisLook {
  const { text, line } = INKS[scheme];
  return {
    stroke: text,
    font: `12px ${getComputedStyle(host).fontFamily}`,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 6 },
  };
}

/** In CSS pixels: as wide as the longest label needs. */
export function axisWidth(u: uPlot, labels: readonly string[] | null, font: string): number {
  const longest = (labels ?? []).reduce((a, b) => (b.length > a.length ? b : a), '');
  u.ctx.save();
  u.ctx.font = font;
  const { width } = u.ctx.measureText(longest);
  u.ctx.restore();
  return Math.max(Math.ceil(width) + 18, 44);
}

/** A heatmap on the screen: uPlot draws axes and follows the pointer, cells are drawn on a canvas above. */
import uPlot from 'uplot';
import type { Cursors } from './cursors.ts';
import { heatColours, heatIndex } from './heat-colours.ts';
import { cellAt, type HeatmapModel, thinHeatmap } from './heatmap-model.ts';
import type { TimeRange } from './matrix.ts';
import type { Scheme } from './palette.ts';
import { axisWidth, lookOfAxes } from './plot-axes.ts';
import { TIME_INCREMENTS, timeLabels } from './time-axis.ts';
import { printTick, type Unit } from './unit.ts';
import type { ValueAxis } from './value-axis.ts';

export interface HeatLook {
  readonly scheme: Scheme;
  readonly timeZone: string | undefined;
  readonly unit: Unit;
}

export interface HeatContent {
  readonly model: HeatmapModel;
  readonly range: TimeRange;
  readonly axis: ValueAxis;
}

/** The cell under the pointer, or -1 where a step has none there; CSS pixels within the plot's own area. */
export interface HeatHover {
  readonly step: number;
  readonly cell: number;
  readonly left: number;
  readonly top: number;
}

export interface HeatEvents {
  onHover(hover: HeatHover | undefined): void;
  onZoom(range: TimeRange): void;
  onZoomOut(): void;
}

export class HeatPlot {
  readonly #uplot: uPlot;
  readonly #events: HeatEvents;
  readonly #look: HeatLook;
  readonly #cursors: Cursors | undefined;
  readonly #forget: (() => void) | undefined;
  readonly #canvas = document.createElement('canvas');
  readonly #crosshair = document.createElement('div');
  /** Around the cell under the pointer. */
  readonly #frame = document.createElement('div');
  readonly #colours: readonly string[];
  #content: HeatContent;
  #hover: HeatHover | undefined;

  constructor(
    host: HTMLElement,
    content: HeatContent,
    look: HeatLook,
    { events, cursors }: { readonly events: HeatEvents; readonly cursors: Cursors | undefined },
  ) {
    this.#events = events;
    this.#content = content;
    this.#look = look;
    this.#cursors = cursors;
    this.#colours = heatColours(look.scheme);
    this.#canvas.className = 'graph-series';
    this.#crosshair.className = 'graph-crosshair';
    this.#crosshair.hidden = true;
    this.#frame.className = 'graph-cell';
    this.#frame.hidden = true;
    const size = { width: host.clientWidth, height: host.clientHeight };
    this.#uplot = new uPlot({ ...this.#options(host), ...size }, this.#extent(), host);
    this.#uplot.over.prepend(this.#canvas, this.#frame, this.#crosshair);
    this.#forget = cursors?.subscribe((timeMs, source) => {
      if (source !== this) this.#mark(timeMs);
    });
  }

  show(content: HeatContent): void {
    this.#content = content;
    this.#hover = undefined;
    this.#uplot.setData(this.#extent());
  }

  resize(width: number, height: number): void {
    if (width === this.#uplot.width && height === this.#uplot.height) return;
    this.#uplot.setSize({ width, height });
  }

  /** Puts the crosshair on a cell of a step, as keys do; `undefined` takes it away. */
  pointAt(place: { readonly step: number; readonly cell: number } | undefined): void {
    if (place === undefined) {
      this.#leave();
      return;
    }
    const { model, axis } = this.#content;
    const { step, cell } = place;
    const middle =
      cell < 0 ? 0.5 : (axis.position(model.lower[cell]) + axis.position(model.upper[cell])) / 2;
    const left = this.#uplot.valToPos(model.times[step], 'x');
    this.#point({ step, cell, left, top: this.#uplot.valToPos(middle, 'y') });
  }

  /** Where the plot's own area begins within the host, in CSS pixels. */
  get inset(): { readonly left: number; readonly top: number } {
    const { offsetLeft, offsetTop } = this.#uplot.over;
    return { left: offsetLeft, top: offsetTop };
  }

  close(): void {
    this.#forget?.();
    this.#uplot.destroy();
  }

  #extent(): uPlot.AlignedData {
    const { startMs, endMs } = this.#content.range;
    return [
      [startMs, endMs],
      [0, 1],
    ];
  }

  #options(host: HTMLElement): Omit<uPlot.Options, 'width' | 'height'> {
    const { timeZone, unit } = this.#look;
    const look = lookOfAxes(host, this.#look.scheme);
    return {
      ms: 1,
      ...(timeZone === undefined ? {} : { tzDate: (ms) => uPlot.tzDate(new Date(ms), timeZone) }),
      padding: [8, 28, 0, 0],
      legend: { show: false },
      scales: {
        x: { range: () => [this.#content.range.startMs, this.#content.range.endMs] },
        y: { range: () => [0, 1] },
      },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [
        {
          ...look,
          incrs: TIME_INCREMENTS,
          space: 84,
          size: 44,
          values: (_, splits, _axis, _space, increment) => timeLabels(splits, increment, timeZone),
        },
        {
          ...look,
          size: (u, labels) => axisWidth(u, labels, look.font),
          splits: () => this.#content.axis.ticks.map((tick) => this.#content.axis.position(tick)),
          values: () => {
            const { axis } = this.#content;
            return axis.ticks.map((tick) => printTick(tick, unit, axis.increment(tick)));
          },
        },
      ],
      cursor: {
        x: false,
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 4 },
        bind: {
          dblclick: () => () => {
            this.#events.onZoomOut();
            return null;
          },
        },
      },
      hooks: {
        draw: [() => this.#paint()],
        setCursor: [() => this.#follow()],
        setSelect: [() => this.#zoom()],
      },
    };
  }

  #paint(): void {
    const { bbox } = this.#uplot;
    this.#canvas.width = Math.round(bbox.width);
    this.#canvas.height = Math.round(bbox.height);
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    const { width, height } = this.#canvas;
    const { axis, range } = this.#content;
    const perMs = width / (range.endMs - range.startMs);
    const model = thinHeatmap(
      this.#content.model,
      Math.floor(1 / (this.#content.model.stepMs * perMs)),
    );
    const column = Math.max(model.stepMs * perMs, 1);
    // Neighbours are kept apart by a pixel where there is room.
    const gap = column > 6 ? 1 : 0;
    for (let step = 0; step < model.times.length; step++) {
      const left = Math.floor((model.times[step] - range.startMs) * perMs - column / 2);
      const right = Math.floor((model.times[step] - range.startMs) * perMs + column / 2);
      if (right < 0 || left > width) continue;
      for (let c = model.offsets[step]; c < model.offsets[step + 1]; c++) {
        if (!(model.counts[c] > 0)) continue;
        const top = Math.round((1 - axis.position(model.upper[c])) * height);
        const bottom = Math.round((1 - axis.position(model.lower[c])) * height);
        context.fillStyle = this.#colours[heatIndex(model.counts[c], model.max)];
        const wide = Math.max(right - left - gap, 1);
        context.fillRect(left, top, wide, Math.max(bottom - top - gap, 1));
      }
    }
    this.#placeFrame();
  }

  #placeFrame(): void {
    const cell = this.#hover?.cell ?? -1;
    this.#frame.hidden = cell < 0;
    if (this.#hover === undefined || cell < 0) return;
    const { clientWidth, clientHeight } = this.#uplot.over;
    const { model, axis, range } = this.#content;
    const perMs = clientWidth / (range.endMs - range.startMs);
    const width = Math.max(model.stepMs * perMs, 3);
    const left = (model.times[this.#hover.step] - range.startMs) * perMs - width / 2;
    const top = (1 - axis.position(model.upper[cell])) * clientHeight;
    const bottom = (1 - axis.position(model.lower[cell])) * clientHeight;
    const { style } = this.#frame;
    style.transform = `translate(${left}px, ${top}px)`;
    style.width = `${width}px`;
    style.height = `${Math.max(bottom - top, 3)}px`;
  }

  #follow(): void {
    const { left = -1, top = -1 } = this.#uplot.cursor;
    const { model, axis } = this.#content;
    const steps = model.times.length;
    if (left < 0 || top < 0 || steps === 0) {
      this.#leave();
      return;
    }
    const timeMs = this.#uplot.posToVal(left, 'x');
    const nearest = Math.round((timeMs - model.times[0]) / model.stepMs);
    const step = Math.min(Math.max(nearest, 0), steps - 1);
    const cell = cellAt(model, step, axis.value(this.#uplot.posToVal(top, 'y')));
    this.#point({ step, cell, left, top });
  }

  #point(hover: HeatHover): void {
    const before = this.#hover;
    const { times } = this.#content.model;
    this.#hover = hover;
    if (before?.step !== hover.step) this.#cursors?.publish(times[hover.step], this);
    if (before?.step !== hover.step || before?.cell !== hover.cell) this.#placeFrame();
    this.#events.onHover(hover);
  }

  #leave(): void {
    if (this.#hover === undefined) return;
    this.#hover = undefined;
    this.#cursors?.publish(undefined, this);
    this.#placeFrame();
    this.#events.onHover(undefined);
  }

  #mark(timeMs: number | undefined): void {
    const left = timeMs === undefined ? -1 : this.#uplot.valToPos(timeMs, 'x');
    this.#crosshair.hidden = left < 0 || left > this.#uplot.over.clientWidth;
    this.#crosshair.style.transform = `translateX(${left}px)`;
  }

  #zoom(): void {
    const { left, width } = this.#uplot.select;
    if (width === 0) return;
    const startMs = Math.round(this.#uplot.posToVal(left, 'x'));
    const endMs = Math.round(this.#uplot.posToVal(left + width, 'x'));
    this.#uplot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (endMs > startMs) this.#events.onZoom({ startMs, endMs });
  }
}

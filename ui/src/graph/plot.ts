/**
 * One graph on the screen. uPlot draws axes and grid and follows the pointer; series are drawn by ourselves on two
 * canvases above: all of them below, the highlighted one on top, so that moving the pointer redraws one line only.
 */
import uPlot from 'uplot';
import type { Cursors } from './cursors.ts';
import { type Exemplar, nearestExemplar } from './exemplars.ts';
import { type GraphModel, heightAt, seriesNear } from './graph-model.ts';
import { type View, xOf, yOf } from './line-path.ts';
import { nearestStep, type TimeRange } from './matrix.ts';
import { type Paint, paintBand, paintLine, paintSeries, stackSteps } from './paint.ts';
import { INKS, PALETTE, type Scheme } from './palette.ts';
import { axisWidth, lookOfAxes } from './plot-axes.ts';
import { valueTicks } from './ticks.ts';
import { TIME_INCREMENTS, timeLabels } from './time-axis.ts';
import { printTick, type Unit } from './unit.ts';

export interface PlotLook {
  readonly scheme: Scheme;
  readonly timeZone: string | undefined;
  readonly unit: Unit;
}

export interface PlotContent {
  readonly model: GraphModel;
  readonly range: TimeRange;
  readonly exemplars: readonly Exemplar[];
}

/** What the pointer or the keys point at. Pixels are CSS pixels from the corner of the plot's own area. */
export interface Hover {
  readonly step: number;
  readonly series: number;
  /** Index of an exemplar under the pointer, or -1. */
  readonly exemplar: number;
  readonly left: number;
  readonly top: number;
}

export interface PlotEvents {
  onHover(hover: Hover | undefined): void;
  onZoom(range: TimeRange): void;
  onZoomOut(): void;
  onPick(hover: Hover): void;
}

/** Shorter drags are clicks. */
const DRAG_PIXELS_MIN = 4;
const EXEMPLAR_REACH_PIXELS = 8;
const TICK_SPACE_PIXELS = 48;

export class Plot {
  readonly #uplot: uPlot;
  readonly #events: PlotEvents;
  readonly #look: PlotLook;
  readonly #cursors: Cursors | undefined;
  readonly #forget: (() => void) | undefined;
  readonly #base = document.createElement('canvas');
  readonly #top = document.createElement('canvas');
  readonly #crosshair = document.createElement('div');
  #content: PlotContent;
  #work: Generator<void> | undefined;
  #frame = 0;
  #highlighted = -1;
  #hover: Hover | undefined;

  constructor(
    host: HTMLElement,
    content: PlotContent,
    look: PlotLook,
    { events, cursors }: { readonly events: PlotEvents; readonly cursors: Cursors | undefined },
  ) {
    this.#events = events;
    this.#content = content;
    this.#look = look;
    this.#cursors = cursors;
    this.#base.className = 'graph-series';
    this.#top.className = 'graph-highlight';
    this.#crosshair.className = 'graph-crosshair';
    this.#crosshair.hidden = true;
    const size = { width: host.clientWidth, height: host.clientHeight };
    this.#uplot = new uPlot({ ...this.#options(host), ...size }, this.#extent(), host);
    this.#uplot.over.prepend(this.#base, this.#top, this.#crosshair);
    this.#uplot.over.addEventListener('click', this.#click);
    this.#forget = cursors?.subscribe((timeMs, source) => {
      if (source !== this) this.#mark(timeMs);
    });
  }

  show(content: PlotContent): void {
    this.#content = content;
    this.#highlighted = -1;
    this.#hover = undefined;
    this.#uplot.setData(this.#extent());
  }

  resize(width: number, height: number): void {
    if (width === this.#uplot.width && height === this.#uplot.height) return;
    this.#uplot.setSize({ width, height });
  }

  /** Draws a series above the others; -1 for none. */
  highlight(series: number): void {
    if (series === this.#highlighted) return;
    this.#highlighted = series;
    this.#paintTop();
  }

  /** Puts the crosshair on a series at a step, as keys do; `undefined` takes it away. */
  pointAt(place: { readonly step: number; readonly series: number } | undefined): void {
    if (place === undefined) {
      this.#leave();
      return;
    }
    const { model } = this.#content;
    const timeMs = model.matrix.times[place.step];
    const height = heightAt(model, place.series, place.step) ?? model.range.min;
    const left = this.#uplot.valToPos(timeMs, 'x');
    const top = this.#uplot.valToPos(height, 'y');
    this.#point({ ...place, exemplar: -1, left, top });
  }

  /** Marks a range of time as a drag does; `undefined` takes the mark away. */
  select(range: TimeRange | undefined): void {
    const left = range === undefined ? 0 : this.#uplot.valToPos(range.startMs, 'x');
    const right = range === undefined ? 0 : this.#uplot.valToPos(range.endMs, 'x');
    const height = range === undefined ? 0 : this.#uplot.over.clientHeight;
    this.#uplot.setSelect({ left, width: right - left, top: 0, height }, false);
  }

  /** Where the plot's own area begins within the host, in CSS pixels. */
  get inset(): { readonly left: number; readonly top: number } {
    const { offsetLeft, offsetTop } = this.#uplot.over;
    return { left: offsetLeft, top: offsetTop };
  }

  close(): void {
    this.#forget?.();
    cancelAnimationFrame(this.#frame);
    this.#uplot.over.removeEventListener('click', this.#click);
    this.#uplot.destroy();
  }

  /** uPlot only needs to know where the axes end. */
  #extent(): uPlot.AlignedData {
    const { range, model } = this.#content;
    return [
      [range.startMs, range.endMs],
      [model.range.min, model.range.max],
    ];
  }

  #options(host: HTMLElement): Omit<uPlot.Options, 'width' | 'height'> {
    const { timeZone } = this.#look;
    return {
      ms: 1,
      ...(timeZone === undefined ? {} : { tzDate: (ms) => uPlot.tzDate(new Date(ms), timeZone) }),
      padding: [8, 28, 0, 0],
      legend: { show: false },
      scales: {
        x: { range: () => [this.#content.range.startMs, this.#content.range.endMs] },
        y: { range: () => [this.#content.model.range.min, this.#content.model.range.max] },
      },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: this.#axes(host),
      cursor: {
        x: false,
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: DRAG_PIXELS_MIN },
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

  #axes(host: HTMLElement): uPlot.Axis[] {
    const look = lookOfAxes(host, this.#look.scheme);
    const { timeZone, unit } = this.#look;
    const ticks = (u: uPlot) =>
      valueTicks(this.#content.model.range, u.height / TICK_SPACE_PIXELS, unit.kind);
    return [
      {
        ...look,
        incrs: TIME_INCREMENTS,
        space: 84,
        size: 44,
        values: (_, splits, _axis, _space, increment) => timeLabels(splits, increment, timeZone),
      },
      {
        ...look,
        size: (u, values) => axisWidth(u, values, look.font),
        splits: (u) => [...ticks(u).values],
        values: (u, splits) => splits.map((tick) => printTick(tick, unit, ticks(u).increment)),
      },
    ];
  }

  #view(): View {
    const { range, model } = this.#content;
    const { width, height } = this.#base;
    return { ...range, ...model.range, width, height };
  }

  #paintJob(): Paint {
    return {
      model: this.#content.model,
      view: this.#view(),
      palette: PALETTE[this.#look.scheme],
      pixelRatio: uPlot.pxRatio,
    };
  }

  #paint(): void {
    const { width, height } = this.#uplot.bbox;
    for (const canvas of [this.#base, this.#top]) {
      canvas.width = Math.round(width);
      canvas.height = Math.round(height);
    }
    const context = this.#base.getContext('2d');
    if (context === null) return;
    cancelAnimationFrame(this.#frame);
    this.#work = paintSeries(context, this.#paintJob());
    this.#goOn();
    this.#paintTop();
  }

  readonly #goOn = (): void => {
    const isDone = this.#work?.next().done ?? true;
    if (isDone) this.#paintExemplars();
    else this.#frame = requestAnimationFrame(this.#goOn);
  };

  #paintTop(): void {
    const context = this.#top.getContext('2d');
    if (context === null) return;
    const paint = this.#paintJob();
    const { model, palette, pixelRatio, view } = paint;
    context.clearRect(0, 0, view.width, view.height);
    const index = this.#highlighted;
    const isDim = index >= 0 && model.shown.length > 1;
    this.#base.classList.toggle('graph-dimmed', isDim);
    if (index < 0) return;
    const colour = palette[model.colours[index]];
    const band = model.stack?.bandOf.get(index);
    if (model.stack === undefined) {
      paintLine(context, paint, { index, colour, width: 2.5 * pixelRatio });
    } else if (band !== undefined) {
      paintBand(context, paint, { band, steps: stackSteps(paint, model.stack), opacity: 1 });
    }
    this.#paintDot(context, paint, colour);
  }

  #paintDot(context: CanvasRenderingContext2D, paint: Paint, colour: string): void {
    if (this.#hover === undefined) return;
    const { model, view, pixelRatio } = paint;
    const { step, series } = this.#hover;
    const height = series < 0 ? undefined : heightAt(model, series, step);
    if (height === undefined || !Number.isFinite(height)) return;
    const x = xOf(view, model.matrix.times[step]);
    context.beginPath();
    context.arc(x, yOf(view, height), 4 * pixelRatio, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
    context.lineWidth = 1.5 * pixelRatio;
    context.strokeStyle = INKS[this.#look.scheme].ground;
    context.stroke();
  }

  #paintExemplars(): void {
    const context = this.#base.getContext('2d');
    if (context === null || this.#content.exemplars.length === 0) return;
    const view = this.#view();
    const size = 4 * uPlot.pxRatio;
    const { mark, ground } = INKS[this.#look.scheme];
    context.fillStyle = mark;
    context.strokeStyle = ground;
    context.lineWidth = uPlot.pxRatio;
    for (const exemplar of this.#content.exemplars) {
      const [x, y] = placeOfExemplar(view, exemplar, size);
      context.beginPath();
      context.moveTo(x, y - size);
      context.lineTo(x + size, y);
      context.lineTo(x, y + size);
      context.lineTo(x - size, y);
      context.closePath();
      context.fill();
      context.stroke();
    }
  }

  #follow(): void {
    const { left = -1, top = -1 } = this.#uplot.cursor;
    const { model, exemplars } = this.#content;
    if (left < 0 || top < 0 || model.matrix.times.length === 0) {
      this.#leave();
      return;
    }
    const ratio = uPlot.pxRatio;
    const view = this.#view();
    const exemplar = nearestExemplar(
      exemplars,
      (one) => placeOfExemplar(view, one, 4 * ratio),
      [left * ratio, top * ratio],
      EXEMPLAR_REACH_PIXELS * ratio,
    );
    const step = nearestStep(model.matrix, this.#uplot.posToVal(left, 'x'));
    const series = seriesNear(model, step, this.#uplot.posToVal(top, 'y'));
    this.#point({ step, series, exemplar, left, top });
  }

  #point(hover: Hover): void {
    const { times } = this.#content.model.matrix;
    const before = this.#hover;
    this.#hover = hover;
    if (before?.step !== hover.step) {
      this.#mark(times[hover.step]);
      this.#cursors?.publish(times[hover.step], this);
    }
    if (before?.step !== hover.step || before?.series !== hover.series) {
      this.#highlighted = hover.series;
      this.#paintTop();
    }
    this.#events.onHover(hover);
  }

  #leave(): void {
    if (this.#hover === undefined) return;
    this.#hover = undefined;
    this.#mark(undefined);
    this.#cursors?.publish(undefined, this);
    this.#highlighted = -1;
    this.#paintTop();
    this.#events.onHover(undefined);
  }

  /** The vertical line: of our own pointer, or of another picture's. */
  #mark(timeMs: number | undefined): void {
    const left = timeMs === undefined ? -1 : this.#uplot.valToPos(timeMs, 'x');
    this.#crosshair.hidden = left < 0 || left > this.#uplot.over.clientWidth;
    this.#crosshair.style.transform = `translateX(${left}px)`;
  }

  #zoom(): void {
    const { left, width } = this.#uplot.select;
    if (width < DRAG_PIXELS_MIN) return;
    const startMs = Math.round(this.#uplot.posToVal(left, 'x'));
    const endMs = Math.round(this.#uplot.posToVal(left + width, 'x'));
    this.select(undefined);
    if (endMs > startMs) this.#events.onZoom({ startMs, endMs });
  }

  readonly #click = (): void => {
    if (this.#hover !== undefined) this.#events.onPick(this.#hover);
  };
}

/** Above or below what the axis shows they lie at its edge. */
function placeOfExemplar(
  view: View,
  { timeMs, value }: Exemplar,
  size: number,
): readonly [number, number] {
  const y = yOf(view, value);
  return [xOf(view, timeMs), Math.min(Math.max(y, size), view.height - size)];
}

/**
 * A graph of a matrix: lines or stacked, with a crosshair that pictures share, zoom by dragging, and a legend that
 * selects. Its size does not depend on what it shows. For those who do not see it there is a sentence, the legend, and a
 * crosshair for keys whose place is read out.
 */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useEffectEvent, useId, useMemo, useRef, useState } from 'react';
import 'uplot/dist/uPlot.min.css';
import { useFormats, useText } from '../text/use-text.ts';
import type { Cursors } from './cursors.ts';
import { ExemplarCard } from './exemplar-card.tsx';
import { type Exemplar, exemplarsOf, type JsonExemplars, traceOf } from './exemplars.ts';
import classes from './graph.module.css';
import { keyAction } from './graph-keys.ts';
import { facesOf, type GraphModel, modelOf, type SeriesFaces } from './graph-model.ts';
import { Legend } from './legend.tsx';
import { type Matrix, type TimeRange, valueAt } from './matrix.ts';
import { PALETTE } from './palette.ts';
import { type Hover, Plot, type PlotContent } from './plot.ts';
import type { Selection } from './selection.ts';
import { seriesName } from './series-name.ts';
import { Tooltip, TooltipLine } from './tooltip.tsx';
import { PLAIN, printValue, type Unit } from './unit.ts';
import { usePointed } from './use-pointed.ts';

export interface GraphProps {
  readonly matrix: Matrix;
  /** What the axis of time shows; the matrix may be older while a new one is on its way. */
  readonly range: TimeRange;
  /** What is drawn, such as the query: for screen readers. */
  readonly label: string;
  /** Of the picture without its legend, in CSS pixels. */
  readonly height?: number;
  readonly stacked?: boolean;
  readonly zeroBased?: boolean;
  readonly unit?: Unit;
  /** `data` of /api/v1/query_exemplars. */
  readonly exemplars?: JsonExemplars;
  /** Shared by pictures whose crosshairs move together. */
  readonly cursors?: Cursors;
  /** Keys (labelKey of palette.ts) of the series to show; undefined for all. Without it the graph keeps its own. */
  readonly selected?: Selection;
  readonly onSelect?: (selected: Selection) => void;
  readonly onZoom?: (range: TimeRange) => void;
  readonly onZoomOut?: () => void;
  readonly legend?: 'table' | 'none';
}

const NO_EXEMPLARS: JsonExemplars = [];
const HEIGHT = 320;

export function Graph(props: GraphProps): React.ReactNode {
  const { matrix, range, label, unit = PLAIN, exemplars = NO_EXEMPLARS, legend = 'table' } = props;
  const { stacked = false, zeroBased = false } = props;
  const scheme = useComputedColorScheme('light');
  const [own, setOwn] = useState<Selection>();
  const selected = props.onSelect === undefined ? own : props.selected;
  const select = props.onSelect ?? setOwn;
  const [inLegend, setInLegend] = useState(-1);
  const faces = useMemo(() => facesOf(matrix), [matrix]);
  const model = useMemo(
    () => modelOf(matrix, faces, { stacked, zeroBased, selected }),
    [matrix, faces, stacked, zeroBased, selected],
  );
  const [hover, setHover] = usePointed<Hover>(model);
  const { startMs, endMs } = range;
  const content = useMemo(
    () => ({ model, range: { startMs, endMs }, exemplars: exemplarsOf(exemplars) }),
    [model, startMs, endMs, exemplars],
  );
  return (
    <div className={classes.graph}>
      <Picture
        {...props}
        unit={unit}
        content={content}
        faces={faces}
        scheme={scheme}
        hover={hover}
        highlighted={inLegend}
        onHover={setHover}
      />
      {legend === 'table' && matrix.series.length > 0 ? (
        <Legend
          label={label}
          matrix={matrix}
          faces={faces}
          palette={PALETTE[scheme]}
          unit={unit}
          shown={model.shown}
          selected={selected}
          hovered={hover?.series ?? -1}
          onSelect={select}
          onHover={setInLegend}
        />
      ) : null}
    </div>
  );
}

interface PictureProps extends GraphProps {
  readonly unit: Unit;
  readonly content: PlotContent;
  readonly faces: SeriesFaces;
  readonly scheme: 'light' | 'dark';
  readonly hover: Hover | undefined;
  /** The series that the legend points at, or -1. */
  readonly highlighted: number;
  onHover(hover: Hover | undefined): void;
}

function Picture(props: PictureProps): React.ReactNode {
  const { content, faces, hover, unit, label, height = HEIGHT } = props;
  const text = useText().graph;
  const [picked, setPicked] = useState<Exemplar>();
  const [anchor, setAnchor] = useState<number>();
  const { host, plot } = usePlot(props, (one) => setPicked(content.exemplars[one]));
  const summary = useSummary(content.model, props);
  const help = useId();
  const steps = content.model.matrix.times.length;
  const zoom = (range: TimeRange): void => {
    setAnchor(undefined);
    props.onZoom?.(range);
  };
  return (
    <div className={classes.frame} style={{ height }}>
      {/* A slider along the axis of time: screen readers know that it moves by arrows. */}
      <div
        ref={host}
        className={classes.plot}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={Math.max(steps - 1, 0)}
        aria-valuenow={hover?.step ?? 0}
        aria-valuetext={usePlaceText(content.model, faces, { hover, unit }) ?? summary}
        aria-describedby={help}
        onBlur={() => plot.current?.pointAt(undefined)}
        onKeyDown={(event) => {
          const action = keyAction(event, { ...content, hover, anchor });
          if (action === undefined) return;
          event.preventDefault();
          // Keys of the page, such as `e`, mean something else.
          event.stopPropagation();
          setAnchor(action.anchor);
          if (action.point !== undefined) plot.current?.pointAt(action.point);
          if (action.clear === true) plot.current?.pointAt(undefined);
          if (action.picked !== undefined) setPicked(action.picked);
          plot.current?.select(action.marked);
          if (action.zoom !== undefined) zoom(action.zoom);
          if (action.zoomOut === true) props.onZoomOut?.();
        }}
      />
      <p id={help} className={classes.unseen}>
        {summary} {text.keys}
      </p>
      {faces.names.length === 0 ? <p className={classes.empty}>{text.empty}</p> : null}
      <HoverTooltip {...props} plot={plot} host={host} />
      {picked === undefined ? null : (
        <ExemplarCard
          exemplar={picked}
          unit={unit}
          onClose={() => {
            setPicked(undefined);
            host.current?.focus();
          }}
        />
      )}
    </div>
  );
}

interface PlotRefs {
  readonly host: React.RefObject<HTMLDivElement | null>;
  readonly plot: React.RefObject<Plot | null>;
}

function usePlot(props: PictureProps, onPick: (exemplar: number) => void): PlotRefs {
  const { content, scheme, unit, cursors, highlighted } = props;
  const { timeZone } = useFormats().settings;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(null);
  const contentNow = useEffectEvent(() => content);
  const onHover = useEffectEvent(props.onHover);
  const onZoom = useEffectEvent((range: TimeRange) => props.onZoom?.(range));
  const onZoomOut = useEffectEvent(() => props.onZoomOut?.());
  const pick = useEffectEvent((hover: Hover) => {
    if (hover.exemplar >= 0) onPick(hover.exemplar);
  });
  const { kind, perSecond } = unit;
  useEffect(() => {
    const { current } = host;
    if (current === null) return;
    const events = { onHover, onZoom, onZoomOut, onPick: pick };
    const look = { scheme, timeZone, unit: { kind, perSecond } };
    const opened = new Plot(current, contentNow(), look, { events, cursors });
    plot.current = opened;
    const sizes = new ResizeObserver(() =>
      opened.resize(current.clientWidth, current.clientHeight),
    );
    sizes.observe(current);
    return () => {
      sizes.disconnect();
      opened.close();
      plot.current = null;
    };
  }, [scheme, timeZone, kind, perSecond, cursors]);
  useEffect(() => plot.current?.show(content), [content]);
  useEffect(() => plot.current?.highlight(highlighted), [highlighted]);
  return { host, plot };
}

/** One sentence on the whole: how many series, from when to when, how low and how high. */
function useSummary(
  { matrix, shown }: GraphModel,
  { label, range, faces, unit }: Pick<PictureProps, 'label' | 'range' | 'faces' | 'unit'>,
): string {
  const text = useText().graph;
  const formats = useFormats();
  return useMemo(() => {
    const count = formats.count(shown.length);
    const [from, to] = [formats.time(range.startMs), formats.time(range.endMs)];
    const sentence = text.summary(label, count, from, to);
    const { series } = matrix;
    const withValues = shown.filter((i) => !Number.isNaN(series[i].stats.min));
    if (withValues.length === 0) return sentence;
    const low = withValues.reduce((a, b) => (series[b].stats.min < series[a].stats.min ? b : a));
    const high = withValues.reduce((a, b) => (series[b].stats.max > series[a].stats.max ? b : a));
    return `${sentence} ${text.extremes(
      printValue(series[low].stats.min, unit),
      faces.names[low],
      printValue(series[high].stats.max, unit),
      faces.names[high],
    )}`;
  }, [matrix, shown, label, range, faces, unit, text, formats]);
}

function usePlaceText(
  { matrix }: GraphModel,
  { names }: SeriesFaces,
  { hover, unit }: Pick<PictureProps, 'hover' | 'unit'>,
): string | undefined {
  const text = useText().graph;
  const formats = useFormats();
  if (hover === undefined || hover.series < 0) return undefined;
  const value = valueAt(matrix.series[hover.series], hover.step);
  const printed = value === undefined ? text.noSample : printValue(value, unit);
  return text.pointAt(formats.time(matrix.times[hover.step]), names[hover.series], printed);
}

function HoverTooltip(props: PictureProps & PlotRefs): React.ReactNode {
  const { content, faces, hover, unit, scheme, plot, host } = props;
  const { matrix, stack } = content.model;
  const text = useText().graph;
  const formats = useFormats();
  const inset = plot.current?.inset;
  if (hover === undefined || inset === undefined || host.current === null) return null;
  const { step, series } = hover;
  const place = {
    left: hover.left + inset.left,
    top: hover.top + inset.top,
    width: host.current.clientWidth,
    height: host.current.clientHeight,
  };
  const exemplar = content.exemplars[hover.exemplar];
  if (exemplar !== undefined) {
    return (
      <Tooltip place={place} time={formats.time(exemplar.timeMs)}>
        <TooltipLine name={text.exemplar} value={printValue(exemplar.value, unit)} />
        <div className={classes.tooltipNote}>
          {traceOf(exemplar) ?? seriesName(exemplar.labels)}
        </div>
      </Tooltip>
    );
  }
  if (series < 0) {
    return (
      <Tooltip place={place} time={formats.time(matrix.times[step])}>
        <div className={classes.tooltipNote}>{text.noSample}</div>
      </Tooltip>
    );
  }
  const value = valueAt(matrix.series[series], step);
  const total = stack === undefined ? undefined : stack.highs[step] + stack.lows[step];
  return (
    <Tooltip place={place} time={formats.time(matrix.times[step])}>
      <TooltipLine
        colour={PALETTE[scheme][faces.colours[series]]}
        name={faces.names[series]}
        value={value === undefined ? text.noSample : printValue(value, unit)}
      />
      {total === undefined ? null : (
        <TooltipLine name={text.stackTotal} value={printValue(total, unit)} />
      )}
    </Tooltip>
  );
}

/** Observations by bucket and time. The crosshair moves with those of graphs that share `cursors`. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useEffectEvent, useId, useMemo, useRef } from 'react';
import 'uplot/dist/uPlot.min.css';
import { useFormats, useText } from '../text/use-text.ts';
import type { Cursors } from './cursors.ts';
import classes from './graph.module.css';
import { heatColours } from './heat-colours.ts';
import { type HeatContent, type HeatHover, HeatPlot } from './heat-plot.ts';
import type { HeatmapModel } from './heatmap-model.ts';
import type { TimeRange } from './matrix.ts';
import type { Scheme } from './palette.ts';
import { Tooltip, TooltipLine } from './tooltip.tsx';
import { PLAIN, printValue, type Unit } from './unit.ts';
import { usePointed } from './use-pointed.ts';
import { type AxisKind, valueAxis } from './value-axis.ts';

export interface HeatmapProps {
  readonly model: HeatmapModel;
  readonly range: TimeRange;
  /** What is drawn, such as the query: for screen readers. */
  readonly label: string;
  readonly axis: AxisKind;
  readonly height?: number;
  /** Of the buckets' bounds. */
  readonly unit?: Unit;
  readonly cursors?: Cursors;
  readonly onZoom?: (range: TimeRange) => void;
  readonly onZoomOut?: () => void;
}

const HEIGHT = 320;
const TICK_SPACE_PIXELS = 40;

export function Heatmap(props: HeatmapProps): React.ReactNode {
  const { model, range, label, height = HEIGHT, unit = PLAIN } = props;
  const text = useText().graph;
  const formats = useFormats();
  const scheme = useComputedColorScheme('light');
  const [hover, setHover] = usePointed<HeatHover>(model);
  const axis = useMemo(
    () => valueAxis(model, props.axis, { ticks: height / TICK_SPACE_PIXELS, unit: unit.kind }),
    [model, props.axis, height, unit.kind],
  );
  const { startMs, endMs } = range;
  const content = useMemo(
    () => ({ model, axis, range: { startMs, endMs } }),
    [model, axis, startMs, endMs],
  );
  const { host, plot } = useHeatPlot(props, { content, scheme, unit, onHover: setHover });
  const help = useId();
  const [from, to] = [formats.time(startMs), formats.time(endMs)];
  const summary = text.heatmapSummary(label, from, to, printValue(model.max, PLAIN));
  const place = usePlace(model, hover, unit);
  const inset = plot.current?.inset ?? { left: 0, top: 0 };
  return (
    <div className={classes.graph}>
      <div className={classes.frame} style={{ height }}>
        <div
          ref={host}
          className={classes.plot}
          role="slider"
          tabIndex={0}
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={Math.max(model.times.length - 1, 0)}
          aria-valuenow={hover?.step ?? 0}
          aria-valuetext={
            place === undefined ? summary : text.cellAt(place.time, place.bounds, place.count)
          }
          aria-describedby={help}
          onBlur={() => plot.current?.pointAt(undefined)}
          onKeyDown={(event) => {
            const target = keyTarget(event.key, model, hover);
            if (target === undefined) return;
            event.preventDefault();
            plot.current?.pointAt(target);
          }}
        />
        <p id={help} className={classes.unseen}>
          {summary} {text.heatmapKeys}
        </p>
        {model.counts.length === 0 ? <p className={classes.empty}>{text.empty}</p> : null}
        {place === undefined || hover === undefined ? null : (
          <Tooltip
            time={place.time}
            place={{
              left: hover.left + inset.left,
              top: hover.top + inset.top,
              width: host.current?.clientWidth ?? 0,
              height,
            }}
          >
            <TooltipLine name={text.bucket} value={place.bounds} />
            <TooltipLine name={text.observations} value={place.count} />
          </Tooltip>
        )}
      </div>
      <ColourScale scheme={scheme} max={model.max} />
    </div>
  );
}

interface HeatPlotState {
  readonly content: HeatContent;
  readonly scheme: Scheme;
  readonly unit: Unit;
  onHover(hover: HeatHover | undefined): void;
}

interface HeatRefs {
  readonly host: React.RefObject<HTMLDivElement | null>;
  readonly plot: React.RefObject<HeatPlot | null>;
}

function useHeatPlot(props: HeatmapProps, state: HeatPlotState): HeatRefs {
  const { content, scheme, unit } = state;
  const { timeZone } = useFormats().settings;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<HeatPlot>(null);
  const contentNow = useEffectEvent(() => content);
  const onHover = useEffectEvent(state.onHover);
  const onZoom = useEffectEvent((range: TimeRange) => props.onZoom?.(range));
  const onZoomOut = useEffectEvent(() => props.onZoomOut?.());
  const { kind, perSecond } = unit;
  const { cursors } = props;
  useEffect(() => {
    const { current } = host;
    if (current === null) return;
    const events = { onHover, onZoom, onZoomOut };
    const look = { scheme, timeZone, unit: { kind, perSecond } };
    const opened = new HeatPlot(current, contentNow(), look, { events, cursors });
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
  return { host, plot };
}

interface Place {
  readonly time: string;
  readonly bounds: string;
  readonly count: string;
}

function usePlace(
  model: HeatmapModel,
  hover: HeatHover | undefined,
  unit: Unit,
): Place | undefined {
  const formats = useFormats();
  if (hover === undefined || hover.cell < 0) return undefined;
  const [lower, upper] = [model.lower[hover.cell], model.upper[hover.cell]];
  return {
    time: formats.time(model.times[hover.step]),
    bounds: `${printValue(lower, unit)} … ${printValue(upper, unit)}`,
    count: printValue(model.counts[hover.cell], PLAIN),
  };
}

/** Arrows go to the neighbour step, or up and down among the cells of a step. */
function keyTarget(
  key: string,
  { times, offsets }: HeatmapModel,
  hover: HeatHover | undefined,
): { readonly step: number; readonly cell: number } | undefined {
  const last = times.length - 1;
  if (last < 0) return undefined;
  const step = hover?.step ?? last;
  const rank = hover === undefined || hover.cell < 0 ? 0 : hover.cell - offsets[step];
  const cellOf = (of: number, wanted: number): number => {
    const count = offsets[of + 1] - offsets[of];
    return count === 0 ? -1 : offsets[of] + Math.min(Math.max(wanted, 0), count - 1);
  };
  const to = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: last }[key];
  if (to !== undefined) {
    const next = hover === undefined ? last : Math.min(Math.max(to, 0), last);
    return { step: next, cell: cellOf(next, rank) };
  }
  if (key === 'ArrowUp') return { step, cell: cellOf(step, rank + 1) };
  return key === 'ArrowDown' ? { step, cell: cellOf(step, rank - 1) } : undefined;
}

function ColourScale({
  scheme,
  max,
}: {
  readonly scheme: Scheme;
  readonly max: number;
}): React.ReactNode {
  const text = useText().graph;
  const high = printValue(max, PLAIN);
  const gradient = `linear-gradient(to right, ${heatColours(scheme).join(', ')})`;
  return (
    <div className={classes.scale} role="img" aria-label={text.scale('0', high)}>
      <span aria-hidden="true">0</span>
      <span className={classes.scaleBar} style={{ backgroundImage: gradient }} />
      <span aria-hidden="true">{high}</span>
    </div>
  );
}

/** One lane a replica and one of the result, on one axis: drag to zoom, point to read exact samples. */
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import { useFormats, useText } from '../text/use-text.ts';
import { axisTimes, laneShapes, type Scale, toTime, toX, zoomed } from './lane-shapes.ts';
import styles from './lanes.module.css';
import { nearest, type Provenance, type Stretch, type Window } from './provenance.ts';
import { Readout } from './readout.tsx';

const STRIP_PX = 28;
/** Shorter drags are presses. */
const DRAG_PX = 4;

export interface LanesProps {
  readonly provenance: Provenance;
  readonly window: Window;
  /** What is shown of the window. */
  readonly view: Window;
  readonly onView: (view: Window) => void;
}

export function Lanes({ provenance, window, view, onView }: LanesProps): React.ReactNode {
  const { replicas: text } = useText();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [cursorMs, setCursor] = useState<number>();
  const [drag, setDrag] = useState<{ readonly fromX: number; readonly toX: number }>();
  const scale: Scale = { view, widthPx: Math.max(1, width) };
  const xOf = (event: React.PointerEvent<HTMLElement>): number =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  const endDrag = (): void => {
    if (drag !== undefined && Math.abs(drag.toX - drag.fromX) >= DRAG_PX) {
      const [a, b] = [toTime(scale, drag.fromX), toTime(scale, drag.toX)];
      onView({ startMs: Math.min(a, b), endMs: Math.max(a, b) });
    }
    setDrag(undefined);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const next = cursorAfterKey(event.key, cursorMs, provenance, view);
    if (next === undefined) return;
    event.preventDefault();
    setCursor(next);
    if (next < view.startMs || next > view.endMs) onView(zoomed(view, window, 1, next));
  };
  return (
    <>
      <div
        aria-label={text.lanes}
        aria-valuemax={Math.round(view.endMs)}
        aria-valuemin={Math.round(view.startMs)}
        aria-valuenow={Math.round(cursorMs ?? view.endMs)}
        className={styles.frame}
        onDoubleClick={() => onView(window)}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ fromX: xOf(event), toX: xOf(event) });
        }}
        onPointerLeave={() => drag === undefined && setCursor(undefined)}
        onPointerMove={(event) => {
          setCursor(toTime(scale, xOf(event)));
          if (drag !== undefined) setDrag({ ...drag, toX: xOf(event) });
        }}
        onPointerUp={endDrag}
        ref={ref}
        role="slider"
        tabIndex={0}
        title={text.zoomHint}
      >
        {width > 0 && <Strips provenance={provenance} scale={scale} />}
        {width > 0 && <Axis scale={scale} />}
        {cursorMs !== undefined && (
          <div className={styles.cursor} style={{ left: toX(scale, cursorMs) }} />
        )}
        {drag !== undefined && (
          <div
            className={styles.drag}
            style={{
              left: Math.min(drag.fromX, drag.toX),
              width: Math.abs(drag.toX - drag.fromX),
            }}
          />
        )}
      </div>
      <Readout cursorMs={cursorMs} provenance={provenance} />
    </>
  );
}

/** Arrows go from sample to sample of the result. */
function cursorAfterKey(
  key: string,
  cursorMs: number | undefined,
  { result }: Provenance,
  view: Window,
): number | undefined {
  const { times } = result;
  const at = nearest(times, cursorMs ?? view.endMs);
  if (at < 0) return undefined;
  if (key === 'ArrowLeft') return times[Math.max(0, cursorMs === undefined ? at : at - 1)];
  if (key === 'ArrowRight') return times[Math.min(times.length - 1, at + 1)];
  if (key === 'Home') return times[nearest(times, view.startMs)];
  if (key === 'End') return times[nearest(times, view.endMs)];
  return undefined;
}

interface StripsProps {
  readonly provenance: Provenance;
  readonly scale: Scale;
}

function Strips({ provenance, scale }: StripsProps): React.ReactNode {
  const { replicas: text } = useText();
  const { lanes, result, stretches, suppliers } = provenance;
  const formats = useFormats();
  return (
    <>
      {lanes.map((lane, i) => (
        <Strip
          facts={[
            text.samples(formats.count(lane.times.length)),
            ...(lane.intervalMs === 0 ? [] : [text.interval(formats.duration(lane.intervalMs))]),
            ...(lane.gaps.length === 0 ? [] : [text.gapCount(formats.count(lane.gaps.length))]),
            text.suppliedShare(
              share(suppliers.filter((one) => one === i).length, suppliers.length),
            ),
          ]}
          key={lane.name}
          lane={lane}
          name={lane.name === '' ? text.onlyOne : text.lane(lane.name)}
          place={i}
          scale={scale}
          stretches={[wholeStretch(lane.times, i)]}
        />
      ))}
      <Strip
        facts={[
          text.samples(formats.count(result.times.length)),
          ...(result.gaps.length === 0 ? [] : [text.gapCount(formats.count(result.gaps.length))]),
        ]}
        lane={result}
        name={text.result}
        place={undefined}
        scale={scale}
        stretches={stretches}
      />
    </>
  );
}

function wholeStretch(times: readonly number[], lane: number): Stretch {
  return { lane, startMs: times[0] ?? 0, endMs: times.at(-1) ?? 0, count: times.length };
}

function share(part: number, whole: number): string {
  return whole === 0 ? '0' : String(Math.round((part / whole) * 100));
}

interface StripProps {
  readonly name: string;
  readonly facts: readonly string[];
  readonly lane: Parameters<typeof laneShapes>[0];
  readonly stretches: readonly Stretch[];
  readonly scale: Scale;
  /** Undefined for the result, which has a colour a stretch. */
  readonly place: number | undefined;
}

function Strip({ name, facts, lane, stretches, scale, place }: StripProps): React.ReactNode {
  const { spans, gaps, ticks } = laneShapes(lane, stretches, scale, STRIP_PX);
  return (
    <div className={styles.lane} data-result={place === undefined || undefined}>
      <div className={styles.head}>
        <span className={styles.swatch} data-lane={place} />
        <strong>{name}</strong>
        <span className={styles.facts}>{facts.join(' · ')}</span>
      </div>
      <svg
        aria-hidden="true"
        className={styles.strip}
        height={STRIP_PX}
        viewBox={`0 0 ${scale.widthPx} ${STRIP_PX}`}
        width={scale.widthPx}
      >
        <rect className={styles.ground} height={STRIP_PX} width={scale.widthPx} />
        {gaps.map(({ x, width }) => (
          <rect
            className={styles.gap}
            height={STRIP_PX}
            key={`${x} ${width}`}
            width={width}
            x={x}
          />
        ))}
        {lane.times.length > 0 &&
          spans.map(({ x, width, lane: colour }) => (
            <rect
              className={styles.span}
              data-lane={colour}
              height={STRIP_PX}
              key={`${x} ${width} ${colour}`}
              width={width}
              x={x}
            />
          ))}
        <path className={styles.ticks} d={ticks} />
      </svg>
    </div>
  );
}

function Axis({ scale }: { readonly scale: Scale }): React.ReactNode {
  const formats = useFormats();
  return (
    <svg aria-hidden="true" className={styles.axis} height={20} width={scale.widthPx}>
      {axisTimes(scale).map((time) => {
        const x = toX(scale, time);
        const isNearEdge = x < 32 || x > scale.widthPx - 32;
        return (
          <g key={time}>
            <path d={`M${x} 0V4`} />
            {!isNearEdge && (
              <text x={x} y={16}>
                {formats.time(time, 'time')}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

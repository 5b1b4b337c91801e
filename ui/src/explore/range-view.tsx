/** The series over a range, as lines, stacks or a heatmap. */
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { askApi } from '../data/api.ts';
import { Graph } from '../graph/graph.tsx';
import { Heatmap } from '../graph/heatmap.tsx';
import {
  hasBuckets,
  heatmapOfBuckets,
  heatmapOfHistograms,
  histogramLines,
} from '../graph/heatmap-model.ts';
import type { Matrix } from '../graph/matrix.ts';
import { unitOfBuckets, unitOfQuery } from '../graph/query-unit.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { useText } from '../text/use-text.ts';
import { EmptyView } from './empty-view.tsx';
import styles from './explore.module.css';
import type { Panel } from './panel.ts';
import { exemplarRequest } from './query-request.ts';
import { GRAPH_HEIGHT_PX, type ResultViewProps } from './result-view.tsx';
import { KEPT_MS } from './use-result.ts';

export function RangeView(props: ResultViewProps): React.ReactNode {
  const { panel, onChange, asked } = props;
  const { display } = useText().explore;
  const { answer } = asked.range;
  if (answer === undefined) return null;
  const { matrix, histograms } = answer.value;
  if (matrix.series.length === 0 && histograms.length === 0) return <EmptyView {...props} />;
  if (panel.tab === 'heatmap') return <HeatmapPart {...props} />;
  const switches = SWITCHES.map(({ key, text }) => (
    <label className={styles.check} key={key}>
      <input
        checked={panel[key]}
        onChange={(event) => onChange({ ...panel, [key]: event.currentTarget.checked }, true)}
        type="checkbox"
      />
      {display[text]}
    </label>
  ));
  return matrix.series.length === 0 ? (
    <HistogramPart {...props}>{switches}</HistogramPart>
  ) : (
    <>
      <div className={styles.display}>{switches}</div>
      <GraphPart {...props} matrix={matrix} />
    </>
  );
}

const SWITCHES = [
  { key: 'isStacked', text: 'stacked' },
  { key: 'isZeroBased', text: 'zeroBased' },
  { key: 'showsExemplars', text: 'exemplars' },
] as const;

interface HistogramPartProps extends ResultViewProps {
  readonly children: React.ReactNode;
}

type HistogramLine = 'count' | 'sum' | 'avg';

/** Native histograms have no one value: a graph shows how many observations there are, their sum or their average. */
function HistogramPart({ children, ...props }: HistogramPartProps): React.ReactNode {
  const text = useText().explore.display;
  const [line, setLine] = useState<HistogramLine>('count');
  const value = props.asked.range.answer?.value;
  const matrix = useMemo(
    () => (value === undefined ? undefined : histogramLines(value.matrix, value.histograms, line)),
    [value, line],
  );
  if (matrix === undefined) return null;
  return (
    <>
      <div className={styles.display}>
        <SegmentedControl
          aria-label={text.histogram}
          data={(['count', 'sum', 'avg'] as const).map((kind) => ({
            value: kind,
            label: text.histogramLines[kind],
          }))}
          onChange={(chosen) => setLine(chosen as HistogramLine)}
          size="xs"
          value={line}
        />
        {children}
      </div>
      <GraphPart {...props} matrix={matrix} />
    </>
  );
}

interface GraphPartProps extends ResultViewProps {
  readonly matrix: Matrix;
}

function GraphPart({ matrix, ...props }: GraphPartProps): React.ReactNode {
  const { panel, cursors } = props;
  const text = useText().explore;
  const zoom = useZoom(props);
  const exemplars = useExemplars(props);
  const unit = useMemo(() => unitOfQuery(panel.expr), [panel.expr]);
  return (
    <Graph
      cursors={cursors}
      exemplars={exemplars}
      height={GRAPH_HEIGHT_PX}
      label={`${text.tabs.graph}: ${panel.expr}`}
      matrix={matrix}
      range={shownRange(props)}
      stacked={panel.isStacked}
      unit={unit}
      zeroBased={panel.isZeroBased}
      {...zoom}
    />
  );
}

function HeatmapPart(props: ResultViewProps): React.ReactNode {
  const { panel, asked, cursors } = props;
  const text = useText().explore;
  const zoom = useZoom(props);
  const [axis, setAxis] = useState<'log' | 'linear'>('log');
  const unit = useMemo(() => unitOfBuckets(panel.expr), [panel.expr]);
  const value = asked.range.answer?.value;
  const model = useMemo(() => {
    if (value === undefined) return undefined;
    if (value.histograms.length > 0) {
      return heatmapOfHistograms(value.matrix, value.histograms);
    }
    return hasBuckets(value.matrix) ? heatmapOfBuckets(value.matrix) : undefined;
  }, [value]);
  if (model === undefined) return <EmptyNote title={text.heatmap.none} />;
  return (
    <>
      <div className={styles.display}>
        <SegmentedControl
          aria-label={text.display.axis}
          data={[
            { value: 'log', label: text.display.logarithmic },
            { value: 'linear', label: text.display.linear },
          ]}
          onChange={(chosen) => setAxis(chosen as 'log' | 'linear')}
          size="xs"
          value={axis}
        />
      </div>
      <Heatmap
        axis={axis}
        cursors={cursors}
        height={GRAPH_HEIGHT_PX}
        label={`${text.tabs.heatmap}: ${panel.expr}`}
        model={model}
        range={shownRange(props)}
        unit={unit}
        {...zoom}
      />
    </>
  );
}

/** The range of what is shown: that of the answer, while a new one is on its way. */
function shownRange({ asked, panel }: ResultViewProps): { startMs: number; endMs: number } {
  const { answer, isOld } = asked.range;
  if (!isOld || answer === undefined) return asked.grid;
  const endMs = Number(answer.request.parameters.end) * 1000;
  const startMs = Number(answer.request.parameters.start) * 1000;
  return Number.isFinite(endMs - startMs)
    ? { startMs, endMs }
    : { startMs: asked.grid.endMs - panel.rangeMs, endMs: asked.grid.endMs };
}

interface Zoom {
  readonly onZoom: (range: { readonly startMs: number; readonly endMs: number }) => void;
  readonly onZoomOut: () => void;
}

const SHORTEST_MS = 1000;

/** Dragging over a graph looks at that part; zooming out doubles the range around its middle. */
function useZoom({ panel, asked, onChange }: ResultViewProps): Zoom {
  const show = (next: Pick<Panel, 'rangeMs' | 'endMs'>) => onChange({ ...panel, ...next });
  return {
    onZoom: ({ startMs, endMs }) =>
      show({
        rangeMs: Math.max(Math.round(endMs - startMs), SHORTEST_MS),
        endMs: Math.round(endMs),
      }),
    onZoomOut: () => {
      const endMs = asked.grid.endMs + panel.rangeMs / 2;
      const isPast = endMs < Date.now();
      show({ rangeMs: panel.rangeMs * 2, endMs: isPast ? Math.round(endMs) : undefined });
    },
  };
}

interface JsonExemplars {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
    readonly timestamp: number;
  }[];
}

/** Exemplars are a help: without them the graph stays as it is. */
function useExemplars({ panel, asked, isThanos }: ResultViewProps): readonly JsonExemplars[] {
  const { path, parameters } = exemplarRequest(panel, asked.grid, { isThanos });
  const { data } = useQuery({
    queryKey: [path, parameters],
    queryFn: async ({ signal }) =>
      (await askApi<readonly JsonExemplars[]>(path, parameters, { signal })).data,
    enabled: panel.showsExemplars,
    gcTime: KEPT_MS,
    retry: false,
  });
  return panel.showsExemplars ? (data ?? NO_EXEMPLARS) : NO_EXEMPLARS;
}

const NO_EXEMPLARS: readonly JsonExemplars[] = [];

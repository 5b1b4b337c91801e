/** Pictures on their own, for tests in a browser: `?scene=NAME&scheme=dark&language=ko`. */
import { MantineProvider } from '@mantine/core';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import '../../app/mantine-styles.ts';
import '../../app/tokens.css';
import { resolveVariables, theme } from '../../app/theme.ts';
import { FormatContext } from '../../text/use-text.ts';
import { useCursors } from '../cursors.ts';
import { Graph, type GraphProps } from '../graph.tsx';
import { Heatmap } from '../heatmap.tsx';
import { heatmapOfHistograms } from '../heatmap-model.ts';
import type { Matrix, TimeRange } from '../matrix.ts';
import { readRange } from '../read-range.ts';
import { ResultTable } from '../result-table.tsx';
import { Sparkline } from '../sparkline.tsx';
import * as pixels from './pixels.ts';
import {
  answerText,
  broken,
  EXEMPLARS,
  flat,
  gridOf,
  histograms,
  START_MS,
  STEP_MS,
  samples,
  vector,
  walks,
} from './scenes.ts';

const search = new URLSearchParams(location.search);
const scheme = search.get('scheme') === 'dark' ? 'dark' : 'light';
const language = search.get('language') === 'ko' ? 'ko' : 'en';

/** What tests read: the ranges that were zoomed to, times in milliseconds, and pixels. */
const seen = {
  ...pixels,
  startMs: START_MS,
  stepMs: STEP_MS,
  zooms: [] as TimeRange[],
  zoomsOut: 0,
  parseMs: 0,
  frames: [] as number[],
  tasks: [] as number[],
};
Object.assign(window, { seen });

function Zoomable(props: Partial<GraphProps> & { readonly matrix: Matrix }): React.ReactNode {
  const { times } = props.matrix;
  const whole = { startMs: times[0], endMs: times[times.length - 1] };
  const [range, setRange] = useState<TimeRange>(whole);
  return (
    <Graph
      label="requests"
      {...props}
      range={range}
      onZoom={(next) => {
        seen.zooms.push(next);
        setRange(next);
      }}
      onZoomOut={() => {
        seen.zoomsOut++;
        setRange(whole);
      }}
    />
  );
}

function Synced(): React.ReactNode {
  const cursors = useCursors();
  const { matrix, histograms: found } = histograms(120);
  const model = heatmapOfHistograms(matrix, found);
  const range = gridOf(120);
  return (
    <>
      <Zoomable matrix={walks(3, 120)} cursors={cursors} height={200} />
      <Heatmap
        model={model}
        range={range}
        label="latency"
        axis="log"
        unit={{ kind: 'seconds', perSecond: false }}
        cursors={cursors}
      />
    </>
  );
}

/** As the page gets it: bytes of an answer, parsed by the worker. */
function Large({ count, steps }: { readonly count: number; readonly steps: number }) {
  const [matrix, setMatrix] = useState<Matrix>();
  useEffect(() => {
    const bytes = new TextEncoder().encode(answerText(count, steps)).buffer;
    seen.tasks = pixels.watchTasks();
    const start = performance.now();
    void readRange(bytes, gridOf(steps)).then((result) => {
      seen.parseMs = performance.now() - start;
      setMatrix(result.matrix);
    });
  }, [count, steps]);
  return matrix === undefined ? null : <Zoomable matrix={matrix} />;
}

const BYTES = { kind: 'bytes', perSecond: true } as const;

const SCENES: Readonly<Record<string, () => React.ReactNode>> = {
  lines: () => <Zoomable matrix={walks(6, 240)} unit={BYTES} exemplars={EXEMPLARS} />,
  stack: () => <Zoomable matrix={walks(6, 240)} stacked />,
  flat: () => <Zoomable matrix={flat([20, 30, 50], 100)} stacked />,
  broken: () => <Zoomable matrix={broken()} />,
  brokenStack: () => <Zoomable matrix={broken()} stacked />,
  single: () => <Zoomable matrix={walks(1, 300)} zeroBased />,
  twelve: () => <Zoomable matrix={walks(12, 240)} />,
  empty: () => <Graph matrix={flat([], 10)} range={gridOf(10)} label="nothing" />,
  hundred: () => <Zoomable matrix={walks(100, 1000)} />,
  million: () => <Large count={1000} steps={1000} />,
  long: () => <Large count={91} steps={11_000} />,
  synced: () => <Synced />,
  table: () => <ResultTable result={vector(10_000)} label="disks" />,
  samples: () => <ResultTable result={samples()} label="up" />,
  scalar: () => (
    <ResultTable result={{ resultType: 'scalar', result: [1, '1e+21'] }} label="scalar" />
  ),
  spark: () => {
    const { times, series } = walks(1, 40);
    return <Sparkline times={times} values={series[0].values} label="requests" />;
  },
};

function Page(): React.ReactNode {
  const scene = SCENES[search.get('scene') ?? 'lines'];
  return <main style={{ padding: 16 }}>{scene()}</main>;
}

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      forceColorScheme={scheme}
    >
      <FormatContext value={{ language, timeZone: 'UTC' }}>
        <Page />
      </FormatContext>
    </MantineProvider>,
  );
}

/** When a panel asks: at first sight, whenever it changes what it asks for, when told to, and again and again. */
import { useEffect, useRef, useState } from 'react';
import type { Panel } from './panel.ts';

/** One time of asking. All views of a panel share it: going from graph to table looks at the same moment. */
export interface Run {
  readonly id: number;
  /** What "now" is for it. */
  readonly nowMs: number;
}

export interface Running {
  readonly run: Run;
  start(): void;
}

export function useRun(panel: Panel, refreshMs: number | undefined): Running {
  const key = questionOf(panel);
  const [state, setState] = useState(() => ({ key, run: { id: 0, nowMs: Date.now() } }));
  const run = state.key === key ? state.run : { id: state.run.id + 1, nowMs: Date.now() };
  if (state.key !== key) setState({ key, run });

  const start = () =>
    setState((old) => ({ ...old, run: { id: old.run.id + 1, nowMs: Date.now() } }));
  const latest = useRef(start);
  latest.current = start;
  const isNow = panel.endMs === undefined && panel.expr !== '';
  useEffect(() => {
    if (refreshMs === undefined || !isNow) return;
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [refreshMs, isNow]);
  return { run, start };
}

/** What decides which data a panel asks for; how it shows them does not. */
function questionOf(panel: Panel): string {
  const { tab, isStacked, isZeroBased, showsExemplars, otherKeys, ...question } = panel;
  return JSON.stringify(question);
}

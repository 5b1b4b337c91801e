/** When a panel asks: at first sight, whenever it changes what it asks for, when told to, and again and again. */
import { useEffect, useEffectEvent, useState } from 'react';
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

export function useRun(panel: Panel): Running {
  const key = questionOf(panel);
  const [state, setState] = useState(() => ({ key, run: { id: 0, nowMs: Date.now() } }));
  const run = state.key === key ? state.run : { id: state.run.id + 1, nowMs: Date.now() };
  if (state.key !== key) setState({ key, run });

  const start = () =>
    setState((old) => ({ ...old, run: { id: old.run.id + 1, nowMs: Date.now() } }));
  return { run, start };
}

export interface Refresh {
  readonly everyMs: number | undefined;
  /** The last answer is still on its way: asking again would throw it away, and a slow query would never end. */
  readonly isRunning: boolean;
  start(): void;
}

/** Starts a panel that looks at now again and again, while the page is visible. */
export function useRefresh({ expr, endMs }: Panel, { everyMs, isRunning, start }: Refresh): void {
  const again = useEffectEvent(() => {
    if (!document.hidden && !isRunning) start();
  });
  const isNow = endMs === undefined && expr !== '';
  useEffect(() => {
    if (everyMs === undefined || !isNow) return;
    const timer = setInterval(() => again(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isNow]);
}

/** What decides which data a panel asks for; how it shows them does not. */
function questionOf(panel: Panel): string {
  const { tab, isStacked, isZeroBased, showsExemplars, otherKeys, ...question } = panel;
  return JSON.stringify(question);
}

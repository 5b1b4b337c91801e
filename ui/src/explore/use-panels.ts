/** The panels of the page: the URL holds them, so that back, forward, bookmarks and shared links work. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useUserSettings } from '../data/user-settings.ts';
import { movePanel, NEW_PANEL, type Panel } from './panel.ts';
import { readPanels, type SearchParameters, writePanels } from './panel-url.ts';

export interface KeyedPanel {
  readonly key: number;
  readonly panel: Panel;
}

export interface Panels {
  readonly all: readonly KeyedPanel[];
  /** A quiet change takes the place of the last one in the browser's history. */
  change(place: number, panel: Panel, isQuiet?: boolean): void;
  add(panel?: Panel): void;
  duplicate(place: number): void;
  remove(place: number): void;
  move(place: number, direction: 'up' | 'down'): void;
}

export function usePanels(): Panels {
  const search = useSearch({ strict: false }) as SearchParameters;
  const navigate = useNavigate();
  const [{ deduplicate, partialResponse }] = useUserSettings();
  const defaults = { isDeduplicated: deduplicate, isPartialAllowed: partialResponse };
  const keys = useKeys();
  const fresh = { ...NEW_PANEL, ...defaults };
  const inUrl = useMemo(() => readPanels(search), [search]);
  const panels = inUrl.length > 0 ? inUrl : [fresh];

  const show = (next: readonly Panel[], nextKeys: readonly number[], isQuiet = false) => {
    keys.set(nextKeys);
    const written = writePanels(next, search);
    void navigate({ to: '.', search: written, replace: isQuiet });
  };
  const order = keys.for(panels.length);
  return {
    all: panels.map((panel, i) => ({ panel, key: order[i] })),
    change: (place, panel, isQuiet) => show(panels.with(place, panel), order, isQuiet),
    add: (panel = fresh) => show([...panels, panel], [...order, keys.fresh()]),
    duplicate: (place) =>
      show(
        panels.toSpliced(place + 1, 0, panels[place]),
        order.toSpliced(place + 1, 0, keys.fresh()),
      ),
    remove: (place) => {
      const rest = panels.toSpliced(place, 1);
      if (rest.length > 0) show(rest, order.toSpliced(place, 1));
      else show([fresh], [keys.fresh()]);
    },
    move: (place, direction) => {
      const to = direction === 'up' ? place - 1 : place + 1;
      if (to < 0 || to >= panels.length) return;
      const moved = order.with(place, order[to]).with(to, order[place]);
      show(movePanel(panels, place, direction), moved);
    },
  };
}

interface Keys {
  for(count: number): readonly number[];
  set(keys: readonly number[]): void;
  fresh(): number;
}

/** Each panel keeps its key when others move: what it shows moves with it. */
function useKeys(): Keys {
  const [{ keys, next }, setState] = useState<{ keys: readonly number[]; next: number }>({
    keys: [0],
    next: 1,
  });
  return {
    for: (count) => Array.from({ length: count }, (_, i) => keys[i] ?? next + i),
    set: (kept) => setState({ keys: kept, next: Math.max(next, ...kept.map((key) => key + 1)) }),
    fresh: () => next,
  };
}

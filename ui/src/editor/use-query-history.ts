/** The history of this browser, shared by all panels and by other windows. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useUserSettings } from '../data/user-settings.ts';
import { parseHistory, remember } from './query-history.ts';

const KEY = 'tsanos.history';
/** Where Prometheus keeps it: whoever comes from there finds the old queries. */
const PROMETHEUS_KEY = 'queryPage.queryHistory';

export interface QueryHistory {
  readonly queries: readonly string[];
  readonly isKept: boolean;
  add(query: string): void;
  clear(): void;
}

export function useQueryHistory(): QueryHistory {
  const [{ rememberHistory }] = useUserSettings();
  const [queries, setQueries] = useState(readStored);
  useEffect(() => {
    const hear = ({ key, newValue }: StorageEvent) => {
      if (key === KEY) setQueries(parseHistory(newValue));
    };
    window.addEventListener('storage', hear);
    return () => window.removeEventListener('storage', hear);
  }, []);
  const write = useCallback(
    (change: (old: readonly string[]) => readonly string[]) => {
      setQueries((old) => {
        const next = change(old);
        if (next !== old && rememberHistory) store(next);
        return next;
      });
    },
    [rememberHistory],
  );
  return useMemo(
    () => ({
      queries,
      isKept: rememberHistory,
      add: (query) => write((old) => remember(old, query)),
      clear: () => write(() => []),
    }),
    [queries, rememberHistory, write],
  );
}

/** Browsers may deny their storage, or it may be full: the history then lives as long as the page. */
function readStored(): readonly string[] {
  try {
    const own = window.localStorage.getItem(KEY);
    return parseHistory(own ?? window.localStorage.getItem(PROMETHEUS_KEY));
  } catch {
    return [];
  }
}

function store(queries: readonly string[]): void {
  try {
    window.localStorage.setItem(KEY, JSON.stringify(queries));
  } catch {
    // As said above.
  }
}

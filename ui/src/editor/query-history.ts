/** The queries that somebody ran, newest first, each once. */

const HISTORY_MAX = 500;
const QUERY_LENGTH_MAX = 10_000;

export function remember(history: readonly string[], query: string): readonly string[] {
  const text = query.trim();
  if (text === '' || text.length > QUERY_LENGTH_MAX) return history;
  return [text, ...history.filter((other) => other !== text)].slice(0, HISTORY_MAX);
}

/** Queries with every word of what was typed, newest first. */
export function searchHistory(
  history: readonly string[],
  typed: string,
  limit: number = HISTORY_MAX,
): readonly string[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (query: string) => words.every((word) => query.toLowerCase().includes(word));
  return history.filter(fits).slice(0, limit);
}

/** Where an arrow leads from a place in the history: −1 is what was being written before. */
export function stepThroughHistory(
  history: readonly string[],
  place: number,
  direction: 'older' | 'newer',
): number {
  const next = direction === 'older' ? place + 1 : place - 1;
  return Math.min(Math.max(next, -1), history.length - 1);
}

/** What a browser kept; an empty history if it is not a list of texts. */
export function parseHistory(stored: string | null): readonly string[] {
  if (stored === null) return [];
  try {
    const list: unknown = JSON.parse(stored);
    return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}

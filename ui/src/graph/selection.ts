/** Which series of a legend are shown: a set of keys, or undefined for all. */

export type Selection = ReadonlySet<string> | undefined;

/** Only this one; all again when it was the only one. */
export function selectOnly(selected: Selection, key: string): Selection {
  const wasOnly = selected !== undefined && selected.size === 1 && selected.has(key);
  return wasOnly ? undefined : new Set([key]);
}

/** Adds or removes one. Nothing left means all. */
export function toggle(selected: Selection, key: string, all: readonly string[]): Selection {
  const next = new Set(selected ?? all);
  if (!next.delete(key)) next.add(key);
  return next.size === 0 || all.every((one) => next.has(one)) ? undefined : next;
}

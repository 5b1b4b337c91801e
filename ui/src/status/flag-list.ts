/** Command-line flags with what was changed. */
export interface FlagHelp {
  readonly default: string | null;
  readonly help: string;
  readonly section: string;
}

export interface FlagRow {
  readonly name: string;
  readonly value: string;
  /** Undefined where the server does not tell. */
  readonly initial: string | undefined;
  readonly help: string;
  readonly section: string;
  readonly isChanged: boolean;
}

export function listFlags(
  flags: Readonly<Record<string, string>>,
  help: Readonly<Record<string, FlagHelp>>,
): readonly FlagRow[] {
  return Object.keys(flags)
    .sort()
    .map((name) => {
      const value = flags[name] ?? '';
      const known = help[name];
      const initial = known === undefined ? undefined : (known.default ?? '');
      return {
        name,
        value,
        initial,
        help: known?.help ?? '',
        section: known?.section ?? '',
        isChanged: initial !== undefined && value !== initial,
      };
    });
}

export function filterFlags(
  rows: readonly FlagRow[],
  { words, onlyChanged }: { readonly words: string; readonly onlyChanged: boolean },
): readonly FlagRow[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ name, value, help, isChanged }) => {
    const text = `--${name}=${value}\n${help}`.toLowerCase();
    return (isChanged || !onlyChanged) && wanted.every((word) => text.includes(word));
  });
}

/**
 * `$NAME` and `${NAME}` in external labels; `$$` is a dollar. Source: os.Expand of Go, whose names are runs of letters,
 * digits and underscores.
 */
export function expandVariables(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  onMissing: (name: string) => void,
): string {
  return text.replace(/\$(?:\{([^}]*)\}|(\w+)|(\$))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined || name === '$') return '$';
    const value = environment[name] ?? '';
    if (value === '') onMissing(name);
    return value;
  });
}

/** Search parameters as flat strings, as Prometheus and Thanos write them: nothing is read as JSON, unknown ones stay. */

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function printSearch(search: Readonly<Record<string, unknown>>): string {
  const printed = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null) printed.append(name, String(value));
  }
  const text = printed.toString();
  return text === '' ? '' : `?${text}`;
}

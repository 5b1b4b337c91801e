/** Labels as PromQL writes them. */

const PLAIN_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** `up{job="node"}`; names that PromQL does not take as they are stand in quotes. */
export function printSelector(labels: Readonly<Record<string, string>>): string {
  const { __name__: metric, ...rest } = labels;
  const isPlain = metric === undefined || PLAIN_METRIC.test(metric);
  const matchers = Object.keys(rest)
    .sort()
    .map((name) => `${PLAIN_NAME.test(name) ? name : quote(name)}=${quote(rest[name] ?? '')}`);
  const inside = [...(isPlain ? [] : [quote(metric)]), ...matchers];
  const start = isPlain ? (metric ?? '') : '';
  return inside.length === 0 && start !== '' ? start : `${start}{${inside.join(', ')}}`;
}

/** JSON's escapes are a part of PromQL's, but for the slash, which JSON.stringify leaves alone. */
function quote(text: string): string {
  return JSON.stringify(text);
}

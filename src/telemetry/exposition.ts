/**
 * Our own metrics as a scrape reads them: Prometheus' text format 0.0.4 or OpenMetrics 1.0. (The client library prints
 * both too, but renames its counters for good once OpenMetrics was asked for.)
 */
export type ExpositionFormat = 'text' | 'openmetrics';

export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** What the client library hands out for one metric. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly Value[];
}

interface Value {
  readonly metricName?: string;
  readonly labels?: Readonly<Record<string, string | number | undefined>>;
  readonly value: number;
}

/** OpenMetrics if the client's Accept header prefers it; quality values are honoured. */
export function chooseFormat(accept: string | undefined): ExpositionFormat {
  let best: ExpositionFormat = 'text';
  let bestQuality = 0;
  for (const part of (accept ?? '').split(',')) {
    const [media, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = Number(/^q=([\d.]+)$/.exec(parameters.at(-1) ?? '')?.[1] ?? 1);
    const isOpenMetrics = media === 'application/openmetrics-text';
    const version = parameters.find((parameter) => parameter.startsWith('version='));
    const isKnown = version === undefined || /^version=(0\.0\.1|1\.0\.0)$/.test(version);
    const format = isOpenMetrics && isKnown ? 'openmetrics' : 'text';
    const counts = isOpenMetrics ? isKnown : /^(text\/(plain|\*)|\*\/\*)$/.test(media);
    if (counts && quality > bestQuality) [best, bestQuality] = [format, quality];
  }
  return best;
}

export function printFamilies(families: readonly Family[], format: ExpositionFormat): Exposition {
  const isOpenMetrics = format === 'openmetrics';
  const body = families.map((family) => printFamily(family, isOpenMetrics)).join('');
  if (!isOpenMetrics) return { contentType: 'text/plain; version=0.0.4; charset=utf-8', body };
  const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  return { contentType, body: `${body}# EOF\n` };
}

function printFamily({ name, help, type, values }: Family, isOpenMetrics: boolean): string {
  const isCounter = type === 'counter';
  const base = isOpenMetrics && isCounter ? name.replace(/_total$/, '') : name;
  const own = isOpenMetrics && isCounter ? `${base}_total` : name;
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const quoted = isOpenMetrics ? text.replaceAll('"', '\\"') : text;
  const head = `# HELP ${base} ${quoted}\n# TYPE ${base} ${type}\n`;
  const lines = values.map(
    ({ metricName = own, labels, value }) =>
      `${metricName}${printLabels(labels, isOpenMetrics)} ${printNumber(value)}\n`,
  );
  return head + lines.join('');
}

function printLabels(labels: Value['labels'], isOpenMetrics: boolean): string {
  const pairs = Object.entries(labels ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escapeValue(labelText(name, value, isOpenMetrics))}"`],
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** OpenMetrics writes bounds and quantiles as floats: `le="1.0"`. */
function labelText(name: string, value: string | number, isOpenMetrics: boolean): string {
  const isBound = name === 'le' || name === 'quantile';
  return isOpenMetrics && isBound && Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A label's value between its quotes. */
export function escapeValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function printNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

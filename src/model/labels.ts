/**
 * A label set as one flat list: name, value, name, value …, ascending by name in UTF-8 byte order, names
 * unique, no empty value (an empty value means that the label is absent). Never change one in place.
 */
export type Labels = readonly string[];

export const METRIC_NAME = '__name__';
export const NO_LABELS: Labels = [];

/** The value of a label, '' when it is absent. */
export function labelValue(labels: Labels, name: string): string {
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] === name) return labels[i + 1] as string;
  }
  return '';
}

/** Sorts, drops empty values; of equal names the last one given wins. */
export function makeLabels(pairs: Iterable<readonly [string, string]>): Labels {
  const byName = new Map(pairs);
  const names = [...byName.keys()].filter((name) => byName.get(name) !== '').sort(compareText);
  return names.flatMap((name) => [name, byName.get(name) as string]);
}

export function labelsOf(record: Readonly<Record<string, string>>): Labels {
  return makeLabels(Object.entries(record));
}

/** Name → value, in the order of the names. */
export function labelRecord(labels: Labels): Record<string, string> {
  return Object.fromEntries(labelPairs(labels));
}

export function labelPairs(labels: Labels): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < labels.length; i += 2)
    pairs.push([labels[i] as string, labels[i + 1] as string]);
  return pairs;
}

/** Without the named labels. */
export function dropLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  const kept: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i] as string;
    if (!names.has(name)) kept.push(name, labels[i + 1] as string);
  }
  return kept.length === labels.length ? labels : kept;
}

/** Only the named labels. */
export function keepLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  const kept: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i] as string;
    if (names.has(name)) kept.push(name, labels[i + 1] as string);
  }
  return kept.length === labels.length ? labels : kept;
}

/** With one label set, replaced or, by an empty value, removed. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  let i = 0;
  while (i < labels.length && compareText(labels[i] as string, name) < 0) i += 2;
  const rest = labels[i] === name ? i + 2 : i;
  const added = value === '' ? [] : [name, value];
  return [...labels.slice(0, i), ...added, ...labels.slice(rest)];
}

/** Order of UTF-8 bytes, which is the order of code points: differs from `<` only beyond U+D800. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return surrogatesLast(x) - surrogatesLast(y);
  }
  return a.length - b.length;
}

/** Surrogate halves stand for code points above every other code unit. */
function surrogatesLast(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** The order of series in blocks, StoreAPI and results: pairwise name, then value; a prefix comes first. */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareText(a[i] as string, b[i] as string);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** A text that is equal exactly for equal label sets: for Map keys, never shown. */
export function labelsKey(labels: Labels): string {
  return labels.join('\u{ff}');
}

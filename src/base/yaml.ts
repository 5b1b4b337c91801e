/**
 * Reads YAML configuration strictly: every field is asked for by name and kind, unknown fields are errors, and each
 * error names the file, line and column of what is wrong.
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
} from 'yaml';
import { OperationError } from './errors.ts';

/** What YAML 1.1 has beside true and false, which Go's programs still read. */
const OLD_BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);
const BINARY_TAG = 'tag:yaml.org,2002:binary';

/** A value somewhere in a document. Each reader throws OperationError 'bad-data' with the place. */
export interface YamlValue {
  /** `web.yml:3:5`, with the path of keys: `web.yml:3:5: tls_server_config.min_version`. */
  readonly place: string;
  /** Nothing is written there, or `null`. */
  readonly isNull: boolean;
  text(): string;
  /** A whole or broken number. */
  number(): number;
  boolean(): boolean;
  list(): readonly YamlValue[];
  /** The fields of a map whose keys are free. */
  entries(): readonly (readonly [string, YamlValue])[];
  /** The fields of a map with these keys and no other; absent and null fields are undefined. */
  fields<const Key extends string>(...keys: readonly Key[]): YamlFields<Key>;
  /** The error that this value is wrong; says what would be right. */
  fault(message: string): OperationError;
  /** Plain data, for what is passed on unread. */
  plain(): unknown;
}

export type YamlFields<Key extends string> = Readonly<Record<Key, YamlValue | undefined>>;

/** `where` names the document in errors: its path or flag. Empty documents read as an empty map. */
export function parseYaml(text: string, where: string): YamlValue {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: true,
    customTags: ['binary'],
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const reason = error.message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '');
    throw new OperationError('bad-data', `${where}:${line}:${col}: ${reason}`);
  }
  const place = (node: unknown, path: string): string => {
    const { line, col } = lines.linePos(isNode(node) ? (node.range?.[0] ?? 0) : 0);
    return `${where}:${line}:${col}${path === '' ? '' : `: ${path}`}`;
  };
  return yamlValue(document.contents, '', { document, place });
}

interface Reading {
  readonly document: Document;
  place(node: unknown, path: string): string;
}

/** What an alias stands for; any other node itself. */
function resolveAlias(node: unknown, { document }: Reading): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** Keys and values with `<<: *base` put in; the map's own fields win. Undefined for what is no map. */
function fieldsOf(node: unknown, reading: Reading): Map<string, unknown> | undefined {
  if (!isMap(node)) return undefined;
  const fields = new Map<string, unknown>();
  for (const { key, value } of node.items) {
    if (!isMergeKey(key)) continue;
    const source = resolveAlias(value, reading);
    for (const base of isSeq(source) ? source.items.toReversed() : [source]) {
      const inherited = fieldsOf(resolveAlias(base, reading), reading) ?? [];
      for (const [name, of] of inherited) fields.set(name, of);
    }
  }
  for (const { key, value } of node.items) {
    if (!isMergeKey(key)) fields.set(keyText(key, reading), value ?? key);
  }
  return fields;
}

function keyText(key: unknown, reading: Reading): string {
  if (isBinary(key)) return binaryText(key, reading.place(key, ''));
  return String(isScalar(key) ? key.value : key);
}

function isBinary(node: unknown): node is Scalar {
  return isScalar(node) && node.tag === BINARY_TAG;
}

/** What a `!!binary` scalar encodes; texts have to be UTF-8. */
function binaryText({ source = '' }: Scalar, place: string): string {
  const base64 = source.replace(/\s/g, '');
  const isBase64 = /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(base64);
  if (!isBase64) throw new OperationError('bad-data', `${place}: is not base64`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    throw new OperationError('bad-data', `${place}: is not a text in UTF-8`);
  }
}

/** A scalar without quotes. */
function isPlain(node: unknown): boolean {
  return isScalar(node) && node.type === 'PLAIN';
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.source === '<<';
}

function yamlValue(raw: unknown, path: string, reading: Reading): YamlValue {
  const node = resolveAlias(raw, reading);
  const place = reading.place(raw, path);
  const fault = (message: string): OperationError =>
    new OperationError('bad-data', `${place}: ${message}`);
  const scalar = isScalar(node) ? node.value : undefined;
  const isNull = node === null || node === undefined || scalar === null;
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const entries = (): (readonly [string, YamlValue])[] => {
    if (isNull) return [];
    const fields = fieldsOf(node, reading);
    if (fields === undefined) throw fault('is not a map of fields');
    return [...fields].map(([key, value]) => [key, yamlValue(value, below(key), reading)]);
  };
  return {
    place,
    isNull,
    fault,
    entries,
    text() {
      if (isBinary(node)) return binaryText(node, place);
      if (typeof scalar === 'string') return scalar;
      if (typeof scalar !== 'number' && typeof scalar !== 'boolean') throw fault('is not a text');
      return isScalar(node) && node.source !== undefined ? node.source : String(scalar);
    },
    number() {
      if (typeof scalar !== 'number') throw fault('is not a number');
      return scalar;
    },
    boolean() {
      if (typeof scalar === 'boolean') return scalar;
      const old = isPlain(node) ? OLD_BOOLEANS.get(String(scalar)) : undefined;
      if (old === undefined) throw fault('is neither true nor false');
      return old;
    },
    list() {
      if (isNull) return [];
      if (!isSeq(node)) throw fault('is not a list');
      return node.items.map((item, i) => yamlValue(item, `${path}[${i}]`, reading));
    },
    fields(...keys) {
      const found = new Map(entries());
      for (const [key, value] of found) {
        if (keys.some((known) => known === key)) continue;
        throw value.fault(`unknown field; known here: ${keys.join(', ')}`);
      }
      const present = keys.map((key) => {
        const value = found.get(key);
        return [key, value?.isNull === true ? undefined : value];
      });
      return Object.fromEntries(present);
    },
    plain: () => (isNode(node) ? node.toJS(reading.document, { maxAliasCount: 100 }) : null),
  };
}

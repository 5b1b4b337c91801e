/**
 * Configuration as a table: what a field is, what it is when it is absent, how it is read, and how it is printed in the
 * effective configuration. A section is an object of fields; its type follows from the table.
 */
import { nearestName } from '../base/nearest-name.ts';
import type { YamlValue } from '../base/yaml.ts';
import { parseByteSize, printByteSize } from '../model/byte-size.ts';
import { parsePrometheusDuration, printDuration } from '../model/duration.ts';

export interface ReadScope {
  /** Resolves a path of the configuration: relative ones against the directory of the file. */
  readonly resolve: (path: string) => string;
  /** Takes a remark on what is valid but has no effect. */
  readonly warn: (value: YamlValue, message: string) => void;
}

export interface Field<T> {
  /** What the field is when nothing is written. */
  readonly absent: T;
  /** Throws OperationError 'bad-data' with the place of what is wrong. */
  read(value: YamlValue, scope: ReadScope): T;
  /** Plain data for the effective configuration; undefined leaves the field out. */
  print(value: T): unknown;
}

export type ValueOf<F> = F extends Field<infer T> ? T : never;

/** The fields of a section of this shape. */
export type FieldsOf<T> = { readonly [Key in keyof T]: Field<T[Key]> };

/** A check of a whole section: what is wrong with it, if anything. */
export type SectionCheck<T> = (section: T) => Fault;
export type Fault = string | undefined;

const FEW_NAMES = 15;

/** Secrets are shown like this wherever a configuration is shown. */
const HIDDEN_SECRET = '<secret>';

export function text(absent = ''): Field<string> {
  return {
    absent,
    read: (value) => value.text(),
    print: (given) => (given === '' ? undefined : given),
  };
}

/** A text that is shown even when it is empty. */
export function shownText(absent = ''): Field<string> {
  return { ...text(absent), print: (given) => given };
}

export function secret(): Field<string> {
  const print = (given: string): unknown => (given === '' ? undefined : HIDDEN_SECRET);
  return { absent: '', read: (value) => value.text(), print };
}

/** A path, resolved; '' stays. */
export function path(): Field<string> {
  const read = (value: YamlValue, scope: ReadScope): string => {
    const given = value.text();
    return given === '' ? '' : scope.resolve(given);
  };
  return { ...text(), read };
}

export function choice<const T extends string>(
  absent: T | undefined,
  values: readonly T[],
  fault: (given: string) => string,
): Field<T | undefined> {
  const read = (value: YamlValue): T => {
    const given = value.text();
    const known = values.find((one) => one === given);
    if (known === undefined) throw value.fault(fault(given));
    return known;
  };
  return { absent, read, print: (given) => given };
}

/** A choice whose empty text says as much as nothing. */
export function orEmpty<T>(of: Field<T>): Field<T> {
  const read = (value: YamlValue, scope: ReadScope): T =>
    value.text() === '' ? of.absent : of.read(value, scope);
  return { ...of, read };
}

export function flag(absent = false): Field<boolean> {
  return { absent, read: (value) => value.boolean(), print: (given) => (given ? true : undefined) };
}

/** A flag that is shown whether it is on or off. */
export function shownFlag(absent: boolean): Field<boolean> {
  return { ...flag(absent), print: (given) => given };
}

/** A flag that inherits when nothing is written. */
export function optionalFlag(): Field<boolean | undefined> {
  return { absent: undefined, read: (value) => value.boolean(), print: (given) => given };
}

/** A number that is not negative. */
export function count(absent = 0): Field<number> {
  const read = (value: YamlValue): number => {
    const given = wholeNumber(value);
    if (given < 0) throw value.fault('is below 0');
    return given;
  };
  return { ...integer(absent), read };
}

export function integer(absent = 0): Field<number> {
  return { absent, read: wholeNumber, print: (given) => (given === 0 ? undefined : given) };
}

export function float(): Field<number> {
  return { ...integer(), read: (value) => value.number() };
}

function wholeNumber(value: YamlValue): number {
  const given = value.number();
  if (!Number.isInteger(given)) throw value.fault('is not a whole number');
  return given;
}

/** Milliseconds. */
export function duration(absent = 0): Field<number> {
  return {
    absent,
    read: readDuration,
    print: (given) => (given === 0 ? undefined : printDuration(given)),
  };
}

function readDuration(value: YamlValue): number {
  const given = value.text();
  const durationMs = parsePrometheusDuration(given);
  if (durationMs === undefined) throw value.fault(`not a valid duration string: "${given}"`);
  return durationMs;
}

/** Bytes, with units of 1024. */
export function byteSize(): Field<number> {
  const read = (value: YamlValue): number => {
    const given = value.text();
    const bytes = parseByteSize(given);
    if (bytes === undefined)
      throw value.fault(`"${given}" is no size such as 10MB: the unit is unknown`);
    return bytes;
  };
  return { absent: 0, read, print: (given) => (given === 0 ? undefined : printByteSize(given)) };
}

/** Values by free keys; `keyFault` tells what is wrong with a key. */
export function mapOf<T>(
  of: Field<T>,
  keyFault: (key: string) => Fault = () => undefined,
): Field<readonly (readonly [string, T])[]> {
  const read = (value: YamlValue, scope: ReadScope): (readonly [string, T])[] =>
    value.entries().map(([key, one]) => {
      const fault = keyFault(key);
      if (fault !== undefined) throw one.fault(fault);
      return [key, one.isNull ? of.absent : of.read(one, scope)];
    });
  const print = (pairs: readonly (readonly [string, T])[]): unknown =>
    unlessEmpty(pairs, () => Object.fromEntries(pairs.map(([key, one]) => [key, of.print(one)])));
  return { absent: [], read, print };
}

/** Texts by free keys. */
export function textMap(): Field<readonly (readonly [string, string])[]> {
  return mapOf(shownText());
}

/** A list of anything; `empty` is the error for an entry without content. */
export function list<T>(of: Field<T>, empty?: string): Field<readonly T[]> {
  const read = (value: YamlValue, scope: ReadScope): T[] =>
    value.list().map((item) => {
      if (!item.isNull) return of.read(item, scope);
      if (empty !== undefined) throw item.fault(empty);
      return of.absent;
    });
  return {
    absent: [],
    read,
    print: (items) => unlessEmpty(items, () => items.map((item) => of.print(item))),
  };
}

export function texts(): Field<readonly string[]> {
  return list(text());
}

function unlessEmpty(items: readonly unknown[], print: () => unknown): unknown {
  return items.length === 0 ? undefined : print();
}

/** A section that is always there: absent, all its fields are. */
export function section<T>(
  fields: FieldsOf<T>,
  ...checks: readonly SectionCheck<NoInfer<T>>[]
): Field<T> {
  return {
    absent: absentSection(fields),
    read: (value, scope) => readSection(fields, { value, scope, checks }),
    print: (given) => printSection(fields, given),
  };
}

/** A section that may be missing. */
export function optional<T>(of: Field<T>): Field<T | undefined> {
  return {
    absent: undefined,
    read: (value, scope) => of.read(value, scope),
    print: (given) => (given === undefined ? undefined : of.print(given)),
  };
}

/** A field that is read and checked, but that nothing acts on yet. */
export function noEffect<T>(of: Field<T>): Field<T> {
  return {
    ...of,
    read(value, scope) {
      scope.warn(value, 'has no effect yet');
      return of.read(value, scope);
    },
  };
}

export function absentSection<T>(fields: FieldsOf<T>): T {
  const pairs = fieldEntries(fields).map(([key, field]) => [key, field.absent]);
  return Object.fromEntries(pairs) as T;
}

function fieldEntries(fields: object): readonly (readonly [string, Field<unknown>])[] {
  return Object.entries(fields);
}

interface SectionReading<T> {
  readonly value: YamlValue;
  readonly scope: ReadScope;
  readonly checks: readonly SectionCheck<T>[];
}

function readSection<T>(fields: FieldsOf<T>, { value, scope, checks }: SectionReading<T>): T {
  const known = new Map(fieldEntries(fields));
  const found = absentSection(fields) as Record<string, unknown>;
  for (const [key, of] of value.entries()) {
    const field = known.get(key);
    if (field === undefined) {
      throw of.fault(`unknown field ${key}${hint(key, [...known.keys()])}`);
    }
    if (!of.isNull) found[key] = field.read(of, scope);
  }
  const result = found as T;
  for (const check of checks) {
    const fault = check(result);
    if (fault !== undefined) throw value.fault(fault);
  }
  return result;
}

/** The nearest of many names, or all of few. */
function hint(key: string, names: readonly string[]): string {
  const near = nearestName(key, names);
  if (near !== undefined) return ` (did you mean ${near}?)`;
  return names.length <= FEW_NAMES ? `; known here: ${names.join(', ')}` : '';
}

/** Undefined when nothing would be shown. */
export function printSection<T>(
  fields: FieldsOf<T>,
  given: T,
): Record<string, unknown> | undefined {
  const shown: Record<string, unknown> = {};
  const values = given as Readonly<Record<string, unknown>>;
  for (const [key, field] of fieldEntries(fields)) {
    const plain = field.print(values[key]);
    if (plain !== undefined) shown[key] = plain;
  }
  return Object.keys(shown).length === 0 ? undefined : shown;
}

/** Fields of JSON that somebody else wrote, read with their types. Absent fields have the type's zero, as in Go. */
import { OperationError } from '../base/errors.ts';
import { type Labels, labelsOf } from '../model/labels.ts';
import { isRecord } from './http-api.ts';

export class JsonFields {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #where: string;

  /** @param where names the value in errors. Throws OperationError 'corrupt' when it is no object. */
  constructor(value: unknown, where: string) {
    if (!isRecord(value))
      throw new OperationError('corrupt', `cannot read ${where}: it is no object`);
    this.#record = value;
    this.#where = where;
  }

  get names(): readonly string[] {
    return Object.keys(this.#record);
  }

  text(name: string): string {
    const value = this.#record[name] ?? '';
    return typeof value === 'string' ? value : this.#refuse(name, 'a text');
  }

  number(name: string): number {
    const value = this.#record[name] ?? 0;
    return typeof value === 'number' ? value : this.#refuse(name, 'a number');
  }

  /** What stands behind the point is cut off. */
  whole(name: string): bigint {
    const value = this.number(name);
    return Number.isFinite(value) ? BigInt(Math.trunc(value)) : this.#refuse(name, 'finite');
  }

  /** A number that JSON holds as a text, so that it may be NaN or infinite. */
  textNumber(name: string): number {
    const text = this.text(name);
    if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
    return Number(text);
  }

  labels(name: string): Labels {
    const value = this.#record[name] ?? {};
    const isLabels =
      isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
    return isLabels ? labelsOf(value as Record<string, string>) : this.#refuse(name, 'a label set');
  }

  object(name: string): JsonFields {
    return new JsonFields(this.#record[name] ?? {}, `${name} of ${this.#where}`);
  }

  list(name: string): JsonFields[] {
    const value = this.#record[name] ?? [];
    if (!Array.isArray(value)) return this.#refuse(name, 'a list');
    return jsonList(value, `${name} of ${this.#where}`);
  }

  #refuse(name: string, what: string): never {
    throw new OperationError('corrupt', `cannot read ${this.#where}: ${name} is not ${what}`);
  }
}

/** The objects of a list. */
export function jsonList(value: unknown, where: string): JsonFields[] {
  if (!Array.isArray(value)) {
    throw new OperationError('corrupt', `cannot read ${where}: it is no list`);
  }
  return value.map((item, i) => new JsonFields(item, `item ${i} of ${where}`));
}

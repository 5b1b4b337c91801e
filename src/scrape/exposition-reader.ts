/**
 * Reads one entry of a page (sample, HELP, TYPE, UNIT, comment) with the whole grammar, and says what is wrong with
 * Prometheus' words. Slow beside the kernel, which leaves to it only what is out of the ordinary.
 */
import { isUtf8 } from 'node:buffer';
import { OperationError } from '../base/errors.ts';
import { type Labels, makeLabels } from '../model/labels.ts';
import { quoteText } from '../model/labels-text.ts';
import type { MetricType } from '../model/metric-type.ts';
import { printGeneral } from '../model/number-text.ts';
import { type ExpositionFormat, ExpositionLexer, type TokenName } from './exposition-lexer.ts';
import type { LabelPairs } from './sample-labels.ts';

/** A sample's exemplar; the time is in ms, undefined when the page gives none. */
export interface PageExemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timeMs: number | undefined;
}

export type PageEntry =
  | {
      readonly kind: 'sample';
      /** The series' bytes as they stand in the page. */
      readonly start: number;
      readonly end: number;
      readonly value: number;
      readonly timeMs: number | undefined;
      readonly exemplar: PageExemplar | undefined;
    }
  | { readonly kind: 'help' | 'unit'; readonly name: string; readonly text: string }
  | { readonly kind: 'type'; readonly name: string; readonly type: MetricType }
  | { readonly kind: 'end' };

const TYPES: Readonly<Record<ExpositionFormat, Readonly<Record<string, MetricType>>>> = {
  text: {
    counter: 'counter',
    gauge: 'gauge',
    histogram: 'histogram',
    summary: 'summary',
    untyped: 'unknown',
  },
  openmetrics: {
    counter: 'counter',
    gauge: 'gauge',
    histogram: 'histogram',
    gaugehistogram: 'gaugehistogram',
    summary: 'summary',
    info: 'info',
    stateset: 'stateset',
    unknown: 'unknown',
  },
};

export type PageMetadata = Extract<PageEntry, { readonly kind: 'help' | 'type' | 'unit' }>;

/** Where name and label texts lie: start and end of the name, then of each label's name and value. */
type Places = number[];

export class ExpositionReader {
  readonly #lexer: ExpositionLexer;
  readonly #buffer: Buffer;
  readonly #format: ExpositionFormat;
  #start = 0;

  /** The text format's bytes end with a newline. */
  constructor(bytes: Uint8Array, format: ExpositionFormat) {
    this.#lexer = new ExpositionLexer(bytes, format);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#format = format;
  }

  /** Where the next entry begins. */
  get at(): number {
    return this.#lexer.at;
  }

  get isAtLine(): boolean {
    return this.#lexer.isAtLine;
  }

  /** Goes on at the line that begins at this byte. */
  seek(at: number): void {
    this.#lexer.seek(at);
  }

  /** The next entry. Throws OperationError 'bad-data' with line and byte. */
  read(): PageEntry {
    for (;;) {
      this.#start = this.#lexer.at;
      const token = this.#lexer.next();
      switch (token) {
        case 'EOF':
          if (this.#format === 'openmetrics') throw this.#fault('data does not end with # EOF');
          return { kind: 'end' };
        case 'EOFWORD':
          if (this.#lexer.next() !== 'EOF') throw this.#fault('unexpected data after # EOF');
          return { kind: 'end' };
        case 'LINEBREAK':
          if (this.#format === 'text') continue;
          throw this.#unexpected('expected a valid start token', token);
        case 'HELP':
        case 'TYPE':
        case 'UNIT':
          return this.#metadata(token);
        case 'COMMENT':
          this.#expect('LINEBREAK', 'linebreak expected after comment');
          continue;
        case 'BOPEN':
        case 'MNAME':
          return this.#sample(token);
        default:
          throw this.#unexpected('expected a valid start token', token);
      }
    }
  }

  /**
   * Name and labels of a series' bytes, as they stand. Throws OperationError 'bad-data' for a name that comes twice.
   */
  labelPairs(start: number, type: MetricType): LabelPairs {
    this.#lexer.seek(start);
    this.#start = start;
    const [places] = this.#series(this.#lexer.next());
    const pairs: [string, string][] = [
      ['__name__', unescapeText(this.#text(places[0], places[1]))],
    ];
    for (let i = 2; i < places.length; i += 4) {
      const name = unescapeText(this.#text(places[i], places[i + 1]));
      const value = unescapeText(this.#text(places[i + 2], places[i + 3]));
      if (pairs.some(([other]) => other === name)) {
        throw this.#fault(`label name ${quoteText(name)} is not unique`);
      }
      pairs.push([name, isBound(type, name) ? normalBound(value) : value]);
    }
    return pairs;
  }

  #metadata(token: 'HELP' | 'TYPE' | 'UNIT'): PageEntry {
    this.#expect('MNAME', `expected metric name after ${token}`);
    const isQuoted = this.#lexer.bytes[this.#lexer.start] === 0x22;
    const trim = isQuoted ? 1 : 0;
    const name = this.#text(this.#lexer.start + trim, this.#lexer.at - trim);
    const isOpen = this.#format === 'openmetrics';
    const found = this.#lexer.next();
    if (found !== 'TEXT') {
      throw this.#fault(`expected text in ${token}${isOpen ? '' : `, got ${found}`}`);
    }
    const from = Math.min(this.#lexer.start + 1, this.#lexer.at);
    const to = isOpen ? Math.max(from, this.#lexer.at - 1) : this.#lexer.at;
    const text = this.#text(from, to);
    const raw = this.#lexer.bytes.subarray(from, to);
    const type = TYPES[this.#format][text];
    if (token === 'TYPE' && type === undefined) {
      throw this.#fault(`invalid metric type ${quoteBytes(raw)}`);
    }
    if (token === 'HELP' && !isUtf8(raw)) {
      throw this.#fault(`help text ${quoteBytes(raw)} is not a valid utf8 string`);
    }
    if (!isOpen) this.#expect('LINEBREAK', 'linebreak expected after metadata');
    if (token === 'TYPE') return { kind: 'type', name, type };
    if (token === 'UNIT') {
      if (text !== '' && !name.endsWith(`_${text}`)) {
        throw this.#fault(`unit ${quoteBytes(raw)} not a suffix of metric ${quoteText(name)}`);
      }
      return { kind: 'unit', name, text };
    }
    return { kind: 'help', name, text: isOpen ? unescapeText(text) : unescapeHelp(text) };
  }

  #sample(first: TokenName): PageEntry {
    const [places, end, next] = this.#series(first);
    if (places[0] === -1) throw this.#parsing('metric name not set');
    const value = this.#value(next, 'metric');
    const { timeMs, exemplar } =
      this.#format === 'openmetrics' ? this.#openSuffix() : { timeMs: this.#plainTime() };
    return { kind: 'sample', start: this.#start, end, value, timeMs, exemplar };
  }

  /** Places of name and labels, the end of the series, and the token after it. */
  #series(first: TokenName): [Places, number, TokenName] {
    if (first === 'BOPEN') {
      const places = this.#braces([-1, -1], false);
      const end = this.#lexer.at;
      return [places, end, this.#lexer.next()];
    }
    const places = [this.#start, this.#lexer.at];
    const end = this.#lexer.at;
    const next = this.#lexer.next();
    if (next !== 'BOPEN') return [places, end, next];
    this.#braces(places, false);
    const braced = this.#lexer.at;
    return [places, braced, this.#lexer.next()];
  }

  #braces(places: Places, isExemplar: boolean): Places {
    let token = this.#lexer.next();
    while (token !== 'BCLOSE') {
      const { start, at: end } = this.#lexer;
      const isQuoted = token === 'QSTRING';
      if (token !== 'LNAME' && !isQuoted) throw this.#unexpected('expected label name', token);
      const trim = isQuoted ? 1 : 0;
      token = this.#lexer.next();
      if (isQuoted && (token === 'COMMA' || token === 'BCLOSE')) {
        if (isExemplar) throw this.#unexpected('expected label name', token);
        if (places[0] !== -1) throw this.#parsing('metric name already set');
        places.splice(0, 2, start + 1, end - 1);
        if (token === 'COMMA') token = this.#lexer.next();
        continue;
      }
      if (token !== 'EQUAL') throw this.#unexpected('expected equal', token);
      places.push(start + trim, end - trim, ...this.#labelValue());
      token = this.#afterLabel();
    }
    return places;
  }

  #labelValue(): readonly [number, number] {
    this.#expect('LVALUE', 'expected label value');
    const { bytes, start, at } = this.#lexer;
    const value = bytes.subarray(start, at);
    if (!isUtf8(value)) throw this.#fault(`invalid UTF-8 label value: ${quoteBytes(value)}`);
    return [start + 1, at - 1];
  }

  /** The first token of the next label, or the brace. */
  #afterLabel(): TokenName {
    const token = this.#lexer.next();
    if (token === 'COMMA') return this.#lexer.next();
    if (token !== 'BCLOSE' && this.#format === 'openmetrics') {
      throw this.#unexpected('expected comma or brace close', token);
    }
    return token;
  }

  #plainTime(): number | undefined {
    const token = this.#lexer.next();
    if (token === 'LINEBREAK') return undefined;
    if (token !== 'TIMESTAMP') throw this.#unexpected('expected timestamp or new record', token);
    const text = this.#text(this.#lexer.start, this.#lexer.at);
    if (BigInt(text) >= 2n ** 63n) {
      throw this.#parsing(`strconv.ParseInt: parsing ${quoteText(text)}: value out of range`);
    }
    this.#expect('LINEBREAK', 'expected next entry after timestamp');
    return Number(text);
  }

  #openSuffix(): { timeMs: number | undefined; exemplar: PageExemplar | undefined } {
    let timeMs: number | undefined;
    let token = this.#lexer.next();
    if (token === 'TIMESTAMP') {
      timeMs = this.#seconds('timestamp');
      token = this.#lexer.next();
      if (token !== 'LINEBREAK' && token !== 'COMMENT') {
        throw this.#unexpected('expected next entry after timestamp', token);
      }
    }
    if (token === 'EOF') throw this.#fault('data does not end with # EOF');
    return { timeMs, exemplar: token === 'COMMENT' ? this.#exemplar() : undefined };
  }

  #exemplar(): PageExemplar {
    const places = this.#braces([], true);
    const pairs: [string, string][] = [];
    for (let i = 0; i < places.length; i += 4) {
      const name = this.#text(places[i], places[i + 1]);
      pairs.push([name, this.#text(places[i + 2], places[i + 3])]);
    }
    const labels = makeLabels(pairs);
    const value = this.#value(this.#lexer.next(), 'exemplar labels');
    const token = this.#lexer.next();
    if (token === 'EOF') throw this.#fault('data does not end with # EOF');
    if (token === 'LINEBREAK') return { labels, value, timeMs: undefined };
    if (token !== 'TIMESTAMP') throw this.#unexpected('expected timestamp or comment', token);
    const timeMs = this.#seconds('exemplar timestamp');
    this.#expect('LINEBREAK', 'expected next entry after exemplar timestamp');
    return { labels, value, timeMs };
  }

  #seconds(what: string): number {
    const seconds = this.#float(this.#lexer.start + 1);
    if (!Number.isFinite(seconds)) {
      const text = Number.isNaN(seconds) ? 'NaN' : seconds > 0 ? '+Inf' : '-Inf';
      throw this.#fault(`invalid ${what} ${text}`);
    }
    return Math.trunc(seconds * 1000);
  }

  #value(token: TokenName, after: string): number {
    if (token !== 'VALUE') throw this.#unexpected(`expected value after ${after}`, token);
    return this.#float(this.#lexer.start + (this.#format === 'openmetrics' ? 1 : 0));
  }

  /** The number from here to the end of the token. */
  #float(from: number): number {
    const value = parsePageFloat(this.#lexer.bytes.subarray(from, this.#lexer.at));
    if (typeof value === 'string') throw this.#parsing(value);
    return value;
  }

  #expect(want: TokenName, message: string): void {
    const token = this.#lexer.next();
    if (token !== want) throw this.#unexpected(message, token);
  }

  #unexpected(message: string, token: TokenName): OperationError {
    const { bytes, start, at } = this.#lexer;
    const end = Math.min(bytes.length, at + 1);
    const got = quoteBytes(bytes.subarray(start, end));
    const line = quoteBytes(bytes.subarray(this.#start, end));
    return this.#fault(`${message}, got ${got} (${quoteText(token)}) while parsing: ${line}`);
  }

  #parsing(message: string): OperationError {
    const line = quoteBytes(this.#lexer.bytes.subarray(this.#start, this.#lexer.at));
    return this.#fault(`${message} while parsing: ${line}`);
  }

  #fault(message: string): OperationError {
    return pageFault(message, this.#lexer.bytes, this.#lexer.start);
  }

  #text(start: number, end: number): string {
    return this.#buffer.toString('utf8', start, end);
  }
}

/** The error that a page is wrong at this byte. */
export function pageFault(message: string, bytes: Uint8Array, at: number): OperationError {
  let line = 1;
  for (let i = bytes.indexOf(10); i !== -1 && i < at; i = bytes.indexOf(10, i + 1)) line++;
  return new OperationError('bad-data', `${message} (line ${line}, byte ${at})`);
}

/** A number as Go's ParseFloat reads it, without hexadecimal and underscores; or what is wrong with it. */
export function parsePageFloat(bytes: Uint8Array): number | string {
  const text = new TextDecoder().decode(bytes);
  if (/[pP_]/.test(text)) return 'unsupported character in float';
  const problem = (why: string): string =>
    `strconv.ParseFloat: parsing ${quoteBytes(bytes)}: ${why}`;
  const [, sign, word] = /^([+-]?)(inf|infinity)$/i.exec(text) ?? [];
  if (word !== undefined) return sign === '-' ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return problem('invalid syntax');
  const value = Number(text);
  return Number.isFinite(value) ? value : problem('value out of range');
}

/** As Go's %q: bytes that are no UTF-8 one by one as `\\xff`. */
export function quoteBytes(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return quoteText(Buffer.from(bytes).toString('utf8'));
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; ) {
    const size = [1, 2, 3, 4].find((length) => isUtf8(bytes.subarray(i, i + length)));
    const isWhole = size !== undefined && i + size <= bytes.length;
    const text = Buffer.from(bytes.subarray(i, i + (size ?? 1)));
    parts.push(
      isWhole ? quoteText(text.toString('utf8')).slice(1, -1) : `\\x${text.toString('hex')}`,
    );
    i += size ?? 1;
  }
  return `"${parts.join('')}"`;
}

/** Escapes of label values and names: a quote, a backslash, a newline; any other backslash stays. */
function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\["\\n]/g, (pair) => (pair[1] === 'n' ? '\n' : pair[1]));
}

function unescapeHelp(text: string): string {
  return text.replaceAll(/\\[\\n]/g, (pair) => (pair[1] === 'n' ? '\n' : '\\'));
}

function isBound(type: MetricType, name: string): boolean {
  return (type === 'histogram' && name === 'le') || (type === 'summary' && name === 'quantile');
}

function normalBound(text: string): string {
  const value = parsePageFloat(Buffer.from(text));
  return typeof value === 'string' ? text : printBound(value);
}

/** OpenMetrics' spelling of a bucket's bound or of a quantile: `1` is `1.0`, `1000000` is `1e+06`. */
export function printBound(value: number): string {
  const printed = printGeneral(value);
  return Number.isFinite(value) && !/[.e]/.test(printed) ? `${printed}.0` : printed;
}

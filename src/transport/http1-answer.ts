/**
 * Reads one HTTP/1.1 answer out of the bytes of a connection. The body is handed on where it lies; only the
 * head is put together. Takes what RFC 9112 allows a server to send: 1xx answers before the real one, chunked
 * bodies with extensions and trailers, bodies of a stated length, bodies that end with the connection.
 */
import { OperationError } from '../base/errors.ts';
import type { BodySink } from './body-sink.ts';

const HEAD_BYTES_MAX = 65536;
const CHUNK_LINE_BYTES_MAX = 4096;
/** Of 1xx, before the real one: as many as Go's client takes. */
const INTERIM_MAX = 5;
const HEAD_END = '\r\n\r\n';
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

type State =
  | 'head'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailers'
  | 'sized'
  | 'until-close'
  | 'complete';

export class Http1Answer {
  /** Whether the server takes another request on the same connection. */
  keepsConnection = false;
  readonly #sink: BodySink;
  #state: State = 'head';
  /** The head, or the line that a chunk begins with, as far as it has come. */
  #text = '';
  #remaining = 0;
  #isUnheard = true;
  #interimCount = 0;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  get isComplete(): boolean {
    return this.#state === 'complete';
  }

  /** Whether no byte of it has come. */
  get isUnheard(): boolean {
    return this.#isUnheard;
  }

  /** How many bytes come next that are the body's. */
  get bodyAhead(): number {
    return this.#isBody() ? this.#remaining : 0;
  }

  /**
   * Takes bytes[0, length); false when the sink wants to stop. What follows the answer ends the connection's use. Throws
   * OperationError 'corrupt'.
   */
  push(bytes: Uint8Array, length: number): boolean {
    this.#isUnheard = false;
    let goesOn = true;
    let at = 0;
    while (at < length && this.#state !== 'complete') {
      if (this.#isBody()) {
        const end = Math.min(length, at + this.#remaining);
        goesOn = this.#sink.data(bytes, at, end);
        this.#remaining -= end - at;
        at = end;
        if (this.#remaining === 0) this.#afterBody();
      } else at = this.#line(bytes, at, length);
    }
    if (at < length) this.keepsConnection = false;
    return goesOn;
  }

  /** The connection has ended. Throws OperationError 'corrupt' when the answer had not. */
  end(): void {
    if (this.#state === 'until-close') this.#complete();
    if (this.#state === 'complete') return;
    throw new OperationError('corrupt', `the connection ended in the ${this.#where()}`);
  }

  #where(): string {
    return this.#state === 'head' ? 'head of the answer' : 'middle of the body';
  }

  #isBody(): boolean {
    const state = this.#state;
    return state === 'chunk-data' || state === 'sized' || state === 'until-close';
  }

  #afterBody(): void {
    if (this.#state === 'chunk-data') this.#state = 'chunk-end';
    else this.#complete();
  }

  #complete(): void {
    this.#state = 'complete';
    this.#sink.end();
  }

  /** Collects a line, or a head that lies there as a whole; returns the offset behind what it took. */
  #line(bytes: Uint8Array, start: number, length: number): number {
    if (this.#state === 'head' && this.#text === '') {
      const all = Buffer.from(bytes.buffer, bytes.byteOffset, length);
      const found = all.indexOf(HEAD_END, start);
      if (found >= 0 && found - start <= HEAD_BYTES_MAX && !hasBareEnd(all, start, found)) {
        this.#text = textOf(bytes, start, found);
        this.#headIsWhole();
        return found + HEAD_END.length;
      }
    }
    let end = start;
    while (end < length && bytes[end] !== LINE_FEED) end++;
    const max = this.#state === 'head' ? HEAD_BYTES_MAX : CHUNK_LINE_BYTES_MAX;
    if (this.#text.length + end - start > max) throw this.#malformed('a line is too long');
    this.#text += textOf(bytes, start, end);
    if (end === length) return end;
    this.#endOfLine();
    return end + 1;
  }

  #endOfLine(): void {
    if (this.#state === 'head') {
      this.#text += '\n';
      if (/^\r?\n$|\n\r?\n$/.test(this.#text)) this.#headIsWhole();
      return;
    }
    const text = this.#text.charCodeAt(this.#text.length - 1) === CARRIAGE_RETURN;
    const line = text ? this.#text.slice(0, -1) : this.#text;
    this.#text = '';
    if (this.#state === 'trailers') {
      if (line === '') this.#complete();
    } else if (this.#state === 'chunk-end') {
      if (line !== '') throw this.#malformed('a chunk is longer than its size');
      this.#state = 'chunk-size';
    } else this.#chunkSize(line);
  }

  #chunkSize(line: string): void {
    const digits = /^([0-9a-fA-F]{1,8})[ \t]*(;|$)/.exec(line)?.[1];
    if (digits === undefined) throw this.#malformed(`${JSON.stringify(line)} is no chunk size`);
    this.#remaining = Number.parseInt(digits, 16);
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk-data';
  }

  #headIsWhole(): void {
    const [statusLine = '', ...lines] = this.#text.trim().split(/\r?\n/);
    this.#text = '';
    const status = Number(/^HTTP\/1\.[01] (\d{3})( |$)/.exec(statusLine)?.[1]);
    if (!(status >= 100)) throw this.#malformed(`it begins with ${JSON.stringify(statusLine)}`);
    if (status < 200) {
      if (++this.#interimCount <= INTERIM_MAX) return;
      throw this.#malformed(`more than ${INTERIM_MAX} answers of 1xx`);
    }
    const headers = headersOf(lines);
    const connection = headers.get('connection')?.toLowerCase() ?? '';
    this.keepsConnection = statusLine.startsWith('HTTP/1.1') && !connection.includes('close');
    this.#sink.head({ status, headers });
    this.#startBody(status, headers);
  }

  #startBody(status: number, headers: ReadonlyMap<string, string>): void {
    const length = oneOf(headers.get('content-length'));
    if (status === 204 || status === 304) this.#complete();
    else if (headers.get('transfer-encoding')?.toLowerCase().endsWith('chunked')) {
      this.#state = 'chunk-size';
    } else if (length === '0') this.#complete();
    else if (length === undefined) {
      this.#state = 'until-close';
      this.#remaining = Infinity;
      this.keepsConnection = false;
    } else {
      if (!/^\d{1,15}$/.test(length)) throw this.#malformed(`content-length is ${length}`);
      this.#state = 'sized';
      this.#remaining = Number(length);
    }
  }

  #malformed(what: string): OperationError {
    return new OperationError('corrupt', `the answer is not HTTP: ${what}`);
  }
}

/** Whether a head with bare line feeds ends before the place. */
function hasBareEnd(bytes: Buffer, start: number, found: number): boolean {
  const before = bytes.subarray(start, found + 2);
  return before.includes('\n\n') || before.includes('\n\r\n');
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** Several values of one name are joined, as RFC 9110, 5.3 has it. */
function headersOf(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

/** The same length given several times is one (RFC 9112, 6.3). */
function oneOf(length: string | undefined): string | undefined {
  const values = new Set(length?.split(/[ \t]*,[ \t]*/));
  return values.size === 1 ? [...values][0] : length;
}

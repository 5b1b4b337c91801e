/** The built UI on the disk: which files it has, in which encodings, and how one of them is answered. */
import { createHash } from 'node:crypto';
import type { FileSystem } from '../base/file-system.ts';
import type { HttpAnswer, HttpRequest } from '../transport/http-route.ts';

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
  woff2: 'font/woff2',
};

/** Best first; the suffix is that of the file beside the plain one. */
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

/** A build gives other bytes another name. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

export class UiFiles {
  readonly #files: FileSystem;
  readonly #directory: string;
  /** Paths below the directory: what is not here is not served, whatever a request says. */
  readonly #paths: ReadonlySet<string>;

  /** A directory that is absent has no files. */
  constructor(files: FileSystem, directory: string) {
    this.#files = files;
    this.#directory = directory;
    this.#paths = new Set(files.stat(directory) === undefined ? [] : listAll(files, directory));
  }

  has(path: string): boolean {
    return this.#paths.has(path) && typeOf(path) !== undefined;
  }

  read(path: string): Uint8Array {
    return this.#files.readFile(`${this.#directory}/${path}`);
  }

  /** Undefined where there is no such file. */
  answer(path: string, { headers }: HttpRequest): HttpAnswer | undefined {
    if (!this.has(path)) return undefined;
    const encoding = ENCODINGS.find(
      ({ name, suffix }) =>
        this.#paths.has(path + suffix) && accepts(headers['accept-encoding'] ?? '', name),
    );
    const body = this.read(path + (encoding?.suffix ?? ''));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const common = {
      etag,
      'cache-control': path.startsWith('assets/') ? IMMUTABLE : 'no-cache',
      vary: 'accept-encoding',
    };
    if (matches(headers['if-none-match'], etag)) return { status: 304, headers: common };
    return {
      status: 200,
      headers: {
        ...common,
        'content-type': typeOf(path) ?? '',
        'x-content-type-options': 'nosniff',
        ...(encoding === undefined ? {} : { 'content-encoding': encoding.name }),
      },
      body,
    };
  }
}

function listAll(files: FileSystem, directory: string): readonly string[] {
  return files.list(directory).flatMap((name) => {
    if (files.stat(`${directory}/${name}`)?.isDirectory !== true) return [name];
    return listAll(files, `${directory}/${name}`).map((below) => `${name}/${below}`);
  });
}

function typeOf(path: string): string | undefined {
  return TYPES[path.slice(path.lastIndexOf('.') + 1)];
}

/** RFC 9110 §12.5.3: named, or meant by `*`, and not with `q=0`. */
function accepts(header: string, encoding: string): boolean {
  const offers = header.split(',').map((part) => {
    const [name = '', ...rest] = part.split(';').map((text) => text.trim().toLowerCase());
    const quality = rest.find((text) => text.startsWith('q='))?.slice(2) ?? '1';
    return { name, isWanted: Number(quality) > 0 };
  });
  const offer =
    offers.find(({ name }) => name === encoding) ?? offers.find(({ name }) => name === '*');
  return offer?.isWanted ?? false;
}

/** RFC 9110 §13.1.2, weakly compared. */
function matches(header: string | undefined, etag: string): boolean {
  return (header ?? '')
    .split(',')
    .map((text) => text.trim().replace(/^W\//, ''))
    .some((text) => text === etag || text === '*');
}

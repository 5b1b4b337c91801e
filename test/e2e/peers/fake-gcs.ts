/**
 * A stand-in for Google Cloud Storage, for which no server can be installed: of its JSON API what the provider GCS
 * uses. Judged by Google's own library, which is its client. Source: the reference of the Cloud Storage JSON API.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32c } from '@node-rs/crc32';

export interface FakeGcs extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Objects by name; undefined after the bucket has gone. */
  objects: Map<string, StoredObject> | undefined;
}

interface StoredObject {
  readonly bytes: Buffer;
  readonly updated: string;
}

const PAGE = 1000;

export async function startFakeGcs(bucket: string): Promise<FakeGcs> {
  const fake = new Fake(bucket);
  const server = createServer((request, response) => {
    fake.answer(request, response).catch((error: unknown) => {
      send(response, 500, { error: { code: 500, message: String(error) } });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  fake.endpoint = endpoint;
  return {
    endpoint,
    get objects() {
      return fake.objects;
    },
    set objects(objects) {
      fake.objects = objects;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

class Fake {
  objects: Map<string, StoredObject> | undefined = new Map();
  endpoint = '';
  readonly #bucket: string;

  constructor(bucket: string) {
    this.#bucket = bucket;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.endpoint);
    const body = await bodyOf(request);
    const place = /^(\/upload)?\/storage\/v1\/b\/([^/]+)\/o(?:\/(.*))?$/.exec(url.pathname);
    if (place === null || place[2] !== this.#bucket || this.objects === undefined) {
      return refuse(response, 404, 'The specified bucket does not exist.');
    }
    const name = place[3] === undefined ? undefined : decodeURIComponent(place[3]);
    if (place[1] !== undefined) return this.#upload(url, { request, response, body });
    if (name === undefined) return this.#list(url.searchParams, response);
    this.#object(name, url, { request, response, body });
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const from = query.get('pageToken') ?? '';
    const items: object[] = [];
    const prefixes: string[] = [];
    const all = [...(this.objects ?? new Map()).keys()].sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
    let last = from;
    for (const name of all.filter((one) => one.startsWith(prefix))) {
      const cut = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
      const shown = cut < 0 ? name : name.slice(0, cut + 1);
      if (Buffer.compare(Buffer.from(shown), Buffer.from(from)) <= 0 || shown === last) continue;
      if (items.length + prefixes.length === PAGE) {
        send(response, 200, { items, prefixes, nextPageToken: last });
        return;
      }
      last = shown;
      if (cut < 0) items.push(this.#metadata(name));
      else prefixes.push(shown);
    }
    send(response, 200, { items, prefixes });
  }

  #object(name: string, url: URL, { request, response }: Turn): void {
    const object = this.objects?.get(name);
    if (object === undefined) {
      refuse(response, 404, `No such object: ${this.#bucket}/${name}`);
    } else if (request.method === 'DELETE') {
      this.objects?.delete(name);
      response.writeHead(204).end();
    } else if (url.searchParams.get('alt') !== 'media') send(response, 200, this.#metadata(name));
    else this.#media(object.bytes, request, response);
  }

  #media(bytes: Buffer, request: IncomingMessage, response: ServerResponse): void {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (range === null) {
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
      return;
    }
    const start = Number(range[1]);
    const { length } = bytes;
    if (start >= length) {
      refuse(response, 416, 'Request range not satisfiable');
      return;
    }
    const piece = bytes.subarray(start, range[2] === '' ? length : Number(range[2]) + 1);
    const headers = {
      'content-length': piece.length,
      'content-range': `bytes ${start}-${start + piece.length - 1}/${length}`,
    };
    response.writeHead(206, headers).end(piece);
  }

  #upload(url: URL, { request, response, body }: Turn): void {
    const boundary = /boundary="?([^";]+)/.exec(request.headers['content-type'] ?? '')?.[1] ?? '';
    const [first, second] = parts(body, boundary);
    const metadata = JSON.parse(first.toString());
    const name = url.searchParams.get('name') ?? metadata.name;
    this.#store(name, { bytes: second, crc32c: metadata.crc32c }, response);
  }

  #store(
    name: string,
    content: { readonly bytes: Buffer; readonly crc32c: string | undefined },
    response: ServerResponse,
  ): void {
    const { bytes } = content;
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32c(bytes) >>> 0);
    if (content.crc32c !== undefined && content.crc32c !== sum.toString('base64')) {
      refuse(response, 400, `Provided CRC32C "${content.crc32c}" doesn't match`);
      return;
    }
    this.objects?.set(name, { bytes, updated: new Date().toISOString() });
    send(response, 200, this.#metadata(name));
  }

  #metadata(name: string): object {
    const object = this.objects?.get(name);
    return {
      kind: 'storage#object',
      bucket: this.#bucket,
      name,
      size: String(object?.bytes.length),
      updated: object?.updated,
      generation: '1',
    };
  }
}

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The contents of a multipart body, without their heads. */
function parts(body: Buffer, boundary: string): Buffer[] {
  const mark = Buffer.from(`--${boundary}`);
  const found: Buffer[] = [];
  let at = body.indexOf(mark);
  for (let end = body.indexOf(mark, at + 1); end >= 0; end = body.indexOf(mark, at + 1)) {
    const start = body.indexOf('\r\n\r\n', at) + 4;
    found.push(body.subarray(start, end - 2));
    at = end;
  }
  return found;
}

function refuse(response: ServerResponse, code: number, message: string): void {
  send(response, code, { error: { code, message, errors: [{ message, reason: 'refused' }] } });
}

function send(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
}

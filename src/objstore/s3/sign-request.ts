/**
 * Signatures of S3 requests. Version 4: AWS "Signature Version 4 signing process", with the payload left unsigned, since
 * its integrity is Content-MD5's and TLS' concern. Version 2: "Signing and authenticating REST requests".
 */
import { createHash, createHmac } from 'node:crypto';

export interface S3Keys {
  readonly accessKey: string;
  readonly secretKey: string;
  /** '' for keys that do not expire. */
  readonly sessionToken: string;
}

export interface UnsignedRequest {
  readonly method: string;
  /** As it is sent: `bucket.host:port` or `host:port`. */
  readonly host: string;
  /** Encoded, as it is sent. */
  readonly path: string;
  /** Parameters before they are encoded. */
  readonly query: readonly (readonly [string, string])[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Signing {
  readonly keys: S3Keys;
  readonly region: string;
  readonly nowMs: number;
  /** Of the bucket in `host`, for version 2, whose signature has the path with the bucket; '' if it is in the path. */
  readonly hostBucket: string;
}

const UNSIGNED = 'UNSIGNED-PAYLOAD';

/** All headers to send. `kept` remembers the key of the day. */
export function signV4(
  request: UnsignedRequest,
  { keys, region, nowMs }: Signing,
  kept: DayKeys,
): Record<string, string> {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.host,
    'x-amz-content-sha256': UNSIGNED,
    'x-amz-date': time,
  };
  if (keys.sessionToken !== '') headers['x-amz-security-token'] = keys.sessionToken;
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    request.path,
    queryText(request.query),
    ...names.map((name) => `${name}:${(headers[name] as string).trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    UNSIGNED,
  ].join('\n');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const hash = createHash('sha256').update(canonical).digest('hex');
  const key = kept.key(keys.secretKey, day, region);
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`;
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const credential = `Credential=${keys.accessKey}/${scope}`;
  const signed = `SignedHeaders=${names.join(';')}`;
  headers.authorization = `AWS4-HMAC-SHA256 ${credential}, ${signed}, Signature=${signature}`;
  return headers;
}

/** The signing key holds for a day: four HMACs fewer a request. */
export class DayKeys {
  #of = '';
  #key: Buffer = Buffer.alloc(0);

  key(secretKey: string, day: string, region: string): Buffer {
    const of = `${day} ${region} ${secretKey}`;
    if (this.#of === of) return this.#key;
    let key = createHmac('sha256', `AWS4${secretKey}`).update(day).digest();
    for (const part of [region, 's3', 'aws4_request']) {
      key = createHmac('sha256', key).update(part).digest();
    }
    [this.#of, this.#key] = [of, key];
    return key;
  }
}

/** Parameters that belong to the resource, so that they are signed, of those that are sent here. */
const SUBRESOURCES: ReadonlySet<string> = new Set([
  'location',
  'partNumber',
  'uploadId',
  'uploads',
]);

/** All headers to send. */
export function signV2(
  request: UnsignedRequest,
  { keys, nowMs, hostBucket }: Signing,
): Record<string, string> {
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.host,
    date: new Date(nowMs).toUTCString(),
  };
  if (keys.sessionToken !== '') headers['x-amz-security-token'] = keys.sessionToken;
  const amazon = Object.keys(headers)
    .filter((name) => name.startsWith('x-amz-'))
    .sort();
  const subresources = request.query
    .filter(([name]) => SUBRESOURCES.has(name))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .sort();
  const resource = `${hostBucket === '' ? '' : `/${hostBucket}`}${request.path}`;
  const text = [
    request.method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    headers.date,
    ...amazon.map((name) => `${name}:${headers[name]}`),
    resource + (subresources.length === 0 ? '' : `?${subresources.join('&')}`),
  ].join('\n');
  const signature = createHmac('sha1', keys.secretKey).update(text).digest('base64');
  headers.authorization = `AWS ${keys.accessKey}:${signature}`;
  return headers;
}

/** In the order and form in which it is signed, and sent. */
export function queryText(query: UnsignedRequest['query']): string {
  return query
    .map(([name, value]) => `${encodeText(name)}=${encodeText(value)}`)
    .sort()
    .join('&');
}

/** RFC 3986: everything but unreserved characters. */
export function encodeText(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** An object's name, or a bucket's with one, as a path without its first '/'. */
export function encodePath(name: string): string {
  return name.split('/').map(encodeText).join('/');
}

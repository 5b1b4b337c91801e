/** Sends signed requests to one bucket: where it is, in which region, and what a refusal means. */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import { OperationError } from '../../base/errors.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { type BucketCall, bucketError, checkSignal } from '../bucket-error.ts';
import {
  type Exchange,
  type ExchangeBody,
  exchangeStreamed,
  exchangeWhole,
  type StreamedAnswer,
  type WholeAnswer,
} from '../exchange.ts';
import type { S3Config } from './s3-config.ts';
import { readRefusal, refusalError, type S3Refusal } from './s3-failure.ts';
import type { KeySource } from './s3-keys.ts';
import { DayKeys, encodePath, queryText, signV2, signV4 } from './sign-request.ts';

export interface S3Request {
  readonly call: BucketCall;
  readonly method: Exchange['method'];
  /** The object's name; undefined for the bucket itself. */
  readonly object?: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ExchangeBody;
  /** Of the answer; a list's page by default. */
  readonly bytesMax?: number;
  readonly signal: AbortSignal | undefined;
}

export interface S3ClientParts {
  readonly config: S3Config;
  /** For messages. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly dispatcher: Dispatcher;
  readonly keys: KeySource;
}

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const USUAL_REGION = 'us-east-1';
/** `s3.amazonaws.com`, `s3.eu-west-1.amazonaws.com`, `s3-eu-west-1.amazonaws.com`, `s3.dualstack.…`. */
const AMAZON = /^s3(?:[.-](?:dualstack\.)?([a-z0-9-]+))?\.amazonaws\.com$/;

export class S3Client {
  readonly #parts: S3ClientParts;
  readonly #dayKeys = new DayKeys();
  #region: string;

  constructor(parts: S3ClientParts) {
    this.#parts = parts;
    const { region, endpoint } = parts.config;
    this.#region = region || (AMAZON.exec(endpoint)?.[1] ?? USUAL_REGION);
  }

  /** An answer of 2xx, or 416 if a range was asked for. */
  async whole(request: S3Request): Promise<WholeAnswer> {
    const bytesMax = request.bytesMax ?? ANSWER_BYTES_MAX;
    return this.#tried(request, async (exchange) => {
      const answer = await exchangeWhole(this.#parts.dispatcher, exchange, bytesMax);
      return isFine(answer.status, request) ? answer : readRefusal(answer);
    });
  }

  async streamed(request: S3Request): Promise<StreamedAnswer> {
    return this.#tried(request, async (exchange) => {
      const answer = await exchangeStreamed(this.#parts.dispatcher, exchange);
      if (isFine(answer.status, request)) return answer;
      const pieces = await Array.fromAsync(answer.body);
      return readRefusal({ ...answer, bytes: Buffer.concat(pieces) });
    });
  }

  /** What a failure inside a body means. */
  bodyError(request: S3Request, error: unknown): unknown {
    const { call, signal } = request;
    checkSignal(this.#parts.name, call, signal);
    if (error instanceof OperationError) return error;
    const reason = 'the connection was lost';
    return bucketError({
      kind: 'unavailable',
      bucket: this.#parts.name,
      call,
      reason,
      cause: error,
    });
  }

  /** Once more with the right region, if it is not configured and the server names another. */
  async #tried<Answer extends object>(
    request: S3Request,
    send: (exchange: Exchange) => Promise<Answer | S3Refusal>,
  ): Promise<Answer> {
    const { call, signal } = request;
    const { name, config } = this.#parts;
    for (let isSecond = false; ; isSecond = true) {
      checkSignal(name, call, signal);
      const answer = await this.#sent(request, send);
      if (!isRefusal(answer)) return answer;
      const isElsewhere = answer.region !== '' && answer.region !== this.#region;
      if (isSecond || !isElsewhere || config.region !== '') throw refusalError(answer, name, call);
      this.#region = answer.region;
    }
  }

  async #sent<Answer>(
    request: S3Request,
    send: (exchange: Exchange) => Promise<Answer>,
  ): Promise<Answer> {
    const { config, logger } = this.#parts;
    const exchange = await this.#signed(request);
    if (config.trace) logger.debug('s3 request', { method: exchange.method, path: exchange.path });
    try {
      return await send(exchange);
    } catch (error) {
      throw this.bodyError(request, error);
    }
  }

  async #signed(request: S3Request): Promise<Exchange> {
    const { config, clock, keys } = this.#parts;
    const { method, object, query = [], headers = {}, body, signal } = request;
    const place = this.#place(object);
    const unsigned = { method, ...place, query, headers };
    const signing = {
      keys: await keys(),
      region: this.#region,
      nowMs: clock.nowMs(),
      hostBucket: place.isInHost ? config.bucket : '',
    };
    const isV2 = config.signatureVersion === 2;
    return {
      origin: `${config.insecure ? 'http' : 'https'}://${place.host}`,
      path: query.length === 0 ? place.path : `${place.path}?${queryText(query)}`,
      method,
      headers: isV2 ? signV2(unsigned, signing) : signV4(unsigned, signing, this.#dayKeys),
      body,
      timeoutMs: config.http.headerTimeoutMs,
      signal,
    };
  }

  #place(object: string | undefined): {
    readonly host: string;
    readonly path: string;
    readonly isInHost: boolean;
  } {
    const { config } = this.#parts;
    const host = this.#host();
    const isInHost = isBucketInHost(config, host);
    const inBucket = object === undefined ? '' : encodePath(object);
    if (isInHost) return { host: `${config.bucket}.${host}`, path: `/${inBucket}`, isInHost };
    const below = object === undefined ? '' : `/${inBucket}`;
    return { host, path: `/${config.bucket}${below}`, isInHost };
  }

  #host(): string {
    const { endpoint, dualStack } = this.#parts.config;
    if (!AMAZON.test(endpoint)) return endpoint;
    return `s3.${dualStack ? 'dualstack.' : ''}${this.#region}.amazonaws.com`;
  }
}

/** As a browser would resolve it, a bucket with dots has no certificate; most servers but the large ones have no names. */
function isBucketInHost({ lookup, bucket, insecure }: S3Config, host: string): boolean {
  if (lookup !== 'auto') return lookup === 'virtual-hosted';
  if (!insecure && bucket.includes('.')) return false;
  return /\.(?:amazonaws\.com(?:\.cn)?|googleapis\.com|aliyuncs\.com)$/.test(host);
}

function isFine(status: number, { headers }: S3Request): boolean {
  return (status >= 200 && status < 300) || (status === 416 && headers?.range !== undefined);
}

function isRefusal(answer: object): answer is S3Refusal {
  return 'code' in answer;
}

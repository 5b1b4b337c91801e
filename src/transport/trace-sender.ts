/**
 * Sends traces to a collector by OTLP, over HTTP or gRPC, again after failures that may pass. Source: OpenTelemetry
 * Protocol Specification, OTLP/gRPC and OTLP/HTTP.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Clock, deadlineSignal } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { defaultClientSettings, type SecretText, type TlsSettings } from './client-settings.ts';
import { createGrpcClient } from './grpc-client.ts';
import { gzipEncoding } from './grpc-compression.ts';
import { TlsFiles } from './grpc-tls.ts';
import { createSettledClient } from './settled-client.ts';

export interface CollectorSettings {
  readonly clientType: 'http' | 'grpc';
  /** host:port */
  readonly endpoint: string;
  /** Of HTTP. */
  readonly urlPath: string;
  readonly isPlain: boolean;
  readonly tls: TlsSettings;
  readonly headers: readonly (readonly [string, string])[];
  readonly isCompressed: boolean;
  /** Of one attempt. */
  readonly timeoutMs: number;
  readonly retry: {
    readonly firstDelayMs: number;
    readonly delayMaxMs: number;
    /** No attempt begins later than this; 0 for a single one. */
    readonly totalMs: number;
  };
}

export interface TraceSenderOptions {
  readonly settings: CollectorSettings;
  readonly files: FileSystem;
  readonly clock: Clock;
  /** Ends attempts and waiting. */
  readonly signal: AbortSignal;
}

export interface TraceSender extends AsyncDisposable {
  /** An encoded ExportTraceServiceRequest. Throws OperationError when all attempts have failed. */
  send(request: Uint8Array): Promise<void>;
}

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const ANSWER_BYTES_MAX = 4 << 20;
const RETRIED_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Throws OperationError when TLS files cannot be used. */
export function createTraceSender(options: TraceSenderOptions): TraceSender {
  const { settings, clock, signal } = options;
  const link = settings.clientType === 'http' ? httpLink(options) : grpcLink(options);
  const attempt = async (request: Uint8Array): Promise<void> => {
    const deadline = deadlineSignal(clock, settings.timeoutMs, signal);
    try {
      await link.attempt(request, deadline.signal);
    } finally {
      deadline.clear();
    }
  };
  return {
    async send(request) {
      const { firstDelayMs, delayMaxMs, totalMs } = settings.retry;
      const endMs = clock.monotonicMs() + totalMs;
      for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 1.5, delayMaxMs)) {
        try {
          return await attempt(request);
        } catch (error) {
          if (!mayPass(error) || clock.monotonicMs() + delayMs > endMs) throw error;
        }
        await clock.sleep(delayMs, signal);
      }
    },
    [Symbol.asyncDispose]: link.close,
  };
}

function mayPass(error: unknown): boolean {
  return error instanceof OperationError && ['unavailable', 'timeout'].includes(error.kind);
}

interface Link {
  /** Throws OperationError; 'unavailable' and 'timeout' may pass. */
  attempt(request: Uint8Array, signal: AbortSignal): Promise<void>;
  readonly close: () => PromiseLike<void>;
}

function httpLink({ settings, files, clock }: TraceSenderOptions): Link {
  const { endpoint, urlPath, isPlain, isCompressed, tls } = settings;
  const client = createSettledClient({
    files,
    clock,
    settings: { ...defaultClientSettings, tls },
  });
  const url = `${isPlain ? 'http' : 'https'}://${endpoint}${urlPath}`;
  const headers = {
    ...Object.fromEntries(settings.headers),
    'content-type': 'application/x-protobuf',
    ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
  };
  return {
    async attempt(request, signal) {
      const body = isCompressed ? await promisify(gzip)(request) : request;
      const answer = await client.request({ method: 'POST', url, headers, body, signal });
      await answer.bytes(ANSWER_BYTES_MAX);
      if (answer.status >= 200 && answer.status < 300) return;
      const kind = RETRIED_STATUS.has(answer.status) ? 'unavailable' : 'bad-data';
      throw new OperationError(kind, `cannot send traces: ${url} answered ${answer.status}`);
    },
    close: () => client[Symbol.asyncDispose](),
  };
}

function grpcLink({ settings, files, clock }: TraceSenderOptions): Link {
  const { endpoint, isPlain, isCompressed, tls, timeoutMs } = settings;
  const { ca, cert, key, serverName, skipVerify } = tls;
  const paths = {
    ca: filePath(ca),
    cert: filePath(cert),
    key: filePath(key),
    minVersion: tls.minVersion === 'TLS13' ? '1.3' : '1.2',
  } as const;
  const client = createGrpcClient(endpoint, {
    clock,
    encodings: new Map([[gzipEncoding.name, gzipEncoding]]),
    compression: isCompressed ? 'gzip' : 'none',
    ...(isPlain
      ? {}
      : {
          tls: {
            files: new TlsFiles(files, paths),
            skipVerify,
            ...(serverName === '' ? {} : { serverName }),
          },
        }),
  });
  const metadata = Object.fromEntries(settings.headers);
  return {
    attempt: async (request, signal) => {
      await client.unary(EXPORT, request, { signal, timeoutMs, metadata });
    },
    close: () => client.close(),
  };
}

function filePath(secret: SecretText | undefined): string {
  if (secret === undefined) return '';
  if (secret.kind === 'file') return secret.path;
  const what = 'certificates and keys of a collector that is asked by gRPC must be in files';
  throw new OperationError('bad-data', `cannot send traces: ${what}`);
}

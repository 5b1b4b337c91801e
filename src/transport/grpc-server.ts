/**
 * A gRPC server over node:http2. Connections that reach their age are drained with GOAWAY, so that clients resolve
 * and balance again; clients that ping too often are turned away, as grpc-go does.
 */
import type { Http2SecureServer, Http2Server, ServerHttp2Session } from 'node:http2';
import { constants, createSecureServer, createServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { silentTracer, type Tracer } from '../telemetry/tracer.ts';
import type { GrpcObserver, GrpcServices } from './grpc.ts';
import type { MessageEncodings } from './grpc-compression.ts';
import {
  MESSAGE_MAX_BYTES,
  SESSION_MEMORY_MB,
  SESSION_WINDOW_BYTES,
  STREAM_WINDOW_BYTES,
} from './grpc-limits.ts';
import { serveCall } from './grpc-server-call.ts';
import type { TlsFiles } from './grpc-tls.ts';

export interface GrpcServerOptions {
  readonly services: GrpcServices;
  readonly clock: Clock;
  readonly random: Random;
  readonly encodings: MessageEncodings;
  readonly tls?: TlsFiles;
  /** 0, the default, is for ever. ±10 % are added by chance, so that clients do not come back all at once. */
  readonly maxConnectionAgeMs?: number;
  readonly observer?: GrpcObserver;
  /** Of each call; without it nothing is traced. */
  readonly tracer?: Tracer;
  /** Largest request, before and after decompression. */
  readonly requestMaxBytes?: number;
}

const PING_MIN_MS = 10_000;
const PING_STRIKES_MAX = 2;
const DRAIN_PING_MS = 1000;

export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #server: Http2Server | Http2SecureServer;
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Everything accepted, also what never became a session. */
  readonly #sockets = new Set<Socket>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    const http2 = {
      settings: { initialWindowSize: STREAM_WINDOW_BYTES },
      maxSessionMemory: SESSION_MEMORY_MB,
      // A client that cancels a thousand calls at once is a querier at work, not an attack.
      streamResetBurst: 20_000,
      streamResetRate: 5000,
    };
    this.#server = options.tls === undefined ? createServer(http2) : secure(http2, options.tls);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('session', (session: ServerHttp2Session) => this.#accept(session));
    // Of one connection only: the session is destroyed with it.
    this.#server.on('sessionError', () => {});
  }

  /** Resolves to the port, which the system chooses for 0. Throws OperationError 'unavailable'. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        const what = `cannot listen for gRPC on ${host}:${port}`;
        reject(new OperationError('unavailable', what, { cause }));
      };
      this.#server.once('error', fail);
      this.#server.listen(port, host, () => {
        this.#server.off('error', fail);
        this.#server.on('error', () => {});
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Lets running calls end for the grace period, then breaks them off. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) this.#drain(session);
    const cancel = this.#options.clock.after(graceMs, () => {
      for (const session of this.#sessions) session.destroy();
      for (const socket of this.#sockets) socket.destroy();
    });
    await closed;
    cancel();
  }

  #accept(session: ServerHttp2Session): void {
    const { clock, random, maxConnectionAgeMs = 0, observer } = this.#options;
    const { services, encodings, requestMaxBytes = MESSAGE_MAX_BYTES } = this.#options;
    const { tracer = silentTracer } = this.#options;
    this.#sessions.add(session);
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    session.on('error', () => {});
    const ageMs = maxConnectionAgeMs * (0.9 + 0.2 * random.next());
    const cancel = ageMs > 0 ? clock.after(ageMs, () => this.#drain(session)) : () => {};
    session.once('close', () => {
      cancel();
      this.#sessions.delete(session);
    });
    const onSend = watchPings(session, clock);
    const { remoteAddress = '', remotePort = 0 } = session.socket;
    const peer = remoteAddress.includes(':')
      ? `[${remoteAddress}]:${remotePort}`
      : `${remoteAddress}:${remotePort}`;
    const limits = { requestMaxBytes, peer, onSend };
    const environment = { services, clock, encodings, observer, tracer, ...limits };
    session.on('stream', (stream, headers) => serveCall(stream, headers, environment));
  }

  /**
   * First a GOAWAY that refuses nothing; when the client has certainly seen it (it answered a ping), the one that
   * names the last stream. So no call is lost on the way.
   */
  #drain(session: ServerHttp2Session): void {
    if (session.destroyed || session.closed) return;
    const close = (): void => {
      cancel();
      if (!session.destroyed) session.close();
    };
    const cancel = this.#options.clock.after(DRAIN_PING_MS, close);
    session.goaway(constants.NGHTTP2_NO_ERROR, 0x7fffffff);
    if (!session.ping(close)) close();
  }
}

function secure(http2: object, tls: TlsFiles): Http2SecureServer {
  const server = createSecureServer({
    ...http2,
    ...tls.context,
    requestCert: tls.asksForCertificate,
    rejectUnauthorized: tls.asksForCertificate,
  });
  // Before the server's own listener, which begins the handshake.
  server.prependListener('connection', () => {
    if (tls.refresh()) server.setSecureContext(tls.context);
  });
  return server;
}

/** Ends a session that pings more often than every ten seconds while nothing is sent to it. */
function watchPings(session: ServerHttp2Session, clock: Clock): () => void {
  let strikes = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  session.on('ping', () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - lastMs < PING_MIN_MS && ++strikes > PING_STRIKES_MAX) {
      const why = Buffer.from('too_many_pings');
      session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, why);
      session.close();
    }
    lastMs = nowMs;
  });
  return () => {
    strikes = 0;
    lastMs = Number.NEGATIVE_INFINITY;
  };
}

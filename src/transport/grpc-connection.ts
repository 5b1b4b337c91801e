/**
 * The HTTP/2 session of a client: made when it is first needed, again after it was lost or drained by the server,
 * watched by pings while calls are running.
 */
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:http2';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { SESSION_MEMORY_MB, SESSION_WINDOW_BYTES, STREAM_WINDOW_BYTES } from './grpc-limits.ts';
import type { TlsFiles } from './grpc-tls.ts';

export interface ClientTls {
  /** Undefined where the system's authorities are trusted and no own certificate is shown. */
  readonly files?: TlsFiles;
  /** Checked against the certificate instead of the address's host. */
  readonly serverName?: string;
  readonly skipVerify?: boolean;
}

const CONNECT_TIMEOUT_MS = 10_000;
const PING_EVERY_MS = 10_000;
const PING_TIMEOUT_MS = 5000;

export class GrpcConnection {
  readonly #address: string;
  readonly #clock: Clock;
  readonly #tls: ClientTls | undefined;
  /** The session that new calls use, ready or on its way. */
  #current: Promise<ClientHttp2Session> | undefined;
  /** All that live, also those that only finish their calls, with the number of their calls. */
  readonly #sessions = new Map<ClientHttp2Session, number>();
  #isClosed = false;

  /** @param address host:port */
  constructor(address: string, clock: Clock, tls: ClientTls | undefined) {
    this.#address = address;
    this.#clock = clock;
    this.#tls = tls;
  }

  /** Throws OperationError 'unavailable' when there is no connection to be had. */
  async request(headers: OutgoingHttpHeaders): Promise<ClientHttp2Stream> {
    for (;;) {
      const connecting = this.#session();
      const session = await connecting;
      if (session.closed || session.destroyed) {
        // A TLS server that refuses us ends a session that has connected, sometimes without a 'close'.
        this.#forget(session, connecting);
        continue;
      }
      const stream = session.request(headers, { endStream: false });
      this.#count(session, 1);
      stream.once('close', () => this.#count(session, -1));
      return stream;
    }
  }

  #count(session: ClientHttp2Session, change: number): void {
    const calls = this.#sessions.get(session);
    if (calls !== undefined) this.#sessions.set(session, calls + change);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const living = [...this.#sessions.keys()].filter((session) => !session.destroyed);
    const ends = living.map(
      (session) =>
        new Promise<void>((resolve) => {
          session.once('close', resolve);
          session.destroy();
        }),
    );
    await Promise.all(ends);
  }

  #session(): Promise<ClientHttp2Session> {
    if (this.#isClosed) {
      return Promise.reject(
        new OperationError('canceled', `the client of ${this.#address} is closed`),
      );
    }
    this.#current ??= this.#connect();
    return this.#current;
  }

  #connect(): Promise<ClientHttp2Session> {
    const session = connect(`${this.#tls === undefined ? 'http' : 'https'}://${this.#address}`, {
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
      maxSessionMemory: SESSION_MEMORY_MB,
      ...this.#tlsOptions(),
    });
    this.#sessions.set(session, 0);
    const connecting = new Promise<ClientHttp2Session>((resolve, reject) => {
      let failure: unknown = 'the connection was closed';
      const cancel = this.#clock.after(CONNECT_TIMEOUT_MS, () => {
        failure = `no connection within ${CONNECT_TIMEOUT_MS} ms`;
        session.destroy();
      });
      session.once('connect', () => {
        cancel();
        session.setLocalWindowSize(SESSION_WINDOW_BYTES);
        this.#keepAlive(session);
        resolve(session);
      });
      session.on('error', (error) => {
        failure = error;
      });
      session.once('close', () => {
        cancel();
        this.#forget(session, connecting);
        const what = `cannot connect to ${this.#address}`;
        reject(
          typeof failure === 'string'
            ? new OperationError('unavailable', `${what}: ${failure}`)
            : new OperationError('unavailable', what, { cause: failure }),
        );
      });
      session.on('goaway', () => this.#forget(undefined, connecting));
    });
    return connecting;
  }

  #forget(session: ClientHttp2Session | undefined, connecting: Promise<ClientHttp2Session>): void {
    if (session !== undefined) this.#sessions.delete(session);
    if (this.#current === connecting) this.#current = undefined;
  }

  #tlsOptions(): ConnectionOptions {
    if (this.#tls === undefined) return {};
    const { files, serverName, skipVerify = false } = this.#tls;
    files?.refresh();
    return {
      minVersion: 'TLSv1.3',
      ...files?.context,
      ...(serverName === undefined ? {} : { servername: serverName }),
      rejectUnauthorized: !skipVerify,
    };
  }

  /** While there are calls, a connection that does not answer a ping is given up: its calls fail, not hang. */
  #keepAlive(session: ClientHttp2Session): void {
    const watch = (): void => {
      if (session.destroyed) return;
      this.#clock.after(PING_EVERY_MS, () => {
        if (session.destroyed) return;
        if (this.#sessions.get(session) === 0) watch();
        else this.#ping(session, watch);
      });
    };
    watch();
  }

  #ping(session: ClientHttp2Session, answered: () => void): void {
    const cancel = this.#clock.after(PING_TIMEOUT_MS, () => {
      const what = `no answer to a ping within ${PING_TIMEOUT_MS} ms`;
      session.destroy(new OperationError('unavailable', what));
    });
    const sent = session.ping((error) => {
      cancel();
      if (error === null) answered();
    });
    if (!sent) cancel();
  }
}

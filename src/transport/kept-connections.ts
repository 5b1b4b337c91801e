/**
 * GET over connections that are kept for the next request: whole answers, each in one piece of memory. For targets that
 * are asked again and again, where 100 µs of a general client weigh as much as reading the answer.
 */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { Http1Connection, requestHead } from './http1-connection.ts';
import { type BodyPlace, PlacedBody, type WholeAnswer } from './placed-body.ts';

export interface KeptOptions {
  readonly clock: Clock;
  /** Of tls.connect. */
  readonly tls: object;
  readonly dialTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

export interface WholeRequest {
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly place: BodyPlace;
  readonly signal: AbortSignal;
}

interface Kept {
  readonly connection: Http1Connection;
  readonly origin: string;
  /** Has answered before. */
  wasUsed: boolean;
  idleSinceMs: number;
}

const RECEIVE_BYTES = 1 << 17;

export class KeptConnections {
  readonly #options: KeptOptions;
  readonly #receive: Uint8Array = Buffer.allocUnsafeSlow(RECEIVE_BYTES);
  /** By origin; the one that was used last is the last. */
  readonly #idle = new Map<string, Kept[]>();
  readonly #busy = new Set<Kept>();
  #isRetired = false;
  #isClosed = false;
  #sweptMs: number;

  constructor(options: KeptOptions) {
    this.#options = options;
    this.#sweptMs = options.clock.monotonicMs();
  }

  /**
   * Throws the error of the connection, what the place says of a body that is too long, or the signal's reason. A kept
   * connection may be closed by the server just as it is used again: then nothing was answered, and GET is repeated.
   */
  async get(request: WholeRequest): Promise<WholeAnswer> {
    const { url, headers, signal } = request;
    signal.throwIfAborted();
    // Before a connection is taken: what is thrown here would leave it to nobody.
    const head = requestHead('GET', url, { host: url.host, ...headers });
    this.#sweep();
    const kept = this.#take(url.origin);
    if (kept !== undefined) {
      try {
        return await this.#ask(kept, head, request);
      } catch (error) {
        if (!(error instanceof StaleError)) throw error;
      }
    }
    return await this.#ask(this.#open(url), head, request);
  }

  /** Requests that run end as if nothing had happened; their connections, and idle ones, are not used again. */
  retire(): void {
    this.#isRetired = true;
    for (const { connection } of [...this.#idle.values()].flat()) connection.close();
  }

  /** Breaks off what runs. */
  close(): void {
    this.#isClosed = true;
    this.retire();
    for (const { connection } of this.#busy) connection.fail(closed());
  }

  #ask(kept: Kept, head: string, { place, signal }: WholeRequest): Promise<WholeAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer>();
    const { connection, wasUsed } = kept;
    const abort = (): void => connection.fail(signal.reason);
    const settle = (): void => signal.removeEventListener('abort', abort);
    const fail = (error: Error): void => {
      settle();
      const isStale = wasUsed && connection.isUnheard && !signal.aborted && !this.#isClosed;
      reject(isStale ? new StaleError() : error);
    };
    const succeed = (answer: WholeAnswer): void => {
      settle();
      resolve(answer);
    };
    signal.addEventListener('abort', abort);
    this.#busy.add(kept);
    connection.ask(head, undefined, new PlacedBody(place, succeed, fail));
    return promise;
  }

  #take(origin: string): Kept | undefined {
    const all = this.#idle.get(origin);
    const last = all?.pop();
    if (all?.length === 0) this.#idle.delete(origin);
    return last;
  }

  #open(url: URL): Kept {
    const { clock } = this.#options;
    const kept: Kept = {
      connection: new Http1Connection({
        ...this.#options,
        url,
        receive: this.#receive,
        onFree: () => this.#putBack(kept),
        onClose: () => this.#forget(kept),
      }),
      origin: url.origin,
      wasUsed: false,
      idleSinceMs: clock.monotonicMs(),
    };
    return kept;
  }

  #putBack(kept: Kept): void {
    this.#busy.delete(kept);
    if (this.#isRetired) {
      kept.connection.close();
      return;
    }
    kept.wasUsed = true;
    kept.idleSinceMs = this.#options.clock.monotonicMs();
    const others = this.#idle.get(kept.origin);
    if (others === undefined) this.#idle.set(kept.origin, [kept]);
    else others.push(kept);
  }

  #forget(kept: Kept): void {
    this.#busy.delete(kept);
    const others = this.#idle.get(kept.origin);
    const at = others?.indexOf(kept) ?? -1;
    if (others === undefined || at < 0) return;
    others.splice(at, 1);
    if (others.length === 0) this.#idle.delete(kept.origin);
  }

  /** Closes what has been idle for too long, looking for it now and then: it costs no timer a request. */
  #sweep(): void {
    const { clock, idleTimeoutMs } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#sweptMs < idleTimeoutMs / 8) return;
    this.#sweptMs = nowMs;
    for (const { connection, idleSinceMs } of [...this.#idle.values()].flat()) {
      if (nowMs - idleSinceMs > idleTimeoutMs) connection.close();
    }
  }
}

/** Nothing was answered on a connection that had answered before. */
class StaleError extends Error {}

function closed(): OperationError {
  return new OperationError('canceled', 'the client was closed');
}

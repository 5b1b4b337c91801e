/**
 * The endpoints beneath a querier: which there are is asked anew each round, what they are is asked of themselves by
 * Info calls. One that fails is not queried until it answers again, and after a while it is forgotten; a strict one
 * stays. Source: Thanos' endpoint set.
 */
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { ProxiedStore } from '../storeapi/proxied-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { GrpcClient } from '../transport/grpc.ts';
import { Info, InfoRequestSchema, InfoResponseSchema } from '../wire/gen/thanos/info_pb.ts';
import { decodeMessage, encodeMessage, methodPath } from '../wire/message.ts';
import type { Endpoint, EndpointStatus } from './endpoint.ts';
import { componentOf, isQueryable, labelSetsText, statusOf, storeOf } from './endpoint.ts';

export interface EndpointSpec {
  /** host:port */
  readonly address: string;
  readonly isStrict: boolean;
}

export interface EndpointSetOptions {
  /** Which endpoints there are at this moment. */
  readonly specs: () => readonly EndpointSpec[];
  readonly connect: (address: string) => GrpcClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly infoTimeoutMs: number;
  /** How long one that does not answer is still known. */
  readonly unhealthyTimeoutMs: number;
  /** How long calls on a forgotten endpoint may go on. */
  readonly closeDelayMs: number;
  /** Told after each round. */
  readonly onUpdate: (endpoints: readonly Endpoint[]) => void;
}

const ROUND_MS = 5000;
/** While an endpoint is new and has not answered yet: systems whose parts start together are whole sooner. */
const EARLY_ROUND_MS = 1000;
const NEW_FOR_MS = 30_000;
const INFO = methodPath(Info.method.info);

export class EndpointSet {
  readonly #options: EndpointSetOptions;
  readonly #endpoints = new Map<string, Endpoint>();
  /** Since when each address is listed. */
  readonly #listedMs = new Map<string, number>();
  /** Of forgotten endpoints: closed when their calls have had time to end. */
  readonly #leaving = new Set<GrpcClient>();
  #stores: readonly ProxiedStore[] = [];

  constructor(options: EndpointSetOptions) {
    this.#options = options;
  }

  /** Those that are queried, by address. */
  get queryable(): readonly Endpoint[] {
    return this.#sorted().filter(isQueryable);
  }

  get stores(): readonly ProxiedStore[] {
    return this.#stores;
  }

  /** Component type → endpoints, queried or not, as /api/v1/stores tells it. */
  statuses(): Readonly<Record<string, readonly EndpointStatus[]>> {
    const statuses: Record<string, EndpointStatus[]> = {};
    for (const endpoint of this.#sorted()) {
      const component = componentOf(endpoint);
      (statuses[component] ??= []).push(statusOf(endpoint));
    }
    return statuses;
  }

  /** Rounds until the signal is aborted. The first one is awaited by who calls update() before. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#options.clock.sleep(this.#roundMs(), signal);
      } catch {
        return;
      }
      await this.update(signal);
    }
  }

  #roundMs(): number {
    const nowMs = this.#options.clock.monotonicMs();
    const isAwaited = ([address, listedMs]: [string, number]): boolean =>
      !this.#endpoints.has(address) && nowMs - listedMs < NEW_FOR_MS;
    return [...this.#listedMs].some(isAwaited) ? EARLY_ROUND_MS : ROUND_MS;
  }

  /** One round: looks at the list, asks every endpoint, forgets the lost ones. Never rejects. */
  async update(signal: AbortSignal): Promise<void> {
    const specs = new Map(this.#options.specs().map((spec) => [spec.address, spec]));
    const nowMs = this.#options.clock.monotonicMs();
    for (const address of specs.keys()) {
      if (!this.#listedMs.has(address)) this.#listedMs.set(address, nowMs);
    }
    for (const address of this.#listedMs.keys()) {
      if (!specs.has(address)) this.#listedMs.delete(address);
    }
    await Promise.all([...specs.values()].map((spec) => this.#check(spec, signal)));
    if (signal.aborted) return;
    for (const endpoint of this.#endpoints.values()) {
      const isListed = specs.has(endpoint.address);
      if (!isListed || this.#isLost(endpoint)) this.#forget(endpoint);
    }
    const { queryable } = this;
    this.#stores = queryable.map(storeOf).filter((store) => store !== undefined);
    this.#options.onUpdate(queryable);
  }

  async close(): Promise<void> {
    const clients = [...this.#endpoints.values()].map(({ client }) => client);
    await Promise.all([...clients, ...this.#leaving].map((client) => client.close()));
    this.#endpoints.clear();
    this.#stores = [];
  }

  #sorted(): Endpoint[] {
    return [...this.#endpoints.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  }

  async #check(spec: EndpointSpec, signal: AbortSignal): Promise<void> {
    const { clock, logger, connect } = this.#options;
    const known = this.#endpoints.get(spec.address);
    const endpoint = known ?? {
      ...spec,
      client: connect(spec.address),
      createdMs: clock.monotonicMs(),
      info: undefined,
      lastCheckMs: undefined,
      lastError: undefined,
    };
    await this.#ask(endpoint, signal);
    if (known !== undefined) return;
    if (!isQueryable(endpoint)) {
      await endpoint.client.close();
      return;
    }
    this.#endpoints.set(spec.address, endpoint);
    logger.info(`adding new ${componentOf(endpoint)}`, {
      address: spec.address,
      extLset: labelSetsText(endpoint),
    });
  }

  async #ask(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
    const { clock, logger, infoTimeoutMs: timeoutMs } = this.#options;
    try {
      const request = encodeMessage(InfoRequestSchema, {});
      const answer = await endpoint.client.unary(INFO, request, { signal, timeoutMs });
      endpoint.info = decodeMessage(InfoResponseSchema, answer);
      endpoint.lastCheckMs = clock.nowMs();
      endpoint.lastError = undefined;
    } catch (error) {
      if (signal.aborted) return;
      endpoint.lastError = errorText(error);
      const { address } = endpoint;
      logger.warn('update of endpoint failed', { err: endpoint.lastError, address });
    }
  }

  #isLost({ isStrict, createdMs, lastError, lastCheckMs }: Endpoint): boolean {
    const { clock, unhealthyTimeoutMs } = this.#options;
    if (isStrict || lastError === undefined) return false;
    if (clock.monotonicMs() - createdMs < unhealthyTimeoutMs) return false;
    return clock.nowMs() - (lastCheckMs ?? 0) >= unhealthyTimeoutMs;
  }

  #forget(endpoint: Endpoint): void {
    const { clock, logger, closeDelayMs } = this.#options;
    const { address, client } = endpoint;
    logger.info('removing endpoint because it is unhealthy or no longer listed', {
      address,
      extLset: labelSetsText(endpoint),
    });
    this.#endpoints.delete(address);
    this.#leaving.add(client);
    clock.after(closeDelayMs, () => {
      this.#leaving.delete(client);
      client.close().catch((error: unknown) => {
        logger.warn('cannot close a connection', { address, err: errorText(error) });
      });
    });
  }
}

/** The health service of gRPC (proto/grpc/health.proto): what probes and load balancers ask. */
import { OperationError } from '../base/errors.ts';
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from '../wire/gen/grpc/health_pb.ts';
import { decodeMessage, encodeMessage, methodPath } from '../wire/message.ts';
import type { GrpcServices } from './grpc.ts';

/** Whether the process can serve; a change is told to who watches. */
export class ServingState {
  #isServing: boolean;
  #listeners = new Set<() => void>();

  constructor(isServing: boolean) {
    this.#isServing = isServing;
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  set(isServing: boolean): void {
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    const listeners = this.#listeners;
    this.#listeners = new Set();
    for (const listener of listeners) listener();
  }

  /** Resolves at the next change, or when the signal is aborted. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#listeners.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }
}

/** @param served full names of services ("thanos.Store"); all share the state of the process. */
export function healthMethods(state: ServingState, served: readonly string[]): GrpcServices {
  const names = new Set(['', ...served]);
  const answer = (): Uint8Array =>
    encodeMessage(HealthCheckResponseSchema, {
      status: state.isServing ? Serving.SERVING : Serving.NOT_SERVING,
    });
  return new Map([
    [
      methodPath(Health.method.check),
      {
        kind: 'unary' as const,
        async handle(request) {
          const { service } = decodeMessage(HealthCheckRequestSchema, request);
          if (!names.has(service)) throw new OperationError('not-found', 'unknown service');
          return answer();
        },
      },
    ],
    [
      methodPath(Health.method.watch),
      {
        kind: 'serverStream' as const,
        async *handle(request, { signal }) {
          const { service } = decodeMessage(HealthCheckRequestSchema, request);
          if (!names.has(service)) {
            yield encodeMessage(HealthCheckResponseSchema, { status: Serving.SERVICE_UNKNOWN });
          }
          while (!signal.aborted) {
            if (names.has(service)) yield answer();
            await state.changed(signal);
          }
        },
      },
    ],
  ]);
}

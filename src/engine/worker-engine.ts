/** The main thread's half of the engine: a pool of workers, a gate before them, deadlines and cancellation. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../base/clock.ts';
import { errorText, fromPlainFailure, OperationError, plainFailure } from '../base/errors.ts';
import { Gate } from '../base/gate.ts';
import type { WorkerHost, WorkerPort } from '../base/worker-host.ts';
import type { QueryView } from '../storage/query-view.ts';
import type { Engine, EngineAnswer, EngineRequest } from './engine.ts';
import type { FromWorker, ToWorker, WorkerAnswer } from './protocol.ts';

/** What a worker's storage needs from this thread; buffers in `transfer` move to the worker. */
export interface HostReply {
  readonly value: unknown;
  readonly transfer: readonly ArrayBuffer[];
}

export interface WorkerEngineOptions {
  readonly workerHost: WorkerHost;
  readonly clock: Clock;
  /** Module that calls serveEngine. */
  readonly entry: URL;
  /** Structured-clone data that the entry starts from. */
  readonly startData: unknown;
  readonly workers: number;
  /** Start each worker only when a query finds all others at work: a process that nobody asks stays small. */
  readonly isLazy?: boolean;
  readonly maxConcurrent: number;
  readonly onHostCall: (
    payload: unknown,
    scope: { readonly view: QueryView; readonly signal: AbortSignal },
  ) => Promise<HostReply>;
  /** Takes the buffers of replies back when a query has ended that they were moved for. */
  readonly onReturned?: ((buffers: readonly ArrayBuffer[]) => void) | undefined;
  /** Told when a worker has died and another one was started. */
  readonly onWorkerLost: (error: Error) => void;
}

export interface WorkerEngine extends Engine {
  readonly gate: Gate;
}

interface Running {
  readonly request: EngineRequest;
  readonly signal: AbortSignal;
  readonly settle: PromiseWithResolvers<WorkerAnswer>;
  /** What the worker asks of this thread belongs to whatever asked the query. */
  readonly inContext: ReturnType<typeof AsyncLocalStorage.snapshot>;
}

interface Member {
  readonly port: WorkerPort;
  readonly running: Map<number, Running>;
}

export function createWorkerEngine(options: WorkerEngineOptions): WorkerEngine {
  const { clock } = options;
  const gate = new Gate(options.maxConcurrent);
  const crew = hireCrew(options);
  let nextId = 1;

  const dispatch = async (request: EngineRequest, signal: AbortSignal): Promise<WorkerAnswer> => {
    signal.throwIfAborted(); // it may have come between the gate and here
    const member = crew.idlest();
    const id = nextId++;
    const cancel = new SharedArrayBuffer(4);
    const settle = Promise.withResolvers<WorkerAnswer>();
    const stop = (): void => {
      Atomics.store(new Int32Array(cancel), 0, 1);
      post(member, { kind: 'abort', id });
      settle.reject(signal.reason);
    };
    const inContext = AsyncLocalStorage.snapshot();
    member.running.set(id, { request, signal, settle, inContext });
    post(member, { kind: 'query', id, request, cancel });
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await settle.promise;
    } finally {
      signal.removeEventListener('abort', stop);
      member.running.delete(id);
    }
  };

  return {
    gate,
    async query(request, { signal }): Promise<EngineAnswer> {
      const limits = new AbortController();
      const arrivedMs = clock.monotonicMs();
      const follow = (): void => limits.abort(canceled('was canceled'));
      if (signal.aborted) follow();
      signal.addEventListener('abort', follow, { once: true });
      const unset = clock.after(request.timeoutMs, () => limits.abort(canceled('timed out')));
      try {
        const leave = await gate.enter(limits.signal);
        const queueMs = clock.monotonicMs() - arrivedMs;
        try {
          const answer = await dispatch(request, limits.signal);
          return { ...answer, statistics: { ...answer.statistics, queueMs } };
        } finally {
          leave();
        }
      } finally {
        unset();
        signal.removeEventListener('abort', follow);
      }
    },
    close: () => crew.stop(),
  };
}

interface Crew {
  /** The member with the least to do. */
  idlest(): Member;
  stop(): Promise<void>;
}

/** The workers: one that dies is replaced. */
function hireCrew(options: WorkerEngineOptions): Crew {
  const members: Member[] = [];
  let isClosed = false;
  const hire = (): Member => startMember(options, (member, error) => replace(member, error));
  const replace = (lost: Member, error: Error): void => {
    const place = members.indexOf(lost);
    if (isClosed || place < 0) return;
    options.onWorkerLost(error);
    members[place] = hire();
  };
  if (options.isLazy !== true) {
    for (let i = 0; i < options.workers; i++) members.push(hire());
  }
  return {
    idlest() {
      const isBusy = members.every(({ running }) => running.size > 0);
      if (isBusy && members.length < options.workers) members.push(hire());
      return members.reduce((a, b) => (b.running.size < a.running.size ? b : a));
    },
    async stop() {
      isClosed = true;
      await Promise.all(members.map(({ port }) => port.stop()));
    },
  };
}

function canceled(how: 'was canceled' | 'timed out'): OperationError {
  const kind = how === 'timed out' ? 'timeout' : 'canceled';
  return new OperationError(kind, `query ${how} in expression evaluation`);
}

function startMember(
  options: WorkerEngineOptions,
  onLost: (member: Member, error: Error) => void,
): Member {
  const port = options.workerHost.start(options.entry, options.startData);
  const member: Member = { port, running: new Map() };
  port.onMessage((message) => void receive(options, member, message as FromWorker));
  port.onExit((error) => {
    const cause = error ?? new Error('the worker ended');
    for (const { settle } of member.running.values()) {
      settle.reject(
        new OperationError('internal', `the query's worker died: ${errorText(cause)}`, { cause }),
      );
    }
    onLost(member, cause);
  });
  return member;
}

async function receive(
  options: WorkerEngineOptions,
  member: Member,
  message: FromWorker,
): Promise<void> {
  if (message.kind !== 'call') options.onReturned?.(message.returned);
  switch (message.kind) {
    case 'answer':
      // Nobody waits any more for what was canceled while its answer was on the way.
      member.running.get(message.id)?.settle.resolve(message.answer);
      return;
    case 'failure':
      member.running.get(message.id)?.settle.reject(fromPlainFailure(message.failure));
      return;
    case 'call':
      await replyTo(options, member, message);
  }
}

async function replyTo(
  options: WorkerEngineOptions,
  member: Member,
  { id, callId, payload }: FromWorker & { readonly kind: 'call' },
): Promise<void> {
  const asking = member.running.get(id);
  if (asking === undefined) return;
  try {
    const scope = { view: asking.request.view, signal: asking.signal };
    const { value, transfer } = await asking.inContext(options.onHostCall, payload, scope);
    // Where nobody takes them back, the worker is to let go of them as soon as it can.
    const lent = options.onReturned === undefined ? [] : transfer;
    post(member, { kind: 'reply', callId, value, lent }, transfer);
  } catch (error) {
    post(member, { kind: 'replyFailure', callId, failure: plainFailure(error) });
  }
}

function post(member: Member, message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
  member.port.post(message, transfer);
}

/**
 * What the threads of this process spend their time and memory on, by V8's inspector: CPU profiles and heap snapshots in
 * the formats that the developer tools of Chromium open. Thread 0 is the main one; workers have the numbers that they
 * were started with.
 */
import { Session } from 'node:inspector/promises';
import { getHeapSnapshot } from 'node:v8';
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';

export interface ProfiledThread {
  readonly id: number;
  readonly name: string;
}

export interface CpuProfileOptions {
  readonly thread: number;
  readonly durationMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export async function listThreads(clock: Clock): Promise<readonly ProfiledThread[]> {
  using workers = await attachToWorkers(clock);
  const main: ProfiledThread = { id: 0, name: 'main' };
  return [main, ...[...workers.attached.values()].map(({ thread }) => thread)];
}

/** JSON of a .cpuprofile. Throws OperationError 'not-found' when there is no such thread. */
export async function recordCpuProfile(options: CpuProfileOptions): Promise<string> {
  const { thread, durationMs, clock, signal } = options;
  return await withThread(thread, clock, async (inspector) => {
    await inspector.post('Profiler.enable');
    await inspector.post('Profiler.start');
    try {
      await clock.sleep(durationMs, signal);
      const { profile } = (await inspector.post('Profiler.stop')) as { readonly profile: unknown };
      return JSON.stringify(profile);
    } finally {
      await inspector.post('Profiler.disable');
    }
  });
}

/** JSON of a .heapsnapshot. The thread stands still while V8 walks its heap. */
export async function* takeHeapSnapshot(thread: number, clock: Clock): AsyncGenerator<Uint8Array> {
  if (thread === 0) {
    yield* getHeapSnapshot() as AsyncIterable<Uint8Array>;
    return;
  }
  const chunks = await withThread(thread, clock, async (inspector) => {
    const heard: string[] = [];
    inspector.onEvent((method, params) => {
      if (method === 'HeapProfiler.addHeapSnapshotChunk') heard.push(String(params.chunk));
    });
    await inspector.post('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    return heard;
  });
  for (const chunk of chunks) yield Buffer.from(chunk);
}

/** Workers report themselves one after another, and nothing tells which was the last. */
const ATTACH_MS = 100;

type Parameters = Readonly<Record<string, unknown>>;

interface ThreadInspector {
  /** Resolves to the result of a method of the inspector's protocol. */
  post(method: string, params?: Parameters): Promise<unknown>;
  onEvent(listener: (method: string, params: Parameters) => void): void;
}

async function withThread<T>(
  thread: number,
  clock: Clock,
  work: (inspector: ThreadInspector) => Promise<T>,
): Promise<T> {
  if (thread === 0) {
    using main = connect();
    return await work({
      post: (method, params) => main.session.post(method, params),
      onEvent: () => undefined, // nothing of the main thread is heard by events
    });
  }
  using workers = await attachToWorkers(clock);
  const worker = workers.attached.get(thread);
  if (worker === undefined) {
    throw new OperationError('not-found', `cannot profile thread ${thread}: there is none`);
  }
  return await work(worker.inspector);
}

interface Attached {
  readonly thread: ProfiledThread;
  readonly inspector: ThreadInspector;
}

interface AttachedWorkers extends Disposable {
  readonly attached: ReadonlyMap<number, Attached>;
}

function connect(): Disposable & { readonly session: Session } {
  const session = new Session();
  session.connect();
  return { session, [Symbol.dispose]: () => session.disconnect() };
}

async function attachToWorkers(clock: Clock): Promise<AttachedWorkers> {
  const { session, [Symbol.dispose]: disconnect } = connect();
  const attached = new Map<number, Attached>();
  const receivers = new Map<string, (message: string) => void>();
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
    // Its own number counts from 1 in each session; the thread's is in the title: "[worker 2] name".
    const [, number = '', name = ''] = /^\[worker (\d+)\] ?(.*)$/.exec(workerInfo.title) ?? [];
    const id = Number(number || workerInfo.workerId);
    const { inspector, receive } = workerInspector(session, sessionId);
    receivers.set(sessionId, receive);
    attached.set(id, { thread: { id, name: name || workerInfo.title }, inspector });
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
    receivers.get(sessionId)?.(message);
  });
  session.on('NodeWorker.detachedFromWorker', ({ params: { sessionId } }) => {
    receivers.get(sessionId)?.('{"gone":true}');
  });
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  await clock.sleep(ATTACH_MS);
  return { attached, [Symbol.dispose]: disconnect };
}

interface WorkerMessage {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: Parameters;
  /** Ours: the worker has ended. */
  readonly gone?: boolean;
}

function workerInspector(
  session: Session,
  sessionId: string,
): { readonly inspector: ThreadInspector; readonly receive: (message: string) => void } {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let hear: (method: string, params: Parameters) => void = () => undefined;
  let lastId = 0;
  const receive = (text: string): void => {
    const { id = 0, result, error, method, params = {}, gone } = JSON.parse(text) as WorkerMessage;
    if (method !== undefined) hear(method, params);
    const failure = gone === true ? 'the thread has ended' : error?.message;
    const heard = gone === true ? [...waiting.values()] : [waiting.get(id)];
    for (const settle of heard) {
      if (failure === undefined) settle?.resolve(result);
      else settle?.reject(new OperationError('internal', `cannot profile: ${failure}`));
    }
  };
  const inspector: ThreadInspector = {
    async post(method, params = {}) {
      const id = ++lastId;
      const settle = Promise.withResolvers<unknown>();
      waiting.set(id, settle);
      const message = JSON.stringify({ id, method, params });
      await session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
      return await settle.promise.finally(() => waiting.delete(id));
    },
    onEvent: (listener) => {
      hear = listener;
    },
  };
  return { inspector, receive };
}

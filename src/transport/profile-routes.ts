/**
 * /debug/pprof: what a component spends its time and memory on. The paths are those of Go's programs; the answers open in
 * Chromium's developer tools (Performance and Memory).
 */
import type { Clock } from '../base/clock.ts';
import { OperationError } from '../base/errors.ts';
import { listThreads, recordCpuProfile, takeHeapSnapshot } from '../telemetry/profiler.ts';
import { type HttpAnswer, type HttpRequest, type HttpRoute, textAnswer } from './http-route.ts';

const SECONDS_INITIAL = 30;
const SECONDS_MAX = 600;
/** host:port of a client on this machine. */
const LOOPBACK = /^(127\.|::ffff:127\.|::1:)/;
const HELP = `/debug/pprof/profile?seconds=${SECONDS_INITIAL}&thread=0  CPU profile (.cpuprofile)
/debug/pprof/heap?thread=0                Heap snapshot (.heapsnapshot), for clients on this machine
`;

export function profileRoutes(clock: Clock): readonly HttpRoute[] {
  let isBusy = false;
  /** A thread has one profiler. */
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isBusy) {
      throw new OperationError('unavailable', 'cannot profile: another profile is being taken');
    }
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
    }
  };
  return [
    { methods: ['GET'], path: '/debug/pprof/', handle: () => index(clock) },
    {
      methods: ['GET'],
      path: '/debug/pprof/profile',
      handle: (request) => alone(() => cpuProfile(request, clock)),
    },
    {
      methods: ['GET'],
      path: '/debug/pprof/heap',
      handle: (request) => heapSnapshot(request, clock),
    },
  ];
}

async function index(clock: Clock): Promise<HttpAnswer> {
  const threads = (await listThreads(clock)).map(({ id, name }) => `  ${id}  ${name}\n`);
  return textAnswer(200, `${HELP}\nThreads:\n${threads.join('')}`);
}

async function cpuProfile({ query, signal }: HttpRequest, clock: Clock): Promise<HttpAnswer> {
  const seconds = wholeNumber(query, 'seconds', SECONDS_INITIAL);
  if (seconds < 1 || seconds > SECONDS_MAX) {
    throw new OperationError('bad-data', `seconds must be from 1 to ${SECONDS_MAX}`);
  }
  const thread = wholeNumber(query, 'thread', 0);
  const body = await recordCpuProfile({ thread, durationMs: seconds * 1000, clock, signal });
  return attachment(`thread-${thread}.cpuprofile`, body);
}

/** A snapshot holds every string in memory, passwords too: it does not leave the machine. */
function heapSnapshot({ query, headers, peer }: HttpRequest, clock: Clock): HttpAnswer {
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  if (isForwarded || !LOOPBACK.test(peer)) {
    return textAnswer(403, 'heap snapshots hold secrets: they are for clients on this machine\n');
  }
  const thread = wholeNumber(query, 'thread', 0);
  return attachment(`thread-${thread}.heapsnapshot`, takeHeapSnapshot(thread, clock));
}

function attachment(name: string, body: string | AsyncIterable<Uint8Array>): HttpAnswer {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${name}"`,
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, headers, body };
}

function wholeNumber(query: URLSearchParams, name: string, initial: number): number {
  const text = query.get(name) ?? '';
  if (text === '') return initial;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new OperationError(
    'bad-data',
    `${name} must be a whole number, not ${JSON.stringify(text)}`,
  );
}

/** A stream of gRPC messages from server to client over the loopback, both in one process, beside grpc-js. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { processCpuMs } from '../cpu-time.ts';
import type { Size } from '../data-set.ts';
import type { Contest, Row, Side } from '../row.ts';

/** Bytes of a message: of a few series, of a batch of series, of a batch of long ones. */
const MESSAGE_BYTES: Readonly<Record<Size, number>> = { s: 4096, m: 65_536, l: 1_048_576 };
const TOTAL_BYTES = 1 << 28;

export const grpcSeriesRow: Row = {
  name: 'grpc-series',
  unit: 'ms CPU/GB',
  floor: 1,
  goal: 3,
  sizes: ['s', 'm', 'l'],
  open: async (_bench, size, stack) => [await openContest(MESSAGE_BYTES[size], stack)],
};

async function openContest(messageBytes: number, stack: AsyncDisposableStack): Promise<Contest> {
  return {
    variant: `${messageBytes >> 10} KiB`,
    work: TOTAL_BYTES,
    ours: await startSide('tsanos', messageBytes, stack),
    peer: await startSide('grpc-js', messageBytes, stack),
    compare: async () =>
      `${TOTAL_BYTES >> 20} MiB in messages of ${messageBytes} bytes arrive whole`,
  };
}

async function startSide(
  implementation: 'tsanos' | 'grpc-js',
  messageBytes: number,
  stack: AsyncDisposableStack,
): Promise<Side> {
  const program = new URL('../grpc-peer.ts', import.meta.url);
  const child = fork(program, [implementation, String(messageBytes)], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  stack.defer(async () => {
    child.kill();
    await ended;
  });
  const answer = async (): Promise<void> => {
    const [first] = await Promise.race([once(child, 'message'), ended]);
    if (typeof first !== 'string') throw new Error(`gRPC by ${implementation} ended with ${first}`);
  };
  await answer();
  return {
    kind: 'measured',
    label: implementation === 'tsanos' ? 'gRPC of tsanos' : `@grpc/grpc-js ${peerVersion()}`,
    scale: 1e9 / TOTAL_BYTES,
    cpuMs: () => processCpuMs(child.pid ?? 0),
    run: async () => {
      const arrived = answer();
      child.send(TOTAL_BYTES / messageBytes);
      await arrived;
    },
  };
}

function peerVersion(): string {
  const path = new URL('../../node_modules/@grpc/grpc-js/package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { OperationError } from '../base/errors.ts';
import type { FileSystem } from '../base/file-system.ts';
import { silentLogger } from '../telemetry/logger.ts';
import type { HttpAnswer, HttpRequest } from '../transport/http-route.ts';
import type { ComponentSpec, ComponentState } from './component.ts';
import { systemRoute, writeSystemState } from './system-state.ts';

const SPEC: ComponentSpec = {
  name: 'sidecar-a',
  kind: 'sidecar',
  reads: ['prometheus-a'],
  file: 'node',
  args: ['--secret'],
  addresses: [{ protocol: 'gRPC', hostPort: '127.0.0.1:19191' }],
  readyUrl: 'http://127.0.0.1:1/-/ready',
};

const READY: ComponentState = {
  phase: 'ready',
  pid: 4711,
  restarts: 1,
  reason: '',
  sinceMs: 2000,
  lastEnd: { reason: 'ended by SIGKILL', timeMs: 1000 },
};

/** Files in memory that fail when they are told to. */
function memoryFiles(): { readonly files: FileSystem; fault: Error | undefined } {
  const contents = new Map<string, Uint8Array>();
  const memory: { files: FileSystem; fault: Error | undefined } = {
    fault: undefined,
    files: {
      writeFileAtomic(path: string, bytes: Uint8Array) {
        if (memory.fault !== undefined) throw memory.fault;
        contents.set(path, bytes);
      },
      readFile(path: string) {
        const bytes = contents.get(path);
        if (bytes === undefined) throw new OperationError('not-found', `cannot read ${path}`);
        return bytes;
      },
    } as unknown as FileSystem,
  };
  return memory;
}

async function ask(path: string | undefined, files: FileSystem) {
  const answer: HttpAnswer = await systemRoute(path, files).handle({} as HttpRequest);
  return { status: answer.status, body: JSON.parse(String(answer.body)) };
}

test('the entry answers what the supervisor wrote, without command lines', async () => {
  const { files } = memoryFiles();
  writeSystemState('d/system.json', [{ spec: SPEC, state: READY }], {
    files,
    logger: silentLogger,
  });
  assert.deepEqual(await ask('d/system.json', files), {
    status: 200,
    body: {
      status: 'success',
      data: {
        components: [
          {
            name: 'sidecar-a',
            kind: 'sidecar',
            state: 'ready',
            since: '1970-01-01T00:00:02.000Z',
            restarts: 1,
            pid: 4711,
            addresses: [{ protocol: 'gRPC', address: '127.0.0.1:19191' }],
            reads: ['prometheus-a'],
            lastError: 'ended by SIGKILL',
            lastErrorTime: '1970-01-01T00:00:01.000Z',
          },
        ],
      },
    },
  });
});

test('of what is not ready the present reason counts', async () => {
  const { files } = memoryFiles();
  const state = { ...READY, phase: 'not ready' as const, reason: '503 no querier is up' };
  writeSystemState('f', [{ spec: SPEC, state }], { files, logger: silentLogger });
  const { body } = await ask('f', files);
  const [{ lastError, lastErrorTime }] = body.data.components;
  assert.deepEqual(
    [lastError, lastErrorTime],
    ['503 no querier is up', '1970-01-01T00:00:02.000Z'],
  );
});

test('an entry without a supervisor says so', async () => {
  const { files } = memoryFiles();
  const alone = await ask(undefined, files);
  assert.deepEqual([alone.status, alone.body.errorType], [404, 'not_found']);
  assert.match(alone.body.error, /tsanos up/);
  const early = await ask('not/there', files);
  assert.deepEqual([early.status, early.body.error], [404, 'cannot read not/there']);
});

test('a full disk does not end the supervisor', () => {
  const memory = memoryFiles();
  memory.fault = new OperationError('unavailable', 'no space left');
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  writeSystemState('f', [], { files: memory.files, logger });
  assert.deepEqual(warnings, ['cannot tell the state of the system']);
});

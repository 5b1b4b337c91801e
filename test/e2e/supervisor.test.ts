import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gone, isAlive } from './local-system.ts';
import { freePort } from './real-programs.ts';

interface Line {
  readonly name?: string;
  readonly phase?: string;
  readonly pid?: number;
  readonly line?: string;
  readonly guardian?: number;
  readonly error?: string;
}

class Run implements AsyncDisposable {
  readonly lines: Line[] = [];
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;

  constructor(directory: string, ports: readonly number[]) {
    const program = fileURLToPath(new URL('./supervise.ts', import.meta.url));
    this.child = spawn(process.execPath, [program, directory, ...ports.map(String)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.ended = once(this.child, 'close');
    const output = this.child.stdout ?? assert.fail();
    createInterface(output).on('line', (line) => this.lines.push(JSON.parse(line) as Line));
  }

  async until(holds: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(holds);
      if (found !== undefined) return found;
      await sleep(10);
    }
  }

  async bothReady(): Promise<number[]> {
    const isReady = (name: string) => (line: Line) => line.name === name && line.phase === 'ready';
    const lines = [await this.until(isReady('fake-1')), await this.until(isReady('fake-2'))];
    return lines.map(({ pid }) => pid ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
  }
}

async function scratch() {
  const directory = mkdtempSync(join(tmpdir(), 'supervisor-'));
  return {
    directory,
    ports: [await freePort(), await freePort()],
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

test('a killed component is started again, and a stop ends all in reverse order', async () => {
  using place = await scratch();
  const run = new Run(place.directory, place.ports);
  const [first] = await run.bothReady();
  process.kill(first, 'SIGKILL');
  const again = await run.until(
    ({ name, phase, pid }) => name === 'fake-1' && phase === 'ready' && pid !== first,
  );
  await run[Symbol.asyncDispose]();
  await gone(again.pid ?? 0);
  const stops = run.lines.filter(({ phase }) => phase === 'stopped').map(({ name }) => name);
  assert.deepEqual(stops, ['fake-2', 'fake-1']);
  assert.match(readFileSync(`${place.directory}/logs/fake-2.log`, 'utf8'), /hello\n.*bye\n/);
  assert.equal(existsSync(`${place.directory}/up.lock`), false);
});

test('when the supervisor is killed its components end, and the next start is clean', async () => {
  using place = await scratch();
  const run = new Run(place.directory, place.ports);
  const pids = await run.bothReady();
  const { guardian } = await run.until((line) => line.guardian !== undefined);
  run.child.kill('SIGKILL');
  await gone(...pids, guardian ?? 0);
  await run.ended;
  await using next = new Run(place.directory, place.ports);
  await next.bothReady();
});

test('when the guardian is killed too, the next start ends what is left', async () => {
  using place = await scratch();
  const run = new Run(place.directory, place.ports);
  const pids = await run.bothReady();
  const { guardian } = await run.until((line) => line.guardian !== undefined);
  process.kill(guardian ?? 0, 'SIGKILL');
  run.child.kill('SIGKILL');
  await run.ended;
  assert.ok(pids.every(isAlive), 'nobody ended them');
  await using next = new Run(place.directory, place.ports);
  await next.bothReady();
  assert.ok(!pids.some(isAlive));
});

test('a killed guardian is replaced and still knows everybody', async () => {
  using place = await scratch();
  const run = new Run(place.directory, place.ports);
  const pids = await run.bothReady();
  const { guardian } = await run.until((line) => line.guardian !== undefined);
  process.kill(guardian ?? 0, 'SIGKILL');
  await sleep(1500); // its successor comes after a second
  run.child.kill('SIGKILL');
  await gone(...pids);
  await run.ended;
});

test('a second supervisor on the same directory is refused', async () => {
  using place = await scratch();
  await using run = new Run(place.directory, place.ports);
  await run.bothReady();
  const second = new Run(place.directory, [await freePort(), await freePort()]);
  const { error } = await second.until((line) => line.error !== undefined);
  assert.match(error ?? '', new RegExp(`process ${run.child.pid} runs a system there`));
  await second.ended;
});

test('a taken port is an error that names it before anything starts', async () => {
  using place = await scratch();
  const taken = createServer().listen(place.ports[1], '127.0.0.1');
  await once(taken, 'listening');
  const run = new Run(place.directory, place.ports);
  const { error } = await run.until((line) => line.error !== undefined);
  taken.close();
  await run.ended;
  assert.match(
    error ?? '',
    new RegExp(
      `cannot listen on 127.0.0.1:${place.ports[1]} for fake-2 \\(HTTP\\): the port is taken; .*--port-offset`,
    ),
  );
  assert.equal(run.lines.length, 1);
});

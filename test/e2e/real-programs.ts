/** Starts real programs for whole-system tests: Prometheus of this machine, and our own commands. */
import { strict as assert } from 'node:assert';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Program extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** Resolves to the exit status. */
  readonly ended: Promise<number>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export function startProgram(file: string, args: readonly string[], url: string): Program {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
  }
  const ended = once(child, 'close').then(([code]) => Number(code ?? -1));
  return {
    url,
    child,
    ended,
    output: () => text,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Waits for a 200 of /-/ready; fails with the program's output when it ends before. */
export async function ready(program: Program): Promise<Program> {
  for (;;) {
    assert.equal(program.child.exitCode, null, program.output());
    const answer = await fetch(`${program.url}/-/ready`).catch(() => undefined);
    if (answer?.status === 200) return program;
    await sleep(50);
  }
}

export interface PrometheusSetup {
  /** Holds blocks already, or is new. */
  readonly dataPath: string;
  /** YAML of the whole configuration. */
  readonly config: string;
  readonly port?: number;
  readonly flags?: readonly string[];
}

export async function startPrometheus({
  dataPath,
  config,
  port,
  flags = [],
}: PrometheusSetup): Promise<Program> {
  const configPath = join(dataPath, '..', `prometheus-${await freePort()}.yml`);
  writeFileSync(configPath, config);
  const address = `127.0.0.1:${port ?? (await freePort())}`;
  const args = [
    `--config.file=${configPath}`,
    `--storage.tsdb.path=${dataPath}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=${address}`,
    '--log.level=warn',
    ...flags,
  ];
  return ready(startProgram('prometheus', args, `http://${address}`));
}

/** Our own Prometheus, ready. */
export async function startOwnPrometheus({
  dataPath,
  config,
  port,
  flags = [],
}: PrometheusSetup): Promise<Program> {
  const configPath = join(dataPath, '..', `own-${await freePort()}.yml`);
  writeFileSync(configPath, config);
  const main = fileURLToPath(new URL('../../src/cmd/main.ts', import.meta.url));
  const address = `127.0.0.1:${port ?? (await freePort())}`;
  const args = [
    `--config.file=${configPath}`,
    `--storage.tsdb.path=${dataPath}`,
    `--web.listen-address=${address}`,
    ...flags,
  ];
  return ready(startProgram(process.execPath, [main, 'prometheus', ...args], `http://${address}`));
}

/** One of our commands; `url` is its HTTP server's. */
export async function startCommand(command: string, args: readonly string[]): Promise<Program> {
  const main = fileURLToPath(new URL('../../src/cmd/main.ts', import.meta.url));
  const http = `127.0.0.1:${await freePort()}`;
  const all = [main, command, `--http-address=${http}`, ...args];
  return startProgram(process.execPath, all, `http://${http}`);
}

/** Makes blocks of OpenMetrics text by promtool; returns the data directory. */
export function createBlocks(folder: string, openMetrics: string): string {
  const textPath = join(folder, 'samples.om');
  const dataPath = join(folder, 'data');
  writeFileSync(textPath, openMetrics);
  mkdirSync(dataPath, { recursive: true });
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', textPath, dataPath], {
    stdio: 'pipe',
  });
  return dataPath;
}

export interface Folder extends Disposable {
  readonly path: string;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'tsanos-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

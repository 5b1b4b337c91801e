/** Servers that answer queries over the same blocks: the peer and us, each a process of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processCpuMs } from './cpu-time.ts';

export interface Server extends AsyncDisposable {
  /** Name, version and flags, as printed with the table. */
  readonly label: string;
  readonly url: string;
  cpuMs(): number;
}

export interface Receiver extends Server {
  readonly pid: number;
  /** Sends a remote write request, snappy and all. */
  post(body: Uint8Array<ArrayBuffer>): Promise<void>;
}

const READY_TIMEOUT_MS = 120_000;

/** The peer over a copy of a data directory: it must not touch ours. */
export async function startPrometheus(
  binary: string,
  data: string,
  config: string = 'global: {}\n',
): Promise<Server> {
  const flags = [
    '--storage.tsdb.retention.time=100y',
    '--storage.tsdb.min-block-duration=24h',
    '--storage.tsdb.max-block-duration=24h',
    '--query.max-samples=1000000000',
  ];
  const label = `prometheus ${versionOf(binary)} ${flags.join(' ')}`;
  return startOverCopy({ program: [binary], data, config, flags, label });
}

/** Our counterpart of it, over a copy as well. */
export async function startOwnPrometheus(
  data: string,
  config: string = 'global: {}\n',
): Promise<Server> {
  const main = new URL('../src/cmd/main.ts', import.meta.url).pathname;
  const program = [process.execPath, main, 'prometheus'];
  const flags = ['--storage.tsdb.retention.time=100y'];
  const label = `tsanos prometheus ${flags.join(' ')}`;
  return startOverCopy({ program, data, config, flags, label });
}

interface CopyOptions {
  readonly program: readonly string[];
  readonly data: string;
  readonly config: string;
  readonly flags: readonly string[];
  readonly label: string;
}

async function startOverCopy(options: CopyOptions): Promise<Server> {
  const { data, config, flags, label } = options;
  const [file, ...words] = options.program as readonly [string, ...string[]];
  const directory = mkdtempSync(join(tmpdir(), 'bench-prometheus-'));
  const storage = join(directory, 'data');
  cpSync(data, storage, { recursive: true });
  const configPath = join(directory, 'prometheus.yml');
  writeFileSync(configPath, config);
  const port = await freePort();
  const args = [
    ...words,
    ...flags,
    `--config.file=${configPath}`,
    `--storage.tsdb.path=${storage}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return startedServer({ child, label, port, directory });
}

/** The peer, empty, as a receiver of remote write. */
export async function startReceiver(binary: string): Promise<Receiver> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-prometheus-'));
  const configPath = join(directory, 'prometheus.yml');
  writeFileSync(configPath, 'global: {}\n');
  const port = await freePort();
  const flags = ['--web.enable-remote-write-receiver'];
  const own = [
    `--config.file=${configPath}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn(binary, [...flags, ...own], { stdio: ['ignore', 'ignore', 'pipe'] });
  const label = `prometheus ${versionOf(binary)} ${flags.join(' ')}`;
  const server = await startedServer({ child, label, port, directory });
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  return {
    ...server,
    pid: child.pid ?? 0,
    async post(body) {
      const request = { method: 'POST', headers, body };
      const { ok, status } = await fetch(`${server.url}/api/v1/write`, request);
      if (!ok) throw new Error(`${label} answers a write with ${status}`);
    },
  };
}

function versionOf(binary: string): string | undefined {
  return /version (\S+)/.exec(execFileSync(binary, ['--version'], { encoding: 'utf8' }))?.[1];
}

/** Our querier over a directory of blocks. */
export async function startTsanos(blocks: string, flags: readonly string[]): Promise<Server> {
  const own = [`--block-dir=${blocks}`, '--query.max-samples=1000000000', ...flags];
  return startCommand('query', own, ['tsanos query --block-dir', ...flags].join(' '));
}

/** One of our commands that serves HTTP. */
export async function startCommand(
  command: string,
  flags: readonly string[],
  label: string,
): Promise<Server> {
  const main = new URL('../src/cmd/main.ts', import.meta.url).pathname;
  const port = await freePort();
  const args = [main, command, `--http-address=127.0.0.1:${port}`, ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return startedServer({ child, label, port, directory: undefined });
}

/** A port that nobody listens on, chosen by the system, which does not give it out again soon. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

interface Starting {
  readonly child: ChildProcess;
  readonly label: string;
  readonly port: number;
  /** Removed when the server is stopped. */
  readonly directory: string | undefined;
}

async function startedServer({ child, label, port, directory }: Starting): Promise<Server> {
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => (errors = (errors + text).slice(-4000)));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  };
  const end = Date.now() + READY_TIMEOUT_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || Date.now() > end) {
      await stop();
      throw new Error(`${label} did not get ready on port ${port}:\n${errors}`);
    }
    await delay(50);
  }
  const { pid } = child;
  if (pid === undefined) throw new Error(`${label} has no process`);
  return { label, url, cpuMs: () => processCpuMs(pid), [Symbol.asyncDispose]: stop };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/-/ready`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** The values of an instant query at the server's present, in the order of the answer. */
export async function queryValues(url: string, query: string): Promise<readonly number[]> {
  const body = await fetchBody(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = JSON.parse(body.toString()) as {
    readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
  };
  return data.result.map(({ value }) => Number(value[1]));
}

/** Body of an answer, which must have status 200. Asks for no compression. */
export function fetchBody(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'identity' } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () => {
        const body = Buffer.concat(pieces);
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url}: ${response.statusCode} ${body.subarray(0, 1000)}`));
      });
    }).once('error', reject);
  });
}

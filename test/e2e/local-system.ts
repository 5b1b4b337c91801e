/** Starts `tsanos up` on ports and in a directory of its own, and asks its entry. */
import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface Envelope {
  readonly status: string;
  readonly data?: { readonly result: readonly Series[] };
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

export interface LocalSystemOptions {
  readonly portOffset?: number;
  /** File and first arguments of the program. Default: that of this checkout. */
  readonly program?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** More flags of `up`. */
  readonly flags?: readonly string[];
}

export class LocalSystem implements AsyncDisposable {
  readonly portOffset: number;
  readonly directory: string = mkdtempSync(join(tmpdir(), 'up-'));
  readonly url: string;
  readonly #options: LocalSystemOptions;
  #child: ChildProcess | undefined;
  #output = '';

  /** All ports stay below those that the kernel gives to outgoing connections. */
  constructor(options: LocalSystemOptions = {}) {
    this.#options = options;
    this.portOffset = options.portOffset ?? 1000 + Math.floor(Math.random() * 11_000);
    this.url = `http://127.0.0.1:${9090 + this.portOffset}`;
  }

  start(): void {
    const {
      program: [file, ...first] = [process.execPath, 'bin/tsanos.mjs'],
      environment = process.env,
      flags = [],
    } = this.#options;
    const own = [`--data-dir=${this.directory}`, `--port-offset=${this.portOffset}`];
    const child = spawn(file, [...first, 'up', ...own, ...flags], { env: environment });
    const collect = (text: Buffer): void => {
      this.#output += text.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    this.#child = child;
  }

  /** Where a component answers HTTP. */
  urlOf(name: string): string {
    return `http://127.0.0.1:${PORTS[name] + this.portOffset}`;
  }

  get pid(): number {
    return this.#child?.pid ?? assert.fail('not started');
  }

  /** Everything that the supervisor has printed. */
  get output(): string {
    return this.#output;
  }

  /** Waits until the table of components was printed with all of them ready. */
  async ready(): Promise<void> {
    while (!this.#output.includes('in a browser')) {
      if (this.#child?.exitCode !== null) assert.fail(`the system ended: ${this.#output}`);
      await sleep(50);
    }
  }

  /** Process ids by component. */
  pids(): ReadonlyMap<string, number> {
    const pids = new Map<string, number>();
    for (const name of Object.keys(PORTS)) {
      const pid = this.pidOf(name);
      if (pid !== undefined) pids.set(name, pid);
    }
    return pids;
  }

  /** The living process of a component, found by its address on its command line. */
  pidOf(name: string): number | undefined {
    const address = `=127.0.0.1:${PORTS[name] + this.portOffset}`;
    return children(this.pid).find((pid) => commandLine(pid).includes(address));
  }

  /** Whether the component itself says that it is ready. */
  async isReady(name: string): Promise<boolean> {
    const url = `${this.urlOf(name)}/-/ready`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    return answer?.status === 200;
  }

  /** Asks a component's API, by default the entry's. */
  async ask(
    path: string,
    parameters: Readonly<Record<string, string>>,
    name = 'entry',
  ): Promise<readonly Series[]> {
    const url = `${this.urlOf(name)}/api/v1/${path}?${new URLSearchParams(parameters)}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    const envelope = JSON.parse(text) as Envelope;
    assert.equal(envelope.status, 'success', `${url}: ${text}`);
    return envelope.data?.result ?? [];
  }

  /** Asks again until the answer satisfies, for as long as the test may run. */
  async until(
    parameters: Readonly<Record<string, string>>,
    satisfies: (result: readonly Series[]) => boolean,
  ): Promise<void> {
    for (;;) {
      const result = await this.ask('query', parameters).catch(() => undefined);
      if (result !== undefined && satisfies(result)) return;
      await sleep(200);
    }
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGTERM');
    rmSync(this.directory, { recursive: true });
  }
}

const PORTS: Readonly<Record<string, number>> = {
  'prometheus-a': 19090,
  'prometheus-b': 19290,
  'sidecar-a': 19181,
  'sidecar-b': 19183,
  'query-a': 19192,
  'query-b': 19194,
  entry: 9090,
};

function children(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function commandLine(pid: number): string {
  return existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
}

export function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/\) [ZX] /.test(readFileSync(path, 'utf8'));
}

export async function gone(...pids: readonly number[]): Promise<void> {
  while (pids.some(isAlive)) await sleep(20);
}

/** Memory that would be free without the process: its share of what it shares counts in part. */
export function pssBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s*(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
}

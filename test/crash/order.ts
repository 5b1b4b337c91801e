/** What the parent asks of a child, and what it learns from what the child tells. */
import { spawn } from 'node:child_process';
import type { Fate } from './fatal-files.ts';
import type { Phase } from './phases.ts';
import type { Deletion, Expectation, Finding } from './workload.ts';

export interface Order {
  readonly directory: string;
  readonly seed: number;
  readonly expected: Expectation;
  /** How many it is to add. */
  readonly batches: number;
  readonly fate: Fate;
  /** The log is not compressed. */
  readonly isPlain: boolean;
}

export interface Life {
  /** Undefined when it was killed before it had looked. */
  readonly finding: Finding | undefined;
  readonly expected: Expectation;
  readonly wasKilled: boolean;
  /** Undefined unless it came to an end by itself. */
  readonly operations: Readonly<Partial<Record<Phase, number>>> | undefined;
  /** What it warned of. */
  readonly troubles: readonly string[];
  /** Why it gave up. */
  readonly failure: string | undefined;
}

/** Longest life of a child. */
const LIFE_MS = 60_000;

export async function live(order: Order): Promise<Life> {
  const path = new URL('./child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [path, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (part) => (output += part));
  child.stderr.on('data', (part) => (errors += part));
  const timer = setTimeout(() => child.kill('SIGTERM'), LIFE_MS);
  const { promise, resolve } = Promise.withResolvers<[number | null, string | null]>();
  child.on('close', (code, signal) => resolve([code, signal]));
  const [code, signal] = await promise;
  clearTimeout(timer);
  // A line that was not completed was not told.
  const lines = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  const told = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const wasKilled = signal === 'SIGKILL';
  const isOwnEnd = wasKilled && order.fate.death !== undefined;
  const [finding] = told('finding');
  const [operations] = told('operations');
  return {
    finding: finding === undefined ? undefined : (JSON.parse(finding) as Finding),
    expected: expectation(order.expected, told),
    wasKilled,
    operations: operations === undefined ? undefined : JSON.parse(operations),
    troubles: told('trouble'),
    failure: isOwnEnd || code === 0 ? undefined : `exit ${code ?? signal}: ${errors}`,
  };
}

/** What must be there after the life: what the child has told of before its end. */
function expectation(before: Expectation, told: (word: string) => readonly string[]): Expectation {
  const begun = told('deleting').map((text) => JSON.parse(text) as Deletion);
  const done = told('deleted').length;
  // One that was under way in the life before is done again first.
  const unsure = begun.length === 0 ? before.unsure : begun[done];
  return {
    acknowledged: Math.max(before.acknowledged, ...told('acknowledged').map((n) => Number(n) + 1)),
    deleted: [...before.deleted, ...begun.slice(0, done)],
    unsure,
  };
}
